#!/usr/bin/env bash
# Fails unless a tag, Cargo.toml and CHANGELOG.md speak of one version.
#
#   release/version.sh v0.1.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tag=${1:?a tag}
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
[[ $tag == "v$version" ]] || { echo "the tag is $tag, and Cargo.toml says $version" >&2; exit 1; }
grep -qE "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md ||
  { echo "CHANGELOG.md has no section \`## [$version] - YYYY-MM-DD\`" >&2; exit 1; }
