#!/usr/bin/env bash
# Makes every package of a release from a built program, installs each, and runs what was installed. Needs `sovereign` on the PATH and
# python3; npm's part is left out where there is no node, and says so.
#
#   release/test.sh VENV          VENV is made if it is not there
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${1:?usage: release/test.sh VENV}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }
program=$(command -v sovereign)
version=$("$program" --version | cut -d ' ' -f 2)
case $(uname -m) in
  x86_64 | amd64) target=x86_64-unknown-linux-musl ;;
  aarch64 | arm64) target=aarch64-unknown-linux-musl ;;
  *) fail "no release is made for $(uname -m)" ;;
esac

# The archive: twice the same, with a checksum that holds.
"$here/package.sh" "$program" "$target" "$work/out" >/dev/null
"$here/package.sh" "$program" "$target" "$work/again" >/dev/null
archive=$work/out/sovereign-$version-$target.tar.gz
cmp "$archive" "$work/again/$(basename "$archive")" || fail "the same program gives other bytes"
(cd "$work/out" && sha256sum --check --quiet --strict "$(basename "$archive").sha256") || fail "the checksum"
tar -xzf "$archive" -C "$work"
[[ $("$work/sovereign-$version-$target/sovereign" --version) == "sovereign $version" ]] || fail "the archive"
[[ -s $work/sovereign-$version-$target/completions/sovereign.zsh && -s $work/sovereign-$version-$target/man/sovereign.1 ]] || fail "the archive's pages"

# The wheel, from no index.
[[ -x $venv/bin/python3 ]] || python3 -m venv "$venv"
python3 "$here/wheel.py" "$archive" "$work/out" >/dev/null
"$venv/bin/python3" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$work/out" --force-reinstall "sovereign-compiler==$version"
[[ $("$venv/bin/sovereign" --version) == "sovereign $version" ]] || fail "the wheel"
if python3 "$here/wheel.py" "$work/out/other.tar.gz" "$work/out" 2>/dev/null; then fail "a wheel of anything"; fi

# The npm packages, from no registry.
if command -v npm >/dev/null; then
  node "$here/npm.mjs" "$work/npm" "$archive" >/dev/null
  (cd "$work/npm" && for package in */; do npm pack --silent "./$package" >/dev/null; done)
  mkdir "$work/project"
  (cd "$work/project" && npm install --silent --offline --no-audit --no-fund "$work"/npm/*.tgz >/dev/null)
  [[ $("$work/project/node_modules/.bin/sovereign" --version) == "sovereign $version" ]] || fail "the npm package"
  "$work/project/node_modules/.bin/sovereign" check /nowhere 2>/dev/null && fail "the npm package loses exit codes"
  (($("$work/project/node_modules/.bin/sovereign" check /nowhere >/dev/null 2>&1; echo $?) == 3)) || fail "the npm package loses exit codes"
else
  echo "NOT CHECKED: the npm packages, since there is no npm"
fi

# The formula, which names all four archives and their checksums.
for other in x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-apple-darwin aarch64-apple-darwin; do
  "$here/package.sh" "$program" "$other" "$work/all" >/dev/null
done
"$here/homebrew.sh" "$work/all" >"$work/sovereign.rb"
for sum in "$work"/all/*.sha256; do
  grep -q "sha256 \"$(cut -d ' ' -f 1 "$sum")\"" "$work/sovereign.rb" || fail "the formula lacks $(basename "$sum")"
done
if command -v ruby >/dev/null; then ruby -c "$work/sovereign.rb" >/dev/null || fail "the formula is no Ruby"; fi
if "$here/homebrew.sh" "$work/out" >/dev/null 2>&1; then fail "a formula without all archives"; fi

# The action brings the program of a release in place of a build: with the right checksum, and with no other.
"$here/../action/run.sh" download "$version" "$work/action" "file://$work/out" >/dev/null || fail "the action cannot bring a release"
[[ $("$work/action/bin/sovereign" --version) == "sovereign $version" ]] || fail "the action's program"
sed -i 's/^./x/' "$work/out/$(basename "$archive").sha256"
if "$here/../action/run.sh" download "$version" "$work/other" "file://$work/out" >/dev/null 2>&1; then fail "the action takes another checksum"; fi
[[ ! -e $work/other/bin/sovereign ]] || fail "the action keeps what it refused"
# The workflow stops at a tag that is not the version, and the notes are those of the version.
if "$here/version.sh" "v9.$version" 2>/dev/null; then fail "any tag is a version"; fi
"$here/notes.sh" "v$version" | grep '^### ' >/dev/null || fail "the notes"
if "$here/notes.sh" v9.9.9 >/dev/null 2>&1; then fail "notes of what is not there"; fi

echo "archive, wheel, npm packages, formula and the action's download hold sovereign $version"
