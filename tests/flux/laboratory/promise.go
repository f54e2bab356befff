package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// compiler runs the compiler in the directory of a manifest and returns what it prints.
func (l *laboratory) compiler(ctx context.Context, manifest string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, l.sovereign, args...)
	command.Dir = filepath.Dir(manifest)
	var words bytes.Buffer
	command.Stderr = &words
	out, err := command.Output()
	// `diff` ends with 1 where there is a difference.
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 && args[0] == "diff" && len(out) > 0 {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sovereign %s: %w: %s", strings.Join(args, " "), err, complaints(words.String()))
	}
	return out, nil
}

// complaints returns the lines of what the compiler says that tell of an error.
func complaints(words string) string {
	var lines []string
	for _, line := range strings.Split(words, "\n") {
		if strings.HasPrefix(line, "error") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

// changes are what `sovereign diff --format json` says of one Sovereign, as far as it is looked at here.
type changes struct {
	Clusters []struct {
		Cluster string
		Events  []struct{ Event, Subject string }
	}
	Objects []struct {
		Cluster, Kind, Namespace, Name string
		Old, New                       *string
	}
}

// sharedValues is the directory of what all regions have in common, and the Kustomization that applies it.
const sharedValues = "sovereign-values"

// promise is what the compiler says of a change, for one region.
type promise struct {
	added, removed, changed map[string]bool
	// stays are objects that the tree no longer has and the cluster keeps.
	stays map[string]bool
	// shared are those that stand once for all regions: a cluster has them where a release reads them.
	shared map[string]bool
	// worked are releases that Helm works on, follows those that it works on where they run.
	worked, follows map[string]bool
}

// works are the events in which Helm installs or upgrades a release.
var works = map[string]bool{"installed": true, "upgraded": true, "downgraded": true, "values-changed": true, "chart-changed": true}

// said asks the compiler what the commit to come will change: by `diff`, or of one step by `plan`.
func (s *sovereign) said(ctx context.Context, step int) ([]changes, error) {
	if step == 0 {
		out, err := s.lab.compiler(ctx, s.manifest, "diff", "--format", "json")
		if err != nil {
			return nil, err
		}
		all := make([]changes, 1)
		return all, json.Unmarshal(out, &all[0])
	}
	out, err := s.lab.compiler(ctx, s.manifest, "plan", "--format", "json")
	if err != nil {
		return nil, err
	}
	var plan struct {
		Steps []struct {
			Number  int
			Changes []changes
		}
	}
	if err := json.Unmarshal(out, &plan); err != nil {
		return nil, err
	}
	for _, s := range plan.Steps {
		if s.Number == step {
			return s.Changes, nil
		}
	}
	return nil, fmt.Errorf("the plan has no step %d", step)
}

// promised returns what was said of one region.
func promised(said []changes, region string) *promise {
	p := &promise{}
	for _, set := range []*map[string]bool{&p.added, &p.removed, &p.changed, &p.stays, &p.shared, &p.worked, &p.follows} {
		*set = map[string]bool{}
	}
	for _, c := range said {
		p.read(c, region)
	}
	return p
}

func (p *promise) read(c changes, region string) {
	for _, o := range c.Objects {
		if o.Kind == "OpenTofu" || (o.Cluster != region && o.Cluster != sharedValues) {
			continue
		}
		// What all regions have in common stands once, and the release that reads it follows it wherever it runs.
		if release, is := strings.CutSuffix(o.Name, "-sovereign"); is && o.Cluster == sharedValues {
			p.follows[release] = true
		}
		id := o.Kind + " " + o.Name
		if o.Namespace != "" {
			id = o.Kind + " " + o.Namespace + "/" + o.Name
		}
		if o.Cluster == sharedValues {
			p.shared[id] = true
		}
		switch {
		case o.Old == nil:
			p.added[id] = true
		case o.New == nil:
			p.removed[id] = true
		default:
			p.changed[id] = true
		}
	}
	for _, cluster := range c.Clusters {
		for _, event := range cluster.Events {
			if event.Event == "left-behind" {
				p.stays[event.Subject] = true
			}
			if works[event.Event] && cluster.Cluster == region {
				p.worked[event.Subject] = true
			}
		}
	}
}

// String says how much it is.
func (p *promise) String() string {
	return fmt.Sprintf("%d objects come, %d change, %d go, %d releases are worked on", len(p.added), len(p.changed), len(p.removed), len(p.worked))
}

// state is what a cluster holds of one object.
type state struct {
	identity string
	// content is the object without what the cluster itself keeps about it.
	content map[string]any
	// revision is which one of Helm a release has.
	revision int64
}

// census returns all that Flux has applied from the repository, by `<kind> <namespace>/<name>`.
func (r *region) census(ctx context.Context) (map[string]state, error) {
	all := map[string]state{}
	r.cluster.discovery.Invalidate()
	for _, resource := range append(r.cluster.resources(true), r.cluster.resources(false)...) {
		list, err := r.cluster.dynamic.Resource(resource).List(ctx, metav1.ListOptions{LabelSelector: "kustomize.toolkit.fluxcd.io/name"})
		if gone(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", resource.Resource, err)
		}
		for _, item := range list.Items {
			all[identity(&item)] = observe(&item)
		}
	}
	return all, nil
}

func observe(item *unstructured.Unstructured) state {
	s := state{identity: string(item.GetUID())}
	if history, _, _ := unstructured.NestedSlice(item.Object, "status", "history"); len(history) > 0 {
		if last, ok := history[0].(map[string]any); ok {
			s.revision, _ = last["version"].(int64)
		}
	}
	plain := item.DeepCopy()
	unstructured.RemoveNestedField(plain.Object, "status")
	for _, kept := range []string{"resourceVersion", "generation", "managedFields", "uid", "creationTimestamp", "finalizers", "deletionTimestamp"} {
		unstructured.RemoveNestedField(plain.Object, "metadata", kept)
	}
	annotations := plain.GetAnnotations()
	delete(annotations, "reconcile.fluxcd.io/requestedAt")
	if len(annotations) == 0 {
		annotations = nil
	}
	plain.SetAnnotations(annotations)
	s.content = plain.Object
	return s
}

// compare says in which things a cluster came out otherwise than was said of an edit.
func (p *promise) compare(before, after map[string]state, e edit) []string {
	idle := cmp.Or(e.lacking, e.restores)
	if applies := "Kustomization flux-system/" + sharedValues; before[applies].content == nil && after[applies].content == nil {
		for id := range p.shared {
			delete(p.added, id)
			delete(p.removed, id)
			delete(p.changed, id)
		}
	}
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, id := range sorted(p.added) {
		if _, there := after[id]; !there {
			say("%s was to come and is not there", id)
		}
	}
	for _, id := range sorted(p.removed) {
		kind, name, _ := strings.Cut(id, " ")
		stays := p.stays[kind+" "+name[strings.LastIndex(name, "/")+1:]]
		if _, there := after[id]; there != stays {
			say("%s: there afterwards is %v, and it was said to stay behind is %v", id, there, stays)
		}
	}
	for _, id := range sorted(p.changed) {
		if _, _, _, differ := compare("", before[id].content, after[id].content); !differ {
			say("%s was to change and did not", id)
		}
	}
	for _, id := range sorted(after) {
		then, was := before[id]
		now := after[id]
		where, old, new, differ := compare("", then.content, now.content)
		switch {
		case !was && !p.added[id]:
			say("%s came, and nothing was said of it", id)
		case was && then.identity != now.identity && id != "HelmRelease flux-system/"+e.remade:
			say("%s was made anew", id)
		case was && differ && !p.changed[id] && !p.added[id]:
			say("%s changed in %s from %v to %v, and nothing was said of it", id, where, old, new)
		}
		kind, name, _ := strings.Cut(id, " flux-system/")
		if kind != "HelmRelease" || name == idle {
			continue
		}
		said := p.worked[name] || (p.follows[name] && was)
		if worked := now.revision != then.revision; worked != said {
			say("%s: Helm worked on it is %v (revision %d, then %d), and that was said is %v", name, worked, then.revision, now.revision, said)
		}
	}
	for _, id := range sorted(before) {
		if _, there := after[id]; !there && !p.removed[id] {
			say("%s went, and nothing was said of it", id)
		}
	}
	return wrong
}
