#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version.
#
#   release/notes.sh v0.1.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=${1:?a tag}
version=${version#v}
notes=$(awk -v wanted="## [$version]" 'index($0, wanted) == 1 { on = 1; next } /^## \[/ { on = 0 } on' CHANGELOG.md)
[[ -n ${notes//[[:space:]]/} ]] || { echo "CHANGELOG.md says nothing of $version" >&2; exit 1; }
printf '%s\n' "$notes"
