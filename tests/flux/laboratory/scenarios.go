package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// scenario is a Sovereign that runs, and what a person does to it; each edit stands on the one before.
type scenario struct {
	name string
	// begins returns the text of the manifest to begin with, of examples/minimal.toml.
	begins func(example string) string
	// files stand beside the manifest from the beginning, by their paths.
	files map[string]string
	// regions are those that run from the beginning.
	regions []string
	edits   []edit
}

// edit is one change of a manifest while its regions run, and how it is committed.
type edit struct {
	name string
	// adds and drops name passages of the manifest, of those in `passages`; sets and unsets name keys, as `sovereign set` does.
	adds, drops []string
	sets        [][2]string
	unsets      []string
	// files are written beside the manifest, by their paths.
	files map[string]string
	// step is which step of the plan is committed; 0 for the whole change.
	step int
	// atOnce is a change that has several steps, in one commit all the same.
	atOnce bool
	// comes is a region that begins with this commit, goes one that the tree no longer has.
	comes, goes string
	// lacking is a chart whose new version the registry has not got: its release stays behind, with what waits
	// for it, and nothing else may.
	lacking string
	// restores is a release that stayed behind and is told to be as it is again: Helm has nothing to do, and the compiler, which compares
	// two trees, cannot know that.
	restores string
	// remade is a release that Flux may uninstall and install anew, as the compiler says where it refuses that without a consent.
	remade string
	// within is how long it may take until all is ready again.
	within time.Duration
}

// passages are what edits put at the end of a manifest.
var passages = map[string]string{
	"organization": `
[[organization]]
slug = "acme"
display-name = "Acme"
tier = "sme"
owners = [{ email = "it@acme.example", role = "owner" }]

[[organization.environment]]
env = "prod"
regions = ["fsn1"]
`,
	"second organization": `
[[organization]]
slug = "umbrella"
display-name = "Umbrella"
tier = "sme"
owners = [{ email = "it@umbrella.example", role = "owner" }]

[[organization.environment]]
env = "dev"
regions = ["fsn1"]
`,
	"consent: organization": `
[[retire]]
namespace = "acme"
`,
	"consent: 2026.05": `
[[retire]]
release = "bp-langfuse"

[[retire]]
release = "bp-spire"

[[accept]]
finding = "unaccepted-loss"
at = "kit"
reason = "the charts of the next kit have not been opened, so that its namespaces let every Pod in"
`,
	"consent: coraza": `
[[retire]]
release = "bp-coraza"
`,
	"region nbg1": `
[[region]]
name = "nbg1"
provider = "hetzner"
control-plane = { size = "cpx32" }
`,
	"region hel1": `
[[region]]
name = "hel1"
provider = "hetzner"
control-plane = { size = "cpx32" }
`,
	"consent: hel1": `
[[retire]]
region = "hel1"
`,
	"consent: vpa": `
[[retire]]
release = "bp-vpa"
`,
	"consent: another layer": `
[[move]]
from = "fsn1/foundation"
to = "fsn1/releases"
`,
}

// aMinute is how long a commit may take that changes what is there. Flux fetches it at once here, since a forge would notify it.
const aMinute = time.Minute

