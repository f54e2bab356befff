#!/usr/bin/env bash
# Packs a built program as a release has it: NAME.tar.gz and NAME.tar.gz.sha256, where NAME is sovereign-VERSION-TARGET. The same program gives the
# same bytes.
#
#   release/package.sh BINARY TARGET OUT          TARGET as Rust calls it: x86_64-unknown-linux-musl
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
binary=${1:?a program} target=${2:?a target} out=${3:?a directory}
export LC_ALL=C

version=$("$binary" --version | cut -d ' ' -f 2)
name=sovereign-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/$name/completions" "$work/$name/man"
install -m 755 "$binary" "$work/$name/sovereign"
install -m 644 "$here/README.md" "$here/LICENSE" "$here/CHANGELOG.md" "$work/$name/"
for shell in bash elvish fish powershell zsh; do
  "$binary" completions "$shell" >"$work/$name/completions/sovereign.$shell"
done
"$binary" man >"$work/$name/man/sovereign.1"
# Modes are said above and times are one, so that nothing of this machine is in the archive.
find "$work/$name" -type d -exec chmod 755 {} +
find "$work/$name" -type f ! -name sovereign -exec chmod 644 {} +
tar --sort=name --mtime='2026-01-01 00:00:00Z' --owner=0 --group=0 --numeric-owner --format=ustar -C "$work" -cf - "$name" |
  gzip -n -9 >"$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$out/$name.tar.gz"
