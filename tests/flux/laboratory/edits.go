package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// edit is one change of a manifest while the region runs, and how it is committed.
type edit struct {
	name string
	// adds and drops name passages of the manifest, of those in `passages`; sets and unsets name keys, as `sovereign set` does.
	adds, drops []string
	sets        [][2]string
	unsets      []string
	// step is which step of the plan is committed; 0 for the whole change.
	step int
	// lacking is a chart whose new version the registry has not got: its release stays behind, with what waits
	// for it, and nothing else may.
	lacking string
	// restores is a release that stayed behind and is told to be as it is again: Helm has nothing to do, and the compiler, which compares
	// two trees, cannot know that.
	restores string
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
}

// aMinute is how long a commit may take that changes what is there. Flux fetches it at once here, since a forge would notify it.
const aMinute = time.Minute

// edits begin with kit 2026.04 in one region, and each stands on the one before.
var edits = []edit{
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
}

// some are those that are made in every run of the checks.
const some = 7

// manifest is the text that edits change.
type manifest struct{ file string }

// edited changes the text of a manifest; keys are set by the compiler's own commands, in the text as it stands then.
func (l *laboratory) edited(ctx context.Context, m *manifest, e edit) error {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return err
	}
	after := string(text)
	for _, name := range e.drops {
		after = strings.Replace(after, passages[name], "", 1)
	}
	for _, name := range e.adds {
		after += passages[name]
	}
	if err := os.WriteFile(m.file, []byte(after), 0o644); err != nil {
		return err
	}
	for _, key := range e.unsets {
		if _, err := l.compiler(ctx, m.file, "unset", key); err != nil {
			return err
		}
	}
	for _, pair := range e.sets {
		if _, err := l.compiler(ctx, m.file, "set", pair[0], pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// transitions brings up one region and changes its manifest again and again: what the compiler says of each change has to be what
// happens in the cluster, object by object. `count` is how many edits are made; all of them for 0.
func (l *laboratory) transitions(ctx context.Context, count int) error {
	if count == 0 {
		count = len(edits)
	}
	repository := l.fresh("repository")
	m := &manifest{file: filepath.Join(repository, "sovereign.toml")}
	if err := l.found(ctx, repository, m); err != nil {
		return err
	}
	r, err := l.begin(ctx, "fsn1", repository, m.file)
	if err != nil {
		return err
	}
	defer r.stop()
	if err := r.settle(ctx, patience); err != nil {
		return err
	}
	fmt.Printf("the region is ready; %d edits of %d\n", count, len(edits))
	var wrong []string
	for n, e := range edits[:count] {
		line, err := r.make(ctx, m, e)
		if err != nil {
			line = "FAILED: " + err.Error()
			wrong = append(wrong, e.name)
		}
		fmt.Printf("%2d. %s: %s\n", n+1, e.name, line)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%d edits came out otherwise than it was said: %s", len(wrong), strings.Join(wrong, "; "))
	}
	fmt.Printf("%d edits came out as it was said\n", count)
	return nil
}

// found makes the repository that the edits begin with: a manifest and its tree.
func (l *laboratory) found(ctx context.Context, repository string, m *manifest) error {
	text, err := os.ReadFile(filepath.Join(l.repository, "examples", "minimal.toml"))
	if err != nil {
		return err
	}
	first := strings.Replace(string(text), `kit = "2026.05"`, `kit = "2026.04"`, 1)
	if first == string(text) {
		return fmt.Errorf("examples/minimal.toml is not for kit 2026.05")
	}
	if err := os.MkdirAll(repository, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(m.file, []byte(first), 0o644); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch", "main"}, {"config", "user.name", "laboratory"},
		{"config", "user.email", "laboratory@example.com"}, {"add", "--all"}, {"commit", "--quiet", "--message", "The manifest"},
	} {
		if err := git(repository, args...); err != nil {
			return err
		}
	}
	_, err = l.compiler(ctx, m.file, "commit")
	return err
}

// make carries out an edit and returns a line on how it went.
func (r *region) make(ctx context.Context, m *manifest, e edit) (string, error) {
	before, err := r.census(ctx)
	if err != nil {
		return "", err
	}
	head, err := r.head()
	if err != nil {
		return "", err
	}
	promise, err := r.commit(ctx, m, e)
	if err != nil {
		return "", errors.Join(err, git(r.repository, "reset", "--quiet", "--hard", head))
	}
	if err := r.stock(e.lacking); err != nil {
		return "", err
	}
	within := max(e.within, aMinute)
	begun := time.Now()
	if err := r.fetch(ctx); err != nil {
		return "", err
	}
	objects, err := ofRegion(r.root, r.name)
	if err != nil {
		return "", err
	}
	except := behind(objects, e.lacking)
	if err := r.settle(ctx, patience, except...); err != nil {
		return "", err
	}
	took := time.Since(begun)
	after, err := r.census(ctx)
	if err != nil {
		return "", err
	}
	if differences := promise.compare(before, after, cmp.Or(e.lacking, e.restores)); len(differences) > 0 {
		return "", fmt.Errorf("%s", strings.Join(differences, "; "))
	}
	if took > within {
		return "", fmt.Errorf("ready after %d s, and %d were expected", int(took.Seconds()), int(within.Seconds()))
	}
	return fmt.Sprintf("%s; ready after %d s", promise, int(took.Seconds())), nil
}

// behind returns a release and all that wait for it, as `settle` names them.
func behind(objects []object, name string) []string {
	if name == "" {
		return nil
	}
	left := map[string]bool{name: true}
	for known := 0; known < len(left); {
		known = len(left)
		for _, o := range objects {
			dependencies, _, _ := unstructured.NestedSlice(o.Object, "spec", "dependsOn")
			for _, dependency := range dependencies {
				d, is := dependency.(map[string]any)
				if o.GetKind() == "HelmRelease" && is && left[fmt.Sprint(d["name"])] {
					left[o.GetName()] = true
				}
			}
		}
	}
	var names []string
	for _, release := range sorted(left) {
		names = append(names, "HelmRelease "+release)
	}
	return names
}

// commit makes the edit, and returns what the compiler said of it before it committed the tree.
func (r *region) commit(ctx context.Context, m *manifest, e edit) (*promise, error) {
	if err := r.lab.edited(ctx, m, e); err != nil {
		return nil, err
	}
	if err := git(r.repository, "commit", "--quiet", "--allow-empty", "--all", "--message", e.name); err != nil {
		return nil, err
	}
	// Who changes a manifest makes the Secrets that are listed for it.
	if err := r.secrets(ctx, m.file); err != nil {
		return nil, err
	}
	promise, err := r.promise(ctx, m, e)
	if err != nil {
		return nil, err
	}
	commit := []string{"commit"}
	if e.step > 0 {
		commit = append(commit, "--step", fmt.Sprint(e.step))
	}
	_, err = r.lab.compiler(ctx, m.file, commit...)
	return promise, err
}

// sorted returns the keys of a set in order.
func sorted[V any](set map[string]V) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