// scenarios are all that is tried. The first of them begins with the kit before the newest.
var scenarios = []scenario{
	{
		name: "one region", regions: []string{"fsn1"},
		begins: func(example string) string { return strings.Replace(example, `kit = "2026.05"`, `kit = "2026.04"`, 1) },
		edits: []edit{
			{name: "a value is set", sets: [][2]string{{"blueprint.reloader.values.reloader.reloader.logFormat", "json"}}},
			{name: "and another one", sets: [][2]string{{"blueprint.reloader.values.reloader.reloader.logFormat", ""}}},
			{name: "it is taken away", unsets: []string{"blueprint.reloader"}},
			{name: "a value of Flux itself", sets: [][2]string{{"blueprint.flux.values.lab.kept", "true"}}},
			{name: "another one: to take it away is refused, since Helm keeps it", sets: [][2]string{{"blueprint.flux.values.lab.kept", "false"}}},
			{name: "the next kit, what is new", sets: [][2]string{{"kit", "2026.05"}}, adds: []string{"consent: 2026.05"}, step: 1, within: 3 * time.Minute},
			{name: "the next kit, what is old", step: 2},
			{name: "an Organization comes", adds: []string{"organization"}, drops: []string{"consent: 2026.05"}},
			{name: "and another one", adds: []string{"second organization"}},
			{name: "the first goes", drops: []string{"organization"}, adds: []string{"consent: organization"}},
			{name: "Flux in two shards", drops: []string{"consent: organization"}, sets: [][2]string{{"flux.shards", "2"}}, within: 3 * time.Minute},
			{name: "Flux in one again", unsets: []string{"flux"}, within: 3 * time.Minute},
			{name: "a version that the registry lacks", sets: [][2]string{{"blueprint.reloader.version", "9.9.9"}}, lacking: "bp-reloader"},
			{name: "its repair", unsets: []string{"blueprint.reloader"}, restores: "bp-reloader"},
			{name: "one that others need", sets: [][2]string{{"blueprint.cnpg.version", "9.9.9"}}, lacking: "bp-cnpg"},
			{name: "its repair, and another value in the same commit", sets: [][2]string{{"blueprint.cnpg.version", "9.9.10"}, {"blueprint.tempo.values.tempo.replicas", "2"}}},
			{name: "a blueprint goes", sets: [][2]string{{"blueprint.coraza.enabled", "false"}}, adds: []string{"consent: coraza"}},
			{name: "it comes back", unsets: []string{"blueprint.coraza"}, drops: []string{"consent: coraza"}},
			{name: "a timeout", sets: [][2]string{{"blueprint.harbor.timeout", "40m"}}},
			{name: "a release is suspended", sets: [][2]string{{"blueprint.grafana.suspend", "true"}}},
			{name: "and goes on, with another value", sets: [][2]string{{"blueprint.grafana.suspend", "false"}, {"blueprint.grafana.values.grafana.replicas", "2"}}},
			{name: "what only a run knows", sets: [][2]string{{"region.fsn1.observed.load-balancer-address", "203.0.113.10"}}},
			{name: "and what it becomes later", sets: [][2]string{{"region.fsn1.observed.load-balancer-address", "203.0.113.11"}}},
		},
	},
	{
		name: "several regions", regions: []string{"fsn1", "nbg1"},
		begins: func(example string) string { return example + passages["region nbg1"] },
		edits: []edit{
			{name: "a value everywhere", sets: [][2]string{{"blueprint.reloader.values.reloader.reloader.logFormat", "json"}}},
			{name: "a value of one region", sets: [][2]string{{"region.nbg1.blueprint.tempo.values.tempo.replicas", "2"}}},
			{name: "a region comes, its own directory", adds: []string{"region hel1"}, step: 1, comes: "hel1"},
			{name: "and what the others know of it", step: 2},
			{name: "what only a run knows", sets: [][2]string{{"region.hel1.observed.load-balancer-address", "203.0.113.12"}}},
			{name: "it goes: the others let go of it", adds: []string{"consent: hel1"}, unsets: []string{"region.hel1"}, step: 1},
			{name: "it lets go of what it asked the cloud for", step: 2},
			{name: "it leaves the tree", step: 3, goes: "hel1"},
			{name: "and so do its machines", step: 4},
			{name: "it comes again, at once", drops: []string{"consent: hel1"}, adds: []string{"region hel1"}, atOnce: true, comes: "hel1"},
		},
	},
	{
		name: "a kit of one's own on Flux 2.9", regions: []string{"fsn1"},
		begins: func(example string) string {
			return strings.Replace(example, `kit = "2026.05"`, `kit = { path = "my-kit" }`, 1)
		},
		files: map[string]string{"my-kit/kit.toml": ownKit, "my-kit/81-lantern.toml": blueprint("releases")},
		edits: []edit{
			{name: "a version that the registry lacks, where a layer waits for it", sets: [][2]string{{"blueprint.cert-manager.version", "9.9.9"}}, lacking: "bp-cert-manager"},
			{name: "its repair", sets: [][2]string{{"blueprint.cert-manager.version", "9.9.10"}}},
			{name: "a release is to change its layer: it is kept", files: map[string]string{"my-kit/81-lantern.toml": blueprint("foundation")}, step: 1},
			{name: "it stands in the other layer", step: 2},
			{name: "and is no longer kept", step: 3},
			{name: "a blueprint with definitions goes", sets: [][2]string{{"blueprint.vpa.enabled", "false"}}, adds: []string{"consent: vpa"}},
			{name: "it comes back", unsets: []string{"blueprint.vpa"}, drops: []string{"consent: vpa"}},
			{name: "a layer changes, at once", files: map[string]string{"my-kit/81-lantern.toml": blueprint("releases")}, adds: []string{"consent: another layer"}, atOnce: true, remade: "bp-lantern"},
		},
	},
}

// ownKit is a kit of one's own with a later Flux than the kit that it extends has.
const ownKit = `name = "laboratory"
extends = "2026.05"
flux = "2.9"

[controllers]
source = "ghcr.io/fluxcd/source-controller:v1.9.6"
kustomize = "ghcr.io/fluxcd/kustomize-controller:v1.9.6"
helm = "ghcr.io/fluxcd/helm-controller:v1.6.0"

[blueprint.flux]
version = "2.0.0"
`

// blueprint returns a blueprint of that kit, in a layer.
func blueprint(layer string) string {
	return `slot = "81"
name = "bp-lantern"
version = "1.0.0"
namespace = "lantern"
release = "lantern"
runs = "every"
pod-security = "restricted"
interval = "15m"
layer = "` + layer + `"
`
}

// some are how many of the first scenario are made in every run of the checks.
const some = 7

// write puts the files of a scenario or an edit beside the manifest.
func write(repository string, files map[string]string) error {
	for path, text := range files {
		file := filepath.Join(repository, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}
