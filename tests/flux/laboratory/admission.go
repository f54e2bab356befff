package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// eras are the versions of Flux whose definitions the trees are held against.
var eras = []string{"flux-2.4", "flux-2.9"}

// listener collects the warnings of the API server, by what was asked for.
type listener struct {
	lock sync.Mutex
	said map[string][]string
}

type asking struct{}

var heard = listener{said: map[string][]string{}}

// HandleWarningHeaderWithContext takes one warning.
func (l *listener) HandleWarningHeaderWithContext(ctx context.Context, _ int, _ string, text string) {
	about, _ := ctx.Value(asking{}).(string)
	l.lock.Lock()
	defer l.lock.Unlock()
	l.said[about] = append(l.said[about], text)
}

func (l *listener) about(id string) []string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.said[id]
}

// verdicts counts what an API server says of objects.
type verdicts struct {
	admitted, refused, warned, unchecked int
	lines                                []string
}

// admission puts every object of every tree before an API server, strictly and without keeping it, once for each era of Flux.
func (l *laboratory) admission(ctx context.Context) error {
	c, err := newCluster(ctx, l.binaries, l.fresh("admission"), l.outside)
	if err != nil {
		return err
	}
	defer c.stop()
	trees, err := filepath.Glob(filepath.Join(l.repository, "golden", "*", "clusters"))
	if err != nil {
		return err
	}
	objects := map[string][]object{}
	var all []object
	for _, tree := range trees {
		found, err := readObjects(tree)
		if err != nil {
			return err
		}
		objects[filepath.Base(filepath.Dir(tree))] = found
		all = append(all, found...)
	}
	platform, err := platformDefinitions(ctx, l.sources, l.schemas, c.discovery, all)
	if err != nil {
		return err
	}
	if err := c.define(ctx, platform.all); err != nil {
		return err
	}
	for kind := range platform.unchecked {
		fmt.Printf("NOT CHECKED: fields of %s, whose definition is not to be had here\n", kind)
	}
	if err := c.namespaces(ctx, all); err != nil {
		return err
	}
	bad := 0
	for _, era := range eras {
		flux, err := fluxDefinitions(ctx, l.sources, l.cache, era)
		if err != nil {
			return err
		}
		if err := c.define(ctx, flux); err != nil {
			return err
		}
		if err := c.control(ctx, all); err != nil {
			return err
		}
		names := make([]string, 0, len(objects))
		for name := range objects {
			names = append(names, name)
		}
		sort.Strings(names)
		var sum verdicts
		known := &sync.Map{}
		for _, name := range names {
			v, err := c.admit(ctx, era, objects[name], platform, known)
			if err != nil {
				return err
			}
			fmt.Printf("%s, %s: %d admitted, %d refused, %d with warnings\n", era, name, v.admitted, v.refused, v.warned)
			for _, line := range v.lines {
				fmt.Println("  " + line)
			}
			sum.admitted += v.admitted
			sum.refused += v.refused
			sum.warned += v.warned
			sum.unchecked += v.unchecked
		}
		fmt.Printf("%s: %d objects of %d trees: %d admitted, %d refused, %d with warnings; of %d nobody here knows the fields\n",
			era, len(all), len(names), sum.admitted, sum.refused, sum.warned, sum.unchecked)
		bad += sum.refused + sum.warned
		if sum.admitted == 0 {
			bad++
		}
		if err := c.undefine(ctx, flux); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d objects are refused or warned of", bad)
	}
	return nil
}

// control asks for a release with a field that nobody knows. An API server that admits it would admit everything here.
func (c *cluster) control(ctx context.Context, objects []object) error {
	for _, o := range objects {
		if o.GetKind() != "HelmRelease" {
			continue
		}
		altered := object{o.DeepCopy(), o.path, o.text}
		if err := unstructured.SetNestedField(altered.Object, true, "spec", "nobodyKnowsThis"); err != nil {
			return err
		}
		if lines := c.ask(ctx, "control", altered); len(lines) == 0 || !strings.Contains(lines[0], "nobodyKnowsThis") {
			return fmt.Errorf("a field that nobody knows was not refused: %v", lines)
		}
		return nil
	}
	return fmt.Errorf("no tree has a release")
}

// namespaces makes those that the objects stand in: even a dry run asks for them.
func (c *cluster) namespaces(ctx context.Context, objects []object) error {
	client := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"})
	made := map[string]bool{}
	for _, o := range objects {
		name := o.GetNamespace()
		if name == "" || made[name] {
			continue
		}
		made[name] = true
		namespace := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
		}}
		if _, err := client.Create(ctx, namespace, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

// admit asks for each object. One that is the same in several trees is asked for once and counted in each; `known` has the answers.
func (c *cluster) admit(ctx context.Context, era string, objects []object, platform *definitions, known *sync.Map) (verdicts, error) {
	var v verdicts
	var lock sync.Mutex
	var wait sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, o := range objects {
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wait.Done() }()
			key := sha256.Sum256(o.text)
			answer, there := known.Load(key)
			if !there {
				answer = c.ask(ctx, fmt.Sprintf("%s %x", era, key), o)
				known.Store(key, answer)
			}
			lines := answer.([]string)
			lock.Lock()
			defer lock.Unlock()
			switch {
			case len(lines) == 0:
				v.admitted++
			case strings.HasPrefix(lines[0], "refused"):
				v.refused++
			default:
				v.admitted++
				v.warned++
			}
			if platform.unchecked[o.GroupVersionKind().GroupKind()] {
				v.unchecked++
			}
			for _, line := range lines {
				v.lines = append(v.lines, fmt.Sprintf("%s: %s: %s", filepath.Base(o.path), o.id(), line))
			}
		}()
	}
	wait.Wait()
	sort.Strings(v.lines)
	return v, ctx.Err()
}

// ask puts one object before the API server as kustomize-controller does, by a server-side apply that is not kept; unlike there,
// an unknown field is refused. It returns why it is refused, or what was warned of.
func (c *cluster) ask(ctx context.Context, id string, o object) []string {
	client, err := c.resource(o.Unstructured)
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	body, err := o.MarshalJSON()
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	ctx = context.WithValue(ctx, asking{}, id)
	force := true
	_, err = client.Patch(ctx, o.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: "laboratory", Force: &force, FieldValidation: metav1.FieldValidationStrict,
	})
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	var lines []string
	for _, text := range heard.about(id) {
		lines = append(lines, "warning: "+text)
	}
	return lines
}

// resource returns where an object is asked for. A namespace of a kind that has none is refused, as a missing one is.
func (c *cluster) resource(u *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := u.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	namespaced := mapping.Scope.Name() == "namespace"
	if namespaced != (u.GetNamespace() != "") {
		return nil, fmt.Errorf("%s: a namespace is given: %t, and needed: %t", identity(u), u.GetNamespace() != "", namespaced)
	}
	if namespaced {
		return c.dynamic.Resource(mapping.Resource).Namespace(u.GetNamespace()), nil
	}
	return c.dynamic.Resource(mapping.Resource), nil
}
