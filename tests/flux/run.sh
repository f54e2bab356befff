#!/usr/bin/env bash
# Puts trees in front of a real API server and real controllers of Flux. docs/flux.md says what it shows.
#
#   tests/flux/run.sh admission              every object of every golden tree
#   tests/flux/run.sh regions [TREE[/REGION] …]   regions of golden trees from nothing; all of them if none is named
#   tests/flux/run.sh edits [some|SCENARIO]  changes of a manifest while its regions run: all scenarios, the first edits, or one scenario
#
# With KUBECONFIG it takes that cluster, with Flux in it, in place of the programs that it would start: a new one for each region, which
# reaches this machine by the address that LABORATORY_HOST names.
#
# Builds what it needs, once, into $FLUX_CACHE (by default target/flux). All that it starts listens on the loopback and ends with it.
# Exits with 69 where a program or a module is not to be had here: then nothing was checked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
sources=$PWD/tests/flux
what=${1:?say what: admission, regions, edits}
shift
cache=${FLUX_CACHE:-target/flux}
mkdir -p "$cache/bin"
cache=$(cd "$cache" && pwd)

unavailable() {
  echo "NOT CHECKED: $1" >&2
  exit 69
}

[[ -n ${KUBECONFIG:-} ]] || command -v etcd >/dev/null || unavailable "etcd is not here; Debian has it as etcd-server"
command -v go >/dev/null || unavailable "Go is not here"
[[ $(printf '%s\n' 1.26 "$(go env GOVERSION | tr -d 'go')" | sort -V | head -n 1) == 1.26 ]] ||
  unavailable "$(go env GOVERSION) is here, and Go 1.26 is needed"

# A program is built again when its pins change; Go itself knows whether the laboratory's own files have.
program() {
  local module=$1 package=$2 made=$cache/bin/$1.pins
  if [[ $module != laboratory && -x $cache/bin/$module ]] && cat "$sources/$module"/go.{mod,sum} | cmp --quiet - "$made"; then
    return
  fi
  echo "building $module"
  (cd "$sources/$module" && go mod download) || unavailable "modules of $module cannot be fetched"
  (cd "$sources/$module" && go build -trimpath -ldflags='-s -w' -o "$cache/bin/$module" "$package")
  cat "$sources/$module"/go.{mod,sum} >"$made"
}

if [[ -z ${KUBECONFIG:-} ]]; then
  program kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
fi
if [[ $what != admission ]]; then
  if [[ -z ${KUBECONFIG:-} ]]; then
    program source-controller github.com/fluxcd/source-controller
    program kustomize-controller github.com/fluxcd/kustomize-controller
    program helm-controller github.com/fluxcd/helm-controller
  fi
  if [[ -z ${SOVEREIGN:-} ]]; then
    cargo build --release --quiet
    SOVEREIGN=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/sovereign
  fi
fi
program laboratory .
for era in flux-2.4 flux-2.9; do
  (cd "$sources/$era" && go mod download) || unavailable "modules of $era cannot be fetched"
done
# The controllers of Flux wait 30 seconds before they look again at what they depend on; here they wait less, for the sake of time.
exec "$cache/bin/laboratory" -repository . -cache "$cache" -sovereign "${SOVEREIGN:-}" -requeue-dependency "${REQUEUE:-5s}" "$what" "$@"
