package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// unsharded is what Flux's own controllers look at, as bp-flux tells them.
const unsharded = "--watch-label-selector=!sharding.fluxcd.io/key"

var (
	releaseResource       = schema.GroupVersionResource{Group: "helm.toolkit.fluxcd.io", Version: "v2", Resource: "helmreleases"}
	kustomizationResource = schema.GroupVersionResource{Group: "kustomize.toolkit.fluxcd.io", Version: "v1", Resource: "kustomizations"}
	repositoryResource    = schema.GroupVersionResource{Group: "source.toolkit.fluxcd.io", Version: "v1", Resource: "gitrepositories"}
)

// region is one region of a Sovereign with a cluster that Flux fills from a repository.
type region struct {
	lab     *laboratory
	name    string
	cluster *cluster
	outside *outside
	// repository is a work tree of Git, root the directory of the Sovereign in it.
	repository, root string
	platform         *definitions
	// repositories are those of charts that releases bring, by the release.
	repositories map[string][][2]string
	cancel       context.CancelFunc
	moments      *moments
}

// begin makes a cluster for a region, with the Secrets that `sovereign secrets` lists, and Flux, and gives it the objects to begin with.
func (l *laboratory) begin(ctx context.Context, name, repository, manifest string) (*region, error) {
	root, err := root(repository)
	if err != nil {
		return nil, err
	}
	directory := l.fresh("cluster-" + name)
	c, err := newCluster(ctx, l.binaries, directory, l.outside)
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	r := &region{lab: l, name: name, cluster: c, repository: repository, root: root, cancel: cancel}
	if err := r.prepare(inner, manifest); err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

// stop ends the cluster and all that works on it.
func (r *region) stop() {
	r.cancel()
	r.cluster.stop()
	if r.outside != nil {
		r.outside.stop()
	}
}

func (r *region) prepare(ctx context.Context, manifest string) error {
	// Of all trees, since an edit brings kinds and charts that the region does not have yet.
	objects, err := readObjects(filepath.Join(r.lab.repository, "golden"))
	if err != nil {
		return err
	}
	r.repositories = brought(objects)
	if r.platform, err = platformDefinitions(ctx, r.lab.sources, r.lab.schemas, r.cluster.discovery, objects); err != nil {
		return err
	}
	address := "127.0.0.1:0"
	if r.lab.outside != "" {
		address = net.JoinHostPort("", outsidePort)
	}
	if r.outside, err = newOutside(r.cluster.directory, filepath.Join(r.repository, ".git"), address, newCharts()); err != nil {
		return err
	}
	if err := r.stock(""); err != nil {
		return err
	}
	if r.lab.outside == "" {
		flux, err := fluxDefinitions(ctx, r.lab.sources, r.lab.cache, "flux-2.9")
		if err != nil {
			return err
		}
		if err := r.cluster.define(ctx, flux); err != nil {
			return err
		}
	}
	begin, err := os.ReadFile(filepath.Join(r.root, "infrastructure", r.name, "bootstrap.yml"))
	if err != nil {
		return err
	}
	first, err := documents(begin)
	if err != nil {
		return err
	}
	if err := r.cluster.apply(ctx, first[:1]); err != nil {
		return err
	}
	if err := r.secrets(ctx, manifest); err != nil {
		return err
	}
	start := r.controllers
	if r.lab.outside != "" {
		start = r.redirect
	}
	if err := start(ctx); err != nil {
		return err
	}
	r.moments = watch(ctx, r.cluster)
	go r.act(ctx)
	return r.cluster.apply(ctx, first[1:])
}

// stock puts every chart that the tree names into the registry, but the one that is `lacking`, with the definitions that its kit says
// it brings.
func (r *region) stock(lacking string) error {
	objects, err := ofRegion(r.root, r.name)
	if err != nil {
		return err
	}
	kits, err := readKits(filepath.Join(r.lab.repository, "kits"))
	if err != nil {
		return err
	}
	made := map[string]bool{"default": true, "kube-system": true}
	for _, o := range objects {
		if o.GetKind() == "Namespace" {
			made[o.GetName()] = true
		}
	}
	for _, o := range objects {
		if o.GetKind() != "HelmRelease" {
			continue
		}
		namespace, _, _ := unstructured.NestedString(o.Object, "spec", "targetNamespace")
		creates, _, _ := unstructured.NestedBool(o.Object, "spec", "install", "createNamespace")
		chart, _, _ := unstructured.NestedString(o.Object, "spec", "chart", "spec", "chart")
		version, _, _ := unstructured.NestedString(o.Object, "spec", "chart", "spec", "version")
		if chart == lacking {
			continue
		}
		p := pin{chart, version}
		r.outside.charts.have(p, contents{
			r.platform.ofGroups(kits.groups(p)...), !made[namespace] && !creates, r.repositories[o.GetNamespace()+"/"+o.GetName()],
		})
	}
	return nil
}

// brought returns the repositories of charts that releases name and the tree has not: what brings each is the release that they wait for.
func brought(objects []object) map[string][][2]string {
	there := map[[2]string]bool{}
	for _, o := range objects {
		if o.GetKind() == "HelmRepository" {
			there[[2]string{o.GetNamespace(), o.GetName()}] = true
		}
	}
	brought := map[string][][2]string{}
	for _, o := range objects {
		source, is, _ := unstructured.NestedStringMap(o.Object, "spec", "chart", "spec", "sourceRef")
		if o.GetKind() != "HelmRelease" || !is {
			continue
		}
		repository := [2]string{cmp.Or(source["namespace"], o.GetNamespace()), source["name"]}
		if there[repository] {
			continue
		}
		dependencies, _, _ := unstructured.NestedSlice(o.Object, "spec", "dependsOn")
		for _, dependency := range dependencies {
			if d, is := dependency.(map[string]any); is {
				namespace, _ := d["namespace"].(string)
				by := cmp.Or(namespace, o.GetNamespace()) + "/" + fmt.Sprint(d["name"])
				brought[by] = append(brought[by], repository)
				there[repository] = true
				break
			}
		}
	}
	return brought
}

// outsidePort is where a cluster from outside finds the forge and the registries.
const outsidePort = "18443"

// redirect sends source-controller of a cluster from outside to the forge and the registries that are here: it is given the proxy, on the
// host that LABORATORY_HOST names, and the certificate authority to trust.
func (r *region) redirect(ctx context.Context) error {
	host := os.Getenv("LABORATORY_HOST")
	if host == "" {
		return errors.New("LABORATORY_HOST does not say by which address the cluster reaches this machine")
	}
	authority, err := os.ReadFile(r.outside.authority)
	if err != nil {
		return err
	}
	trust := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"namespace": "flux-system", "name": "laboratory"},
		"data":     map[string]any{"authority.pem": string(authority)},
	}}
	if err := r.cluster.apply(ctx, []*unstructured.Unstructured{trust}); err != nil {
		return err
	}
	environment := []any{}
	for name, value := range map[string]string{
		"HTTPS_PROXY":   "http://" + net.JoinHostPort(host, outsidePort),
		"NO_PROXY":      "localhost,127.0.0.1,10.0.0.0/8,.svc,.svc.cluster.local.",
		"SSL_CERT_FILE": "/laboratory/authority.pem",
	} {
		environment = append(environment, map[string]any{"name": name, "value": value})
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{
			"name": "manager", "env": environment,
			"volumeMounts": []any{map[string]any{"name": "laboratory", "mountPath": "/laboratory"}},
		}},
		"volumes": []any{map[string]any{"name": "laboratory", "configMap": map[string]any{"name": "laboratory"}}},
	}}}})
	if err != nil {
		return err
	}
	deployments := schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	_, err = r.cluster.dynamic.Resource(deployments).Namespace("flux-system").
		Patch(ctx, "source-controller", "application/strategic-merge-patch+json", patch, metav1.PatchOptions{})
	return err
}

