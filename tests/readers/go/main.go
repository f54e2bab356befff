// Command readers reads every YAML file of a directory with go-yaml v3 and with sigs.k8s.io/yaml, the reader of
// Kubernetes, and compares it with the JSON file beside it.
//
// The corpus is written by `cargo test --test it`; give its directory: `go run . <target>/tmp/yaml-corpus`.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	yamlv3 "gopkg.in/yaml.v3"
	k8s "sigs.k8s.io/yaml"
)

// fromJSON reads JSON and keeps the spelling of its numbers.
func fromJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

// fromK8s reads YAML as Kubernetes does, which is by way of JSON. There 1.0 is 1.
func fromK8s(text []byte) (any, error) {
	asJSON, err := k8s.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	return fromJSON(asJSON)
}

func fromV3(text []byte) (value any, err error) {
	err = yamlv3.Unmarshal(text, &value)
	return value, err
}

// comparison counts what it compares and collects what differs.
type comparison struct {
	// typed says that the reader tells 1.0 from 1.
	typed    bool
	compared int
	differ   []string
}

func (c *comparison) fail(path string, found, expected any) {
	c.differ = append(c.differ, fmt.Sprintf("%s: %#v instead of %#v", path, found, expected))
}

func (c *comparison) compare(path string, found, expected any) {
	switch expected := expected.(type) {
	case map[string]any:
		// go-yaml gives a map with other keys another type, so a re-typed key fails here.
		found, ok := found.(map[string]any)
		if !ok || len(found) != len(expected) {
			c.fail(path, found, expected)
			return
		}
		for key, value := range expected {
			c.compared++
			here, ok := found[key]
			if !ok {
				c.fail(path, "no key", key)
				continue
			}
			c.compare(fmt.Sprintf("%s[%q]", path, key), here, value)
		}
	case []any:
		found, ok := found.([]any)
		if !ok || len(found) != len(expected) {
			c.fail(path, found, expected)
			return
		}
		for n, value := range expected {
			c.compare(fmt.Sprintf("%s[%d]", path, n), found[n], value)
		}
	case json.Number:
		c.compared++
		if !c.sameNumber(found, expected.String()) {
			c.fail(path, found, expected)
		}
	default:
		c.compared++
		if found != expected {
			c.fail(path, found, expected)
		}
	}
}

func (c *comparison) sameNumber(found any, expected string) bool {
	isFloat := strings.ContainsAny(expected, ".eE")
	float, err := strconv.ParseFloat(expected, 64)
	if err != nil {
		return false
	}
	switch found := found.(type) {
	case int:
		return !isFloat && strconv.Itoa(found) == expected
	case float64:
		return isFloat && math.Float64bits(found) == math.Float64bits(float)
	case json.Number:
		if c.typed {
			return false
		}
		if !isFloat {
			return found.String() == expected
		}
		here, err := found.Float64()
		return err == nil && math.Float64bits(here) == math.Float64bits(float)
	}
	return false
}

func run(directory string) (bad int, err error) {
	files, err := filepath.Glob(filepath.Join(directory, "*.yaml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no YAML files in %s", directory)
	}
	if err != nil {
		return 0, err
	}
	readers := []struct {
		name  string
		typed bool
		read  func([]byte) (any, error)
	}{{"yaml.v3", true, fromV3}, {"sigs.k8s.io/yaml", false, fromK8s}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return bad, err
		}
		asJSON, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".json")
		if err != nil {
			return bad, err
		}
		expected, err := fromJSON(asJSON)
		if err != nil {
			return bad, err
		}
		for _, reader := range readers {
			c := comparison{typed: reader.typed}
			found, err := reader.read(text)
			if err != nil {
				c.differ = append(c.differ, err.Error())
			} else {
				c.compare("$", found, expected)
			}
			fmt.Printf("%s: %s: %d keys and scalars, %d differ\n", filepath.Base(file), reader.name, c.compared, len(c.differ))
			for _, line := range c.differ[:min(10, len(c.differ))] {
				fmt.Println(line)
			}
			bad += len(c.differ)
		}
	}
	return bad, nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: readers <directory of the corpus>")
		os.Exit(2)
	}
	bad, err := run(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || bad > 0 {
		os.Exit(1)
	}
}
