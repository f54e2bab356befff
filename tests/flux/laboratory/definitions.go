package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

var definitionResource = schema.GroupVersionResource{
	Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
}

// published are modules that carry definitions, and where in them. go.mod of `definitions` pins their versions.
var published = []struct{ module, pattern string }{
	{"sigs.k8s.io/gateway-api", "config/crd/standard/gateway.*.yaml"},
	{"github.com/cert-manager/cert-manager", "deploy/crds/*.yaml"},
	{"github.com/cilium/cilium", "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml"},
}

// definitions are those of everything that trees hold and Kubernetes does not know by itself.
type definitions struct {
	all []*unstructured.Unstructured
	// unchecked are the kinds whose definition is nowhere to be had. Theirs is made up, and accepts every field.
	unchecked map[schema.GroupKind]bool
}

func groupKind(definition *unstructured.Unstructured) schema.GroupKind {
	group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
	return schema.GroupKind{Group: group, Kind: kind}
}

func readDefinitions(pattern string) ([]*unstructured.Unstructured, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no definitions at %s", pattern)
	}
	var all []*unstructured.Unstructured
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := documents(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, u := range found {
			if u.GetKind() == "CustomResourceDefinition" {
				all = append(all, u)
			}
		}
	}
	return all, nil
}

// fluxDefinitions returns those of one Flux, which controller-gen makes from the published types.
func fluxDefinitions(ctx context.Context, sources, cache, flux string) ([]*unstructured.Unstructured, error) {
	output := filepath.Join(cache, "definitions", flux)
	pattern := filepath.Join(output, "*.yaml")
	module := filepath.Join(sources, flux)
	pins, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return nil, err
	}
	// Those of an earlier run hold as long as go.mod is the same.
	made := filepath.Join(output, "go.mod")
	if before, err := os.ReadFile(made); err == nil && string(before) == string(pins) {
		return readDefinitions(pattern)
	}
	if err := os.RemoveAll(output); err != nil {
		return nil, err
	}
	args := []string{"tool", "controller-gen", "crd"}
	for _, api := range []string{"source-controller", "kustomize-controller", "helm-controller"} {
		args = append(args, "paths=github.com/fluxcd/"+api+"/api/...")
	}
	command := exec.CommandContext(ctx, "go", append(args, "output:crd:dir="+output)...)
	command.Dir = module
	if out, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("controller-gen: %w: %s", err, out)
	}
	if err := os.WriteFile(made, pins, 0o644); err != nil {
		return nil, err
	}
	return readDefinitions(pattern)
}

// platformDefinitions returns those of all kinds among `objects` that are neither Flux's nor known to the API server.
func platformDefinitions(ctx context.Context, sources, schemas string, builtin discovery.DiscoveryInterface, objects []object) (*definitions, error) {
	d := &definitions{unchecked: map[schema.GroupKind]bool{}}
	for _, from := range published {
		command := exec.CommandContext(ctx, "go", "mod", "download", "-json", from.module)
		command.Dir = filepath.Join(sources, "definitions")
		out, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %s", from.module, err, out)
		}
		var module struct{ Dir string }
		if err := json.Unmarshal(out, &module); err != nil {
			return nil, err
		}
		found, err := readDefinitions(filepath.Join(module.Dir, from.pattern))
		if err != nil {
			return nil, err
		}
		d.all = append(d.all, found...)
	}
	known := map[schema.GroupKind]bool{}
	_, lists, err := builtin.ServerGroupsAndResources()
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, resource := range list.APIResources {
			known[schema.GroupKind{Group: version.Group, Kind: resource.Kind}] = true
		}
	}
	for _, definition := range d.all {
		known[groupKind(definition)] = true
	}
	for _, o := range objects {
		kind := o.GroupVersionKind()
		if known[kind.GroupKind()] || strings.HasSuffix(kind.Group, ".toolkit.fluxcd.io") {
			continue
		}
		known[kind.GroupKind()] = true
		specification, err := facts(schemas, kind)
		if err != nil {
			return nil, err
		}
		if specification == nil {
			d.unchecked[kind.GroupKind()] = true
			specification = map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
		}
		d.all = append(d.all, definition(kind, o.GetNamespace() != "", specification))
	}
	return d, nil
}

