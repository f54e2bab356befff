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

// sovereign is a manifest with its tree in a repository, and a cluster for each of its regions.
type sovereign struct {
	lab                  *laboratory
	repository, manifest string
	regions              []*region
}

// transitions tries every scenario; only some edits of the first where it is to be short.
func (l *laboratory) transitions(ctx context.Context, wanted string) error {
	var all []error
	made := 0
	for _, s := range scenarios {
		short := wanted == "some"
		if short {
			s.edits = s.edits[:some]
		} else if wanted != "" && wanted != s.name {
			continue
		}
		if l.outside != "" && len(s.regions) > 1 {
			fmt.Printf("%s: NOT CHECKED: the cluster from outside is one\n", s.name)
			continue
		}
		count, err := l.try(ctx, s)
		made += count
		if err != nil {
			all = append(all, fmt.Errorf("%s: %w", s.name, err))
		}
		if short || ctx.Err() != nil {
			break
		}
	}
	if made == 0 && len(all) == 0 {
		return fmt.Errorf("no scenario is called %q", wanted)
	}
	if len(all) == 0 {
		fmt.Printf("%d edits came out as it was said\n", made)
	}
	return errors.Join(all...)
}

// try brings up the regions of a scenario and makes its edits: what the compiler says of each has to be what
// happens in the clusters, object by object. Returns how many edits came out so.
func (l *laboratory) try(ctx context.Context, wanted scenario) (int, error) {
	repository := l.fresh("repository")
	s := &sovereign{lab: l, repository: repository, manifest: filepath.Join(repository, "sovereign.toml")}
	defer func() {
		for _, r := range s.regions {
			r.stop()
		}
	}()
	if err := s.found(ctx, wanted); err != nil {
		return 0, err
	}
	for _, name := range wanted.regions {
		if err := s.begin(ctx, name); err != nil {
			return 0, err
		}
	}
	for _, r := range s.regions {
		if err := r.settle(ctx, patience); err != nil {
			return 0, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	fmt.Printf("%s: %s ready; %d edits\n", wanted.name, strings.Join(wanted.regions, ", "), len(wanted.edits))
	var wrong []string
	for n, e := range wanted.edits {
		line, err := s.make(ctx, e)
		if err != nil {
			line = "FAILED: " + err.Error()
			wrong = append(wrong, e.name)
		}
		fmt.Printf("%2d. %s: %s\n", n+1, e.name, line)
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	count := len(wanted.edits) - len(wrong)
	if len(wrong) > 0 {
		return count, fmt.Errorf("%d edits came out otherwise than it was said: %s", len(wrong), strings.Join(wrong, "; "))
	}
	return count, nil
}

// found makes the repository that the edits begin with: a manifest and its tree.
func (s *sovereign) found(ctx context.Context, wanted scenario) error {
	example, err := os.ReadFile(filepath.Join(s.lab.repository, "examples", "minimal.toml"))
	if err != nil {
		return err
	}
	first := wanted.begins(string(example))
	if first == string(example) {
		return fmt.Errorf("examples/minimal.toml is not for kit 2026.05")
	}
	if err := write(s.repository, map[string]string{"sovereign.toml": first}); err != nil {
		return err
	}
	if err := write(s.repository, wanted.files); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch", "main"}, {"config", "user.name", "laboratory"},
		{"config", "user.email", "laboratory@example.com"}, {"add", "--all"}, {"commit", "--quiet", "--message", "The manifest"},
	} {
		if err := git(s.repository, args...); err != nil {
			return err
		}
	}
	_, err = s.lab.compiler(ctx, s.manifest, "commit")
	return err
}

// begin gives a region its cluster.
func (s *sovereign) begin(ctx context.Context, name string) error {
	r, err := s.lab.begin(ctx, name, s.repository, s.manifest)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.regions = append(s.regions, r)
	return nil
}

// edited changes the text of the manifest; keys are set by the compiler's own commands, in the text as it stands then.
func (s *sovereign) edited(ctx context.Context, e edit) error {
	for _, key := range e.unsets {
		if _, err := s.lab.compiler(ctx, s.manifest, "unset", key); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(s.manifest)
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
	if err := os.WriteFile(s.manifest, []byte(after), 0o644); err != nil {
		return err
	}
	if err := write(s.repository, e.files); err != nil {
		return err
	}
	for _, pair := range e.sets {
		if _, err := s.lab.compiler(ctx, s.manifest, "set", pair[0], pair[1]); err != nil {
			return err
		}
	}
	return nil
}

// make carries out an edit and returns a line on how it went.
func (s *sovereign) make(ctx context.Context, e edit) (string, error) {
	before := map[string]map[string]state{}
	for _, r := range s.regions {
		there, err := r.census(ctx)
		if err != nil {
			return "", err
		}
		before[r.name] = there
	}
	head, err := head(s.repository)
	if err != nil {
		return "", err
	}
	promises, err := s.commit(ctx, e)
	if err != nil {
		return "", errors.Join(err, git(s.repository, "reset", "--quiet", "--hard", head))
	}
	begun := time.Now()
	for _, r := range s.regions {
		if r.name == e.goes {
			continue
		}
		if err := r.stock(e.lacking); err != nil {
			return "", err
		}
		if err := r.fetch(ctx); err != nil {
			return "", err
		}
	}
	var lines []string
	for _, r := range s.regions {
		if r.name == e.goes {
			continue
		}
		if err := r.came(ctx, e, promises[r.name], before[r.name]); err != nil {
			return "", fmt.Errorf("%s: %w", r.name, err)
		}
		lines = append(lines, r.name+": "+promises[r.name].String())
	}
	took := time.Since(begun)
	if within := max(e.within, aMinute); took > within {
		return "", fmt.Errorf("ready after %d s, and %d were expected", int(took.Seconds()), int(within.Seconds()))
	}
	if e.goes != "" {
		if err := s.left(ctx, e.goes, before[e.goes]); err != nil {
			return "", fmt.Errorf("%s: %w", e.goes, err)
		}
		lines = append(lines, e.goes+": its cluster keeps what it has")
	}
	if e.comes != "" {
		arrived := time.Now()
		if err := s.begin(ctx, e.comes); err != nil {
			return "", err
		}
		if err := s.regions[len(s.regions)-1].settle(ctx, patience); err != nil {
			return "", fmt.Errorf("%s: %w", e.comes, err)
		}
		lines = append(lines, fmt.Sprintf("%s: ready from nothing after %d s", e.comes, int(time.Since(arrived).Seconds())))
	}
	return fmt.Sprintf("%s; ready after %d s", strings.Join(lines, "; "), int(took.Seconds())), nil
}

// came waits until a region has taken a commit, and holds it against what was said.
func (r *region) came(ctx context.Context, e edit, said *promise, before map[string]state) error {
	objects, err := ofRegion(r.root, r.name)
	if err != nil {
		return err
	}
	if err := r.settle(ctx, patience, behind(objects, e.lacking)...); err != nil {
		return err
	}
	after, err := r.census(ctx)
	if err != nil {
		return err
	}
	if differences := said.compare(before, after, e); len(differences) > 0 {
		return fmt.Errorf("%s", strings.Join(differences, "; "))
	}
	return nil
}

// left holds that a region whose directory is gone keeps all that it has: Flux finds nothing to apply there, and prunes nothing. Then its
// cluster ends, as its machines do.
func (s *sovereign) left(ctx context.Context, name string, before map[string]state) error {
	at := slices.IndexFunc(s.regions, func(r *region) bool { return r.name == name })
	if at < 0 {
		return fmt.Errorf("it did not run")
	}
	r := s.regions[at]
	if err := r.fetch(ctx); err != nil {
		return err
	}
	if err := r.stranded(ctx); err != nil {
		return err
	}
	after, err := r.census(ctx)
	if err != nil {
		return err
	}
	for _, id := range sorted(before) {
		if now, there := after[id]; !there || now.identity != before[id].identity {
			return fmt.Errorf("%s went with its directory", id)
		}
	}
	r.stop()
	s.regions = slices.Delete(s.regions, at, at+1)
	return nil
}

// behind returns a release and all that wait for it, Kustomizations that check it too, as `settle` names them.
func behind(objects []object, name string) []string {
	if name == "" {
		return nil
	}
	left := map[string]bool{"HelmRelease " + name: true}
	for known := 0; known < len(left); {
		known = len(left)
		for _, o := range objects {
			kind := o.GetKind()
			if kind != "HelmRelease" && kind != "Kustomization" {
				continue
			}
			for _, list := range []string{"dependsOn", "healthChecks"} {
				waits, _, _ := unstructured.NestedSlice(o.Object, "spec", list)
				for _, wait := range waits {
					w, is := wait.(map[string]any)
					of, _ := w["kind"].(string)
					if is && left[cmp.Or(of, kind)+" "+fmt.Sprint(w["name"])] {
						left[kind+" "+o.GetName()] = true
					}
				}
			}
		}
	}
	return sorted(left)
}

// commit makes the edit, and returns what the compiler said of it, by region, before it committed the tree.
func (s *sovereign) commit(ctx context.Context, e edit) (map[string]*promise, error) {
	if err := s.edited(ctx, e); err != nil {
		return nil, err
	}
	if err := git(s.repository, "add", "--all"); err != nil {
		return nil, err
	}
	if err := git(s.repository, "commit", "--quiet", "--allow-empty", "--message", e.name); err != nil {
		return nil, err
	}
	// Who changes a manifest makes the Secrets that are listed for it.
	for _, r := range s.regions {
		if err := r.secrets(ctx, s.manifest); err != nil {
			return nil, err
		}
	}
	said, err := s.said(ctx, e.step)
	if err != nil {
		return nil, err
	}
	promises := map[string]*promise{}
	for _, r := range s.regions {
		promises[r.name] = promised(said, r.name)
	}
	commit := []string{"commit"}
	if e.step > 0 {
		commit = append(commit, "--step", fmt.Sprint(e.step))
	}
	if e.atOnce {
		commit = append(commit, "--at-once")
	}
	_, err = s.lab.compiler(ctx, s.manifest, commit...)
	return promises, err
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
