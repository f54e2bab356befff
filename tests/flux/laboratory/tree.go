package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// ours is what every tree calls the repository that it stands in.
const ours = "sovereign"

// object is one object of a tree, and the file that holds it.
type object struct {
	*unstructured.Unstructured
	path string
	text []byte
}

// id names an object among all of a cluster: `HelmRelease flux-system/bp-cilium`.
func (o object) id() string { return identity(o.Unstructured) }

func identity(u *unstructured.Unstructured) string {
	if namespace := u.GetNamespace(); namespace != "" {
		return fmt.Sprintf("%s %s/%s", u.GetKind(), namespace, u.GetName())
	}
	return fmt.Sprintf("%s %s", u.GetKind(), u.GetName())
}

// parse reads one document, and refuses a key that stands twice.
func parse(text []byte) (*unstructured.Unstructured, error) {
	content := map[string]any{}
	if err := yaml.UnmarshalStrict(text, &content); err != nil {
		return nil, err
	}
	return &unstructured.Unstructured{Object: content}, nil
}

// documents reads a file of several documents.
func documents(text []byte) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for _, document := range strings.Split("\n"+string(text), "\n---\n") {
		u, err := parse([]byte(document))
		if err != nil {
			return nil, err
		}
		if u.GetKind() != "" {
			all = append(all, u)
		}
	}
	return all, nil
}

// readObjects reads every object below a directory. Listings of kustomize are no objects.
func readObjects(directory string) ([]object, error) {
	var all []object
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		u, err := parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if u.GroupVersionKind().Group != "kustomize.config.k8s.io" {
			all = append(all, object{u, path, text})
		}
		return nil
	})
	return all, err
}

// root returns the directory of the one Sovereign in a repository.
func root(repository string) (string, error) {
	found, err := filepath.Glob(filepath.Join(repository, "clusters", "*"))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%s holds %d Sovereigns, and one is looked at", repository, len(found))
	}
	return found[0], nil
}

// regions returns the names of the clusters of a Sovereign.
func regions(root string) ([]string, error) {
	begins, err := filepath.Glob(filepath.Join(root, "*", "flux-system"))
	var names []string
	for _, begin := range begins {
		names = append(names, filepath.Base(filepath.Dir(begin)))
	}
	return names, err
}

// ofRegion returns the objects that the cluster of a region gets: those below its directory, and below the directories that its
// Kustomizations name elsewhere in the tree.
func ofRegion(root, name string) ([]object, error) {
	all, err := readObjects(filepath.Join(root, name))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, o := range slices.Clone(all) {
		if !strings.HasPrefix(o.GroupVersionKind().Group, "kustomize.toolkit.") {
			continue
		}
		path, _, _ := unstructured.NestedString(o.Object, "spec", "path")
		source, _, _ := unstructured.NestedString(o.Object, "spec", "sourceRef", "name")
		directory := filepath.Join(filepath.Dir(filepath.Dir(root)), path)
		inside := directory == filepath.Join(root, name) || strings.HasPrefix(directory, filepath.Join(root, name)+"/")
		if source != ours || inside || seen[directory] {
			continue
		}
		seen[directory] = true
		more, err := readObjects(directory)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.id(), err)
		}
		all = append(all, more...)
	}
	return all, nil
}
