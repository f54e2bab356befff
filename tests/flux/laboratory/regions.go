package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/fluxcd/pkg/chartutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// patience is how long anything may take here. The machine may be busy.
const patience = 12 * time.Minute

// fromNothing brings up regions of golden trees: `minimal`, `three-regions/sin`, or all of them.
func (l *laboratory) fromNothing(ctx context.Context, wanted []string) error {
	trees, err := filepath.Glob(filepath.Join(l.repository, "golden", "*", "clusters"))
	if err != nil {
		return err
	}
	count := 0
	var bad []error
	for _, tree := range trees {
		golden := filepath.Dir(tree)
		root, err := root(golden)
		if err != nil {
			return err
		}
		names, err := regions(root)
		if err != nil {
			return err
		}
		for _, region := range names {
			id := filepath.Base(golden) + "/" + region
			if len(wanted) > 0 && !slices.Contains(wanted, id) && !slices.Contains(wanted, filepath.Base(golden)) {
				continue
			}
			count++
			if err := l.bringUp(ctx, golden, region); err != nil {
				fmt.Printf("%s: FAILED: %v\n", id, err)
				bad = append(bad, fmt.Errorf("%s: %w", id, err))
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	if count == 0 {
		return fmt.Errorf("no region is called %s", strings.Join(wanted, ", "))
	}
	fmt.Printf("%d regions of %d became ready\n", count-len(bad), count)
	return errors.Join(bad...)
}

// bringUp makes one region from nothing and looks whether all is ready, in the order that the tree says, with the values that it says.
func (l *laboratory) bringUp(ctx context.Context, golden, name string) error {
	repository := l.fresh("repository")
	if err := os.MkdirAll(repository, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(repository, os.DirFS(golden)); err != nil {
		return err
	}
	if err := commitTree(repository); err != nil {
		return err
	}
	begun := time.Now()
	manifest := filepath.Join(l.repository, "examples", filepath.Base(golden)+".toml")
	r, err := l.begin(ctx, name, repository, manifest)
	if err != nil {
		return err
	}
	defer r.stop()
	prepared := time.Now()
	if err := r.settle(ctx, patience); err != nil {
		return err
	}
	took := time.Since(prepared)
	objects, err := ofRegion(r.root, name)
	if err != nil {
		return err
	}
	edges, err := r.inOrder(objects)
	if err != nil {
		return err
	}
	releases, values, err := r.received(ctx, objects)
	if err != nil {
		return err
	}
	fmt.Printf("%s/%s: %d objects, %d releases, ready after %d s (the cluster took %d s); %d edges were kept; %d values received as compiled\n",
		filepath.Base(golden), name, len(objects), releases, int(took.Seconds()), int(prepared.Sub(begun).Seconds()), edges, values)
	return nil
}

// commitTree puts a tree into a repository of its own. What is fetched by SSH comes by HTTPS here: the laboratory has no port 22.
func commitTree(repository string) error {
	files, err := filepath.Glob(filepath.Join(repository, "clusters", "*", "*", "flux-system", "gitrepository.yaml"))
	if err != nil {
		return err
	}
	begins, err := filepath.Glob(filepath.Join(repository, "clusters", "*", "infrastructure", "*", "bootstrap.yml"))
	if err != nil {
		return err
	}
	branch := "main"
	for _, file := range append(files, begins...) {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if _, after, there := strings.Cut(string(text), "\n    branch: "); there {
			branch = strings.Trim(strings.SplitN(after, "\n", 2)[0], `"`)
		}
		changed := strings.Replace(string(text), "ssh://git@", "https://", 1)
		if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
			return err
		}
	}
	for _, args := range [][]string{{"init", "--quiet", "--initial-branch", branch}, {"add", "--all"}, {"commit", "--quiet", "--message", "The tree"}} {
		if err := git(repository, args...); err != nil {
			return err
		}
	}
	return nil
}

// inOrder looks at every edge of the tree: what depends on something began only after that was ready.
func (r *region) inOrder(objects []object) (int, error) {
	r.moments.lock.Lock()
	defer r.moments.lock.Unlock()
	edges := 0
	for _, o := range objects {
		if o.GetKind() != "HelmRelease" && (o.GetKind() != "Kustomization" || o.GetNamespace() != "flux-system") {
			continue
		}
		id := o.GetKind() + " " + o.GetName()
		needs, _, _ := unstructured.NestedSlice(o.Object, "spec", "dependsOn")
		for _, need := range needs {
			need, _ := need.(map[string]any)
			other := fmt.Sprintf("%s %s", o.GetKind(), need["name"])
			begun, there := r.moments.applied[id]
			ready, was := r.moments.ready[other]
			// Both are seen by looking, so a fifth of a second is between what happens and what is seen.
			if there && was && begun.Add(400*time.Millisecond).Before(ready) {
				return edges, fmt.Errorf("%s was applied %s before %s was ready", id, ready.Sub(begun), other)
			}
			if !was {
				return edges, fmt.Errorf("%s was never seen to be ready, and %s needs it", other, id)
			}
			edges++
		}
	}
	return edges, nil
}

// received compares what each chart was given with what the tree says, read by itself: by `valuesFrom` in its order, then `values`.
func (r *region) received(ctx context.Context, objects []object) (releases, leaves int, err error) {
	configMaps := r.cluster.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"})
	for _, o := range objects {
		if o.GetKind() != "HelmRelease" {
			continue
		}
		if suspended, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend"); suspended {
			continue
		}
		expected, err := r.compiled(ctx, o)
		if err != nil {
			return releases, leaves, err
		}
		release, _, _ := unstructured.NestedString(o.Object, "spec", "releaseName")
		namespace, _, _ := unstructured.NestedString(o.Object, "spec", "targetNamespace")
		found, err := configMaps.Namespace(namespace).Get(ctx, release+"-received", metav1.GetOptions{})
		if err != nil {
			return releases, leaves, fmt.Errorf("%s: %w", o.id(), err)
		}
		text, _, _ := unstructured.NestedString(found.Object, "data", "values")
		var given any
		if err := json.Unmarshal([]byte(text), &given); err != nil {
			return releases, leaves, err
		}
		// A default that is taken away is null for a chart that has no such default, as the stubs.
		given = withoutNull(given)
		if path, a, b, differ := compare("", expected, given); differ {
			return releases, leaves, fmt.Errorf("%s: %s is %v in the tree, and the chart received %v", o.id(), path, a, b)
		}
		releases++
		leaves += count(given)
	}
	return releases, leaves, nil
}

// compiled returns the values of a release as the tree says them.
func (r *region) compiled(ctx context.Context, o object) (any, error) {
	values := map[string]any{}
	inline, _, _ := unstructured.NestedMap(o.Object, "spec", "values")
	refs, _, _ := unstructured.NestedSlice(o.Object, "spec", "valuesFrom")
	for _, ref := range refs {
		ref, _ := ref.(map[string]any)
		resource := schema.GroupVersionResource{Version: "v1", Resource: strings.ToLower(fmt.Sprint(ref["kind"])) + "s"}
		found, err := r.cluster.dynamic.Resource(resource).Namespace("flux-system").Get(ctx, fmt.Sprint(ref["name"]), metav1.GetOptions{})
		if err != nil {
			if gone(err) && ref["optional"] == true {
				continue
			}
			return nil, err
		}
		key, _ := ref["valuesKey"].(string)
		if key == "" {
			key = "values.yaml"
		}
		text, there, _ := unstructured.NestedString(found.Object, "data", key)
		if !there && ref["optional"] == true {
			continue
		}
		if path, _ := ref["targetPath"].(string); path != "" {
			// Flux puts such a value into what stands inline, so that it reaches an element of a list there. Every value that the
			// laboratory gives by a path is `the-<key>`, which no parser takes for something else.
			values = merge(values, inline)
			if err := chartutil.ReplacePathValue(values, path, "the-"+key); err != nil {
				return nil, err
			}
			continue
		}
		var more map[string]any
		if err := yaml.Unmarshal([]byte(text), &more); err != nil {
			return nil, err
		}
		values = merge(values, more)
	}
	return plain(merge(values, inline)), nil
}

func merge(below, above map[string]any) map[string]any {
	for key, value := range above {
		a, isMap := value.(map[string]any)
		b, wasMap := below[key].(map[string]any)
		if isMap && wasMap {
			below[key] = merge(b, a)
		} else {
			below[key] = value
		}
	}
	return below
}

// plain returns a value as JSON has it, without what is null: Helm takes that for a default that is taken away.
func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var read any
	_ = json.Unmarshal(text, &read)
	return withoutNull(read)
}

func withoutNull(value any) any {
	table, is := value.(map[string]any)
	if !is {
		return value
	}
	for key, below := range table {
		if below == nil {
			delete(table, key)
		} else {
			table[key] = withoutNull(below)
		}
	}
	return table
}

func compare(path string, a, b any) (string, any, any, bool) {
	x, isMap := a.(map[string]any)
	y, isMapToo := b.(map[string]any)
	if !isMap || !isMapToo {
		return path, a, b, !reflect.DeepEqual(a, b)
	}
	for key, value := range x {
		if where, a, b, differ := compare(path+"."+key, value, y[key]); differ {
			return where, a, b, true
		}
	}
	for key, value := range y {
		if _, there := x[key]; !there {
			return path + "." + key, nil, value, true
		}
	}
	return "", nil, nil, false
}

func count(value any) int {
	switch value := value.(type) {
	case map[string]any:
		sum := 0
		for _, below := range value {
			sum += count(below)
		}
		return sum
	case []any:
		sum := 0
		for _, below := range value {
			sum += count(below)
		}
		return sum
	default:
		return 1
	}
}
