package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// act plays, once a second, what a cluster has and the laboratory has not: Crossplane unpacks packages, Deployments of shards run,
// namespaces that are deleted become empty and go.
func (r *region) act(ctx context.Context) {
	shards := map[string]bool{}
	for ctx.Err() == nil {
		r.unpack(ctx)
		if r.lab.outside == "" {
			r.deploy(ctx, shards)
			r.empty(ctx)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// unpack brings the definition of a ProviderConfig once its Provider is there, as Crossplane does when it has unpacked the package.
func (r *region) unpack(ctx context.Context) {
	providers := schema.GroupVersionResource{Group: "pkg.crossplane.io", Version: "v1", Resource: "providers"}
	list, err := r.cluster.dynamic.Resource(providers).List(ctx, metav1.ListOptions{})
	if err != nil {
		return
	}
	for _, provider := range list.Items {
		name := strings.TrimPrefix(provider.GetName(), "provider-")
		for _, definition := range r.platform.all {
			if groupKind(definition).Group == name+".crossplane.io" {
				if _, err := r.cluster.dynamic.Resource(definitionResource).Get(ctx, definition.GetName(), metav1.GetOptions{}); gone(err) {
					_ = r.cluster.define(ctx, []*unstructured.Unstructured{definition})
				}
			}
		}
	}
}

// deploy starts the controllers of shards, and says of each Deployment that it runs.
func (r *region) deploy(ctx context.Context, started map[string]bool) {
	deployments := r.cluster.dynamic.Resource(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"})
	list, err := deployments.Namespace("flux-system").List(ctx, metav1.ListOptions{})
	if err != nil {
		return
	}
	for _, d := range list.Items {
		shard := d.GetLabels()["sharding.fluxcd.io/key"]
		program := strings.TrimSuffix(d.GetName(), "-"+shard)
		if shard != "" && !started[d.GetName()] {
			started[d.GetName()] = true
			if err := r.controller(program, "-"+shard, told(&d)...); err != nil {
				fail(fmt.Errorf("%s: %w", d.GetName(), err))
			}
		}
		if observed, _, _ := unstructured.NestedInt64(d.Object, "status", "observedGeneration"); observed == d.GetGeneration() {
			continue
		}
		d.Object["status"] = map[string]any{
			"observedGeneration": d.GetGeneration(), "replicas": int64(1), "updatedReplicas": int64(1), "readyReplicas": int64(1),
			"availableReplicas": int64(1), "conditions": []any{
				map[string]any{"type": "Available", "status": "True"},
				map[string]any{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
			},
		}
		_, _ = deployments.Namespace("flux-system").UpdateStatus(ctx, &d, metav1.UpdateOptions{})
	}
}

// told returns the arguments of a shard's controller that say what it works on, and how.
func told(d *unstructured.Unstructured) []string {
	containers, _, _ := unstructured.NestedSlice(d.Object, "spec", "template", "spec", "containers")
	var told []string
	for _, container := range containers {
		container, _ := container.(map[string]any)
		args, _, _ := unstructured.NestedStringSlice(container, "args")
		for _, arg := range args {
			if strings.HasPrefix(arg, "--watch-label-selector=") || strings.HasPrefix(arg, "--feature-gates=") {
				told = append(told, arg)
			}
		}
	}
	return told
}

// empty deletes what is in namespaces that are going, and lets them go, as the namespace controller does.
func (r *region) empty(ctx context.Context) {
	namespaces := r.cluster.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"})
	list, err := namespaces.List(ctx, metav1.ListOptions{})
	if err != nil {
		return
	}
	for _, n := range list.Items {
		if n.GetDeletionTimestamp() == nil {
			continue
		}
		left := 0
		for _, resource := range r.cluster.namespaced() {
			client := r.cluster.dynamic.Resource(resource).Namespace(n.GetName())
			found, err := client.List(ctx, metav1.ListOptions{})
			if err != nil {
				continue
			}
			left += len(found.Items)
			for _, item := range found.Items {
				_ = client.Delete(ctx, item.GetName(), metav1.DeleteOptions{})
			}
		}
		if left == 0 {
			unstructured.RemoveNestedField(n.Object, "spec", "finalizers")
			_, _ = namespaces.Update(ctx, &n, metav1.UpdateOptions{}, "finalize")
		}
	}
}

// namespaced returns every resource that can be listed and stands in namespaces.
func (c *cluster) namespaced() []schema.GroupVersionResource { return c.resources(true) }

func (c *cluster) resources(namespaced bool) []schema.GroupVersionResource {
	lists, err := c.discovery.ServerPreferredResources()
	if err != nil && lists == nil {
		return nil
	}
	var all []schema.GroupVersionResource
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			continue
		}
		for _, resource := range list.APIResources {
			verbs := resource.Verbs
			if resource.Namespaced == namespaced && slices.Contains(verbs, "list") && slices.Contains(verbs, "delete") &&
				resource.Name != "events" {
				all = append(all, version.WithResource(resource.Name))
			}
		}
	}
	return all
}

// moments are when things happened for the first time, by `<kind> <name>`.
type moments struct {
	lock           sync.Mutex
	begun, applied map[string]time.Time
	ready          map[string]time.Time
}

// watch looks, five times a second, what has become ready.
func watch(ctx context.Context, c *cluster) *moments {
	m := &moments{begun: map[string]time.Time{}, applied: map[string]time.Time{}, ready: map[string]time.Time{}}
	first := func(all map[string]time.Time, id string) {
		if _, there := all[id]; !there {
			all[id] = time.Now()
		}
	}
	look := func() {
		for _, resource := range []schema.GroupVersionResource{kustomizationResource, releaseResource} {
			list, err := c.dynamic.Resource(resource).List(ctx, metav1.ListOptions{})
			if err != nil {
				return
			}
			m.lock.Lock()
			for _, item := range list.Items {
				id := item.GetKind() + " " + item.GetName()
				first(m.begun, id)
				if history, there, _ := unstructured.NestedSlice(item.Object, "status", "history"); there && len(history) > 0 && item.GetKind() == "HelmRelease" {
					first(m.applied, id)
				}
				if entries, there, _ := unstructured.NestedSlice(item.Object, "status", "inventory", "entries"); there && len(entries) > 0 {
					first(m.applied, id)
				}
				if _, is := condition(&item, "Ready"); is {
					first(m.ready, id)
				}
			}
			m.lock.Unlock()
		}
	}
	go func() {
		for ctx.Err() == nil {
			look()
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	return m
}