// controllers starts Flux as the laboratory has it.
func (r *region) controllers(context.Context) error {
	further, err := r.arguments()
	if err != nil {
		return err
	}
	for _, name := range []string{"source-controller", "kustomize-controller", "helm-controller"} {
		if err := r.controller(name, "", further[name]...); err != nil {
			return err
		}
	}
	return nil
}

// arguments returns what the tree says that Flux's own controllers are started with, by their names. They leave shards alone also where
// there are none yet: nothing starts them anew here when that changes.
func (r *region) arguments() (map[string][]string, error) {
	objects, err := ofRegion(r.root, r.name)
	if err != nil {
		return nil, err
	}
	further := map[string][]string{}
	for name, key := range map[string]string{
		"source-controller": "sourceController", "kustomize-controller": "kustomizeController", "helm-controller": "helmController",
	} {
		for _, o := range objects {
			if o.GetKind() == "HelmRelease" && o.GetName() == "bp-flux" {
				further[name], _, _ = unstructured.NestedStringSlice(o.Object, "spec", "values", "flux2", key, "container", "additionalArgs")
			}
		}
		if !slices.Contains(further[name], unsharded) {
			further[name] = append(further[name], unsharded)
		}
	}
	return further, nil
}

// controller starts one program of Flux; `shard` is its name's end where there are several.
func (r *region) controller(name, shard string, further ...string) error {
	ports, err := freePorts()
	if err != nil {
		return err
	}
	args := append(slices.Clone(further),
		"--watch-all-namespaces=true", "--log-level=info", "--enable-leader-election=false", "--events-addr=",
		fmt.Sprintf("--metrics-addr=127.0.0.1:%d", ports[0]), fmt.Sprintf("--health-addr=127.0.0.1:%d", ports[1]),
		"--requeue-dependency="+r.lab.requeue.String(), "--kube-api-qps=500", "--kube-api-burst=1000")
	if name == "source-controller" {
		storage := filepath.Join(r.cluster.directory, "storage"+shard)
		if err := os.MkdirAll(storage, 0o755); err != nil {
			return err
		}
		address := fmt.Sprintf("127.0.0.1:%d", ports[2])
		args = append(args, "--storage-path="+storage, "--storage-addr="+address, "--storage-adv-addr="+address, "--concurrent=4")
	}
	temporary := filepath.Join(r.cluster.directory, "tmp", name+shard)
	if err := os.MkdirAll(temporary, 0o755); err != nil {
		return err
	}
	environment := append(r.outside.environment(),
		"KUBECONFIG="+r.cluster.kubeconfig, "RUNTIME_NAMESPACE=flux-system", "TMPDIR="+temporary, "HOME="+temporary)
	p, err := start(r.cluster.directory, name+shard, environment, filepath.Join(r.lab.binaries, name), args...)
	if err == nil {
		r.cluster.programs = append(r.cluster.programs, p)
	}
	return err
}

