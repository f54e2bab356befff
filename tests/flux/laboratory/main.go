// Command laboratory puts the golden trees in front of a real API server and the real controllers of Flux.
//
// `tests/flux/run.sh` builds what it needs and runs it: see docs/flux.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// laboratory is where everything is.
type laboratory struct {
	// repository is the project, sources `tests/flux` of it, schemas the facts beside it, cache a directory that stays between runs.
	repository, sources, schemas, cache string
	// binaries holds the programs of Kubernetes and Flux, sovereign is the compiler.
	binaries, sovereign string
	// outside is a kubeconfig that takes the place of all programs but the compiler's.
	outside string
	// requeue is how long a controller waits before it looks again at what a release or a Kustomization depends on.
	requeue time.Duration
}

// fresh returns a directory for one run, with nothing in it.
func (l *laboratory) fresh(name string) string {
	directory := filepath.Join(l.cache, "run", name)
	_ = os.RemoveAll(directory)
	return directory
}

func main() {
	var l laboratory
	flag.StringVar(&l.repository, "repository", ".", "the root of the project")
	flag.StringVar(&l.cache, "cache", "target/flux", "what stays between runs")
	flag.StringVar(&l.schemas, "schemas", "../shared/crds/platform", "schemas of the platform's own kinds")
	flag.StringVar(&l.sovereign, "sovereign", "", "the compiler")
	flag.DurationVar(&l.requeue, "requeue-dependency", 30*time.Second, "as of the controllers of Flux, whose default this is")
	flag.Parse()
	l.outside = os.Getenv("KUBECONFIG")
	for _, path := range []*string{&l.repository, &l.cache, &l.schemas, &l.sovereign} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			fail(err)
		}
		*path = absolute
	}
	l.sources = filepath.Join(l.repository, "tests", "flux")
	l.binaries = filepath.Join(l.cache, "bin")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	begun := time.Now()
	if err := l.run(ctx, flag.Args()); err != nil {
		fail(err)
	}
	fmt.Printf("done in %d s\n", int(time.Since(begun).Seconds()))
}

func (l *laboratory) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what: admission, regions, edits")
	}
	switch args[0] {
	case "regions":
		return l.fromNothing(ctx, args[1:])
	case "edits":
		return l.transitions(ctx, strings.Join(args[1:], " "))
	case "admission":
		return l.admission(ctx)
	default:
		return fmt.Errorf("nothing is called %q", args[0])
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "FAILED:", err)
	os.Exit(1)
}
