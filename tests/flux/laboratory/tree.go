package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

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