// secrets makes those that `sovereign secrets` lists for the namespace of Flux, and no other: what a tree reads there and the list
// lacks is missing in the cluster too.
func (r *region) secrets(ctx context.Context, manifest string) error {
	command := exec.CommandContext(ctx, r.lab.sovereign, "secrets", manifest, "--format", "json")
	out, err := command.Output()
	if err != nil {
		return fmt.Errorf("sovereign secrets: %w", err)
	}
	var list struct {
		Secrets []struct {
			Region, Namespace, Name string
			Keys                    []string
		}
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return err
	}
	logins, err := r.logins()
	if err != nil {
		return err
	}
	var all []*unstructured.Unstructured
	for _, s := range list.Secrets {
		if s.Region != r.name || s.Namespace != "flux-system" {
			continue
		}
		data, kind := map[string]any{}, "Opaque"
		for _, key := range s.Keys {
			text := "the-" + key
			if key == ".dockerconfigjson" {
				kind, text = "kubernetes.io/dockerconfigjson", logins
			}
			data[key] = base64.StdEncoding.EncodeToString([]byte(text))
		}
		all = append(all, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Secret", "type": kind, "data": data,
			"metadata": map[string]any{"namespace": s.Namespace, "name": s.Name},
		}})
	}
	return r.cluster.apply(ctx, all)
}

// logins returns a configuration of Docker with a login for every registry that the region names.
func (r *region) logins() (string, error) {
	objects, err := ofRegion(r.root, r.name)
	if err != nil {
		return "", err
	}
	hosts := map[string]any{}
	for _, o := range objects {
		address, _, _ := unstructured.NestedString(o.Object, "spec", "url")
		if rest, is := strings.CutPrefix(address, "oci://"); is {
			host, _, _ := strings.Cut(rest, "/")
			hosts[host] = map[string]string{"username": "laboratory", "password": "laboratory"}
		}
	}
	text, err := json.Marshal(map[string]any{"auths": hosts})
	return string(text), err
}

// apply writes objects as a person does with kubectl.
func (c *cluster) apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, u := range objects {
		client, err := c.resource(u)
		if err != nil {
			return err
		}
		options := metav1.ApplyOptions{FieldManager: "kubectl", Force: true}
		if _, err := client.Apply(ctx, u.GetName(), u, options); err != nil {
			return fmt.Errorf("%s: %w", identity(u), err)
		}
	}
	return nil
}

