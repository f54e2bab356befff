#!/usr/bin/env bash
# Puts the golden trees in front of a real API server: `tests/flux/run.sh admission [CACHE]`. docs/flux.md says what it shows.
#
# Builds what it needs, once, into CACHE (by default target/flux). All that it starts listens on the loopback and ends with it.
# Exits with 69 where a program or a module is not to be had here: then nothing was checked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
sources=$PWD/tests/flux
what=${1:?say what: admission}
cache=${2:-target/flux}
mkdir -p "$cache/bin"
cache=$(cd "$cache" && pwd)

unavailable() {
  echo "NOT CHECKED: $1" >&2
  exit 69
}

command -v etcd >/dev/null || unavailable "etcd is not here; Debian has it as etcd-server"
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

program kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
program laboratory .
for era in flux-2.4 flux-2.9; do
  (cd "$sources/$era" && go mod download) || unavailable "modules of $era cannot be fetched"
done
exec "$cache/bin/laboratory" -repository . -cache "$cache" "$what"