// facts returns the schema of a kind as the facts beside the project have it, or nil where they do not.
func facts(directory string, kind schema.GroupVersionKind) (map[string]any, error) {
	name := strings.ToLower(kind.Kind) + "_" + kind.Version + ".json"
	text, err := os.ReadFile(filepath.Join(directory, kind.Group, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var content map[string]any
	if err := json.Unmarshal(text, &content); err != nil {
		return nil, err
	}
	structural(content)
	properties, _ := content["properties"].(map[string]any)
	for _, key := range []string{"apiVersion", "kind", "metadata"} {
		delete(properties, key)
	}
	return content, nil
}

// structural makes a definition's schema of a JSON Schema that was made from one: the API server refuses unknown fields by itself.
func structural(schema map[string]any) {
	for key := range schema {
		ours := strings.HasPrefix(key, "x-") && !strings.HasPrefix(key, "x-kubernetes-")
		if ours || key == "$schema" || key == "const" {
			delete(schema, key)
		}
	}
	if _, typed := schema["type"]; !typed && isIntOrString(schema["anyOf"]) {
		schema["x-kubernetes-int-or-string"] = true
	}
	closed := schema["additionalProperties"] == false
	if closed {
		delete(schema, "additionalProperties")
	}
	_, described := schema["properties"]
	_, open := schema["additionalProperties"]
	if schema["type"] == "object" && !closed && !described && !open {
		schema["x-kubernetes-preserve-unknown-fields"] = true
	}
	children, _ := schema["properties"].(map[string]any)
	for _, child := range children {
		if child, ok := child.(map[string]any); ok {
			structural(child)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if child, ok := schema[key].(map[string]any); ok {
			structural(child)
		}
	}
}

// isIntOrString says whether a schema is Kubernetes' number or text, as a port is.
func isIntOrString(choices any) bool {
	list, _ := choices.([]any)
	var kinds []string
	for _, choice := range list {
		choice, _ := choice.(map[string]any)
		kinds = append(kinds, fmt.Sprint(choice["type"]))
	}
	slices.Sort(kinds)
	return slices.Equal(kinds, []string{"integer", "string"})
}

// definition makes one up for a kind, with this schema.
func definition(kind schema.GroupVersionKind, namespaced bool, specification map[string]any) *unstructured.Unstructured {
	singular := strings.ToLower(kind.Kind)
	plural := singular + "s"
	if rest, ok := strings.CutSuffix(singular, "y"); ok {
		plural = rest + "ies"
	}
	scope := "Cluster"
	if namespaced {
		scope = "Namespaced"
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": plural + "." + kind.Group},
		"spec": map[string]any{
			"group": kind.Group, "scope": scope,
			"names": map[string]any{
				"kind": kind.Kind, "listKind": kind.Kind + "List", "plural": plural, "singular": singular,
			},
			"versions": []any{map[string]any{
				"name": kind.Version, "served": true, "storage": true,
				"schema":       map[string]any{"openAPIV3Schema": specification},
				"subresources": map[string]any{"status": map[string]any{}},
			}},
		},
	}}
}

// define gives the cluster definitions, replaces what is there, and waits until the API server serves them.
func (c *cluster) define(ctx context.Context, all []*unstructured.Unstructured) error {
	client := c.dynamic.Resource(definitionResource)
	options := metav1.ApplyOptions{FieldManager: "laboratory", Force: true}
	for _, definition := range all {
		definition = definition.DeepCopy()
		unstructured.RemoveNestedField(definition.Object, "status")
		unstructured.RemoveNestedField(definition.Object, "metadata", "creationTimestamp")
		if _, err := client.Apply(ctx, definition.GetName(), definition, options); err != nil {
			return fmt.Errorf("%s: %w", definition.GetName(), err)
		}
	}
	for _, definition := range all {
		if err := c.established(ctx, definition.GetName()); err != nil {
			return err
		}
	}
	c.mapper.Reset()
	return nil
}

func (c *cluster) established(ctx context.Context, name string) error {
	return until(ctx, time.Minute, func() error {
		found, err := c.dynamic.Resource(definitionResource).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if _, is := condition(found, "Established"); !is {
			return fmt.Errorf("%s is not established", name)
		}
		return nil
	})
}

// undefine takes definitions away, with all objects of theirs.
func (c *cluster) undefine(ctx context.Context, all []*unstructured.Unstructured) error {
	client := c.dynamic.Resource(definitionResource)
	for _, definition := range all {
		if err := client.Delete(ctx, definition.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	for _, definition := range all {
		err := until(ctx, time.Minute, func() error {
			if _, err := client.Get(ctx, definition.GetName(), metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				return fmt.Errorf("%s is still there", definition.GetName())
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// condition returns a condition of an object, and whether it is true for what the object says now.
func condition(u *unstructured.Unstructured, name string) (found map[string]any, is bool) {
	list, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, entry := range list {
		entry, ok := entry.(map[string]any)
		if ok && entry["type"] == name {
			observed, has := entry["observedGeneration"].(int64)
			return entry, entry["status"] == "True" && (!has || observed == u.GetGeneration())
		}
	}
	return nil, false
}

// ofGroups returns the definitions of these API groups.
func (d *definitions) ofGroups(groups ...string) []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, definition := range d.all {
		if slices.Contains(groups, groupKind(definition).Group) {
			all = append(all, definition)
		}
	}
	return all
}
