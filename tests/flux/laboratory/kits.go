package main

import (
	"path/filepath"

	"github.com/BurntSushi/toml"
)

// kits says which API groups charts bring, by chart and version, as the kits of the project have it.
type kits struct {
	pinned map[pin][]string
	named  map[string][]string
}

func readKits(directory string) (kits, error) {
	k := kits{map[pin][]string{}, map[string][]string{}}
	files, err := filepath.Glob(filepath.Join(directory, "20*.[0-9][0-9]", "*.toml"))
	if err != nil {
		return k, err
	}
	for _, file := range files {
		var blueprint struct {
			Name, Version string
			Provides      struct{ Crds []string }
		}
		if _, err := toml.DecodeFile(file, &blueprint); err != nil {
			return k, err
		}
		k.pinned[pin{blueprint.Name, blueprint.Version}] = blueprint.Provides.Crds
		k.named[blueprint.Name] = blueprint.Provides.Crds
	}
	return k, nil
}

// groups returns the API groups of a chart; for a version that no kit pins, those that the newest kit says.
func (k kits) groups(p pin) []string {
	if groups, there := k.pinned[p]; there {
		return groups
	}
	return k.named[p.name]
}