// fetch makes Flux look at the repository now, and not after its interval.
func (r *region) fetch(ctx context.Context) error {
	return r.request(ctx, repositoryResource, "sovereign")
}

func (r *region) request(ctx context.Context, resource schema.GroupVersionResource, name string) error {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":%q}}}`, time.Now().Format(time.RFC3339Nano))
	_, err := r.cluster.dynamic.Resource(resource).Namespace("flux-system").
		Patch(ctx, name, "application/merge-patch+json", []byte(patch), metav1.PatchOptions{})
	return err
}

// head returns the commit that a repository has checked out.
func head(repository string) (string, error) {
	out, err := exec.Command("git", "-C", repository, "rev-parse", "HEAD").Output()
	return strings.TrimSpace(string(out)), err
}

// settle waits until Flux has applied the commit that is checked out, and all is ready but what `except` names (`HelmRelease bp-harbor`).
func (r *region) settle(ctx context.Context, patience time.Duration, except ...string) error {
	commit, err := head(r.repository)
	if err != nil {
		return err
	}
	objects, err := ofRegion(r.root, r.name)
	if err != nil {
		return err
	}
	left := map[string]bool{}
	for _, name := range except {
		left[name] = true
	}
	return until(ctx, patience, func() error {
		waiting := r.waiting(ctx, objects, commit, left)
		if len(waiting) == 0 {
			return nil
		}
		sort.Strings(waiting)
		return fmt.Errorf("%d are not ready: %s", len(waiting), strings.Join(waiting[:min(8, len(waiting))], "; "))
	})
}

// stranded waits until Flux says that the region's directory is not in the repository any more.
func (r *region) stranded(ctx context.Context) error {
	return until(ctx, patience, func() error {
		found, err := r.cluster.dynamic.Resource(kustomizationResource).Namespace("flux-system").Get(ctx, "flux-system", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if ready, is := condition(found, "Ready"); is || !strings.Contains(fmt.Sprint(ready["message"]), "path not found") {
			return fmt.Errorf("Flux has not missed the directory: %v", ready["message"])
		}
		return nil
	})
}

// waiting returns what is not ready, and why.
func (r *region) waiting(ctx context.Context, objects []object, commit string, left map[string]bool) []string {
	there := map[string]*unstructured.Unstructured{}
	for _, resource := range []schema.GroupVersionResource{releaseResource, kustomizationResource} {
		list, err := r.cluster.dynamic.Resource(resource).List(ctx, metav1.ListOptions{})
		if err != nil {
			return []string{err.Error()}
		}
		for _, item := range list.Items {
			there[identity(&item)] = &item
		}
	}
	var waiting []string
	wanted := map[string]bool{}
	for _, o := range objects {
		kind := o.GroupVersionKind()
		if !strings.HasSuffix(kind.Group, ".toolkit.fluxcd.io") || (kind.Kind != "HelmRelease" && kind.Kind != "Kustomization") {
			continue
		}
		wanted[o.id()] = true
		if left[kind.Kind+" "+o.GetName()] {
			continue
		}
		found := there[o.id()]
		if found == nil {
			waiting = append(waiting, o.id()+": not there")
			continue
		}
		if suspended, _, _ := unstructured.NestedBool(found.Object, "spec", "suspend"); suspended {
			continue
		}
		ready, is := condition(found, "Ready")
		observed, _, _ := unstructured.NestedInt64(found.Object, "status", "observedGeneration")
		if kind.Kind == "Kustomization" {
			applied, _, _ := unstructured.NestedString(found.Object, "status", "lastAppliedRevision")
			is = is && strings.HasSuffix(applied, commit)
		}
		if !is || observed != found.GetGeneration() {
			waiting = append(waiting, fmt.Sprintf("%s: %v", o.id(), ready["message"]))
		}
	}
	for id := range there {
		if !wanted[id] {
			waiting = append(waiting, id+": still there")
		}
	}
	return waiting
}

// git runs Git in the repository of a region.
func git(directory string, args ...string) error {
	command := exec.Command("git", append([]string{"-C", directory, "-c", "user.name=laboratory", "-c", "user.email=laboratory@example.com"}, args...)...)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, out)
	}
	return nil
}

// gone says whether an object is not there.
func gone(err error) bool { return apierrors.IsNotFound(err) }
