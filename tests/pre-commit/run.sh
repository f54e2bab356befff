#!/usr/bin/env bash
# Runs our hook under the real pre-commit framework, in a repository of its own.
#
#   tests/pre-commit/run.sh VENV          VENV/bin/pre-commit, or one that is installed there from PyPI
#
# Needs `sovereign` on the PATH, git and python3.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=${1:?usage: tests/pre-commit/run.sh VENV}
[[ -x $venv/bin/python3 ]] || python3 -m venv "$venv"
[[ -x $venv/bin/pre-commit ]] || "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check 'pre-commit==4.*'
pre_commit=$(cd "$venv/bin" && pwd)/pre-commit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null PRE_COMMIT_HOME=$work/cache LC_ALL=C
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE SKIP

fail() { printf 'FAILED: %s\n' "$1" >&2; cat "$work/words" >&2; exit 1; }
commit() { git commit -m "$1" >"$work/words" 2>&1; }
refused() { if commit "$1"; then fail "$1: was committed"; fi; }
passed() { commit "$1" || fail "$1: was refused"; }
says() { grep -qF -- "$1" "$work/words" || fail "does not say: $1"; }

"$pre_commit" validate-manifest "$here/.pre-commit-hooks.yaml"

# A repository whose hooks are those of .pre-commit-hooks.yaml, without a clone of this one.
repository() {
  rm -rf "$work/repository"
  git init --quiet --initial-branch=main "$work/repository"
  cd "$work/repository"
  python3 - "$here/.pre-commit-hooks.yaml" "$1" >.pre-commit-config.yaml <<'PY'
import re, sys
text, wanted = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2]
hooks = re.split(r"(?m)^- ", text)[1:]
(hook,) = [hook for hook in hooks if hook.startswith(f"id: {wanted}\n")]
lines = hook.rstrip().splitlines()
print("repos:\n- repo: local\n  hooks:\n  - " + "\n  ".join(lines))
PY
  "$pre_commit" validate-config .pre-commit-config.yaml
  "$pre_commit" install >/dev/null
  cp "$here/examples/minimal.toml" sovereign.toml
  sovereign build --quiet 2>"$work/words"
  git add .
  passed "first"
}

repository sovereign
sed -i 's/"hetzner"/"hetzer"/' sovereign.toml
git add sovereign.toml
refused "a staged mistake"
says "sovereign.toml:$(grep -n hetzer sovereign.toml | cut -d: -f1):"
git checkout --quiet HEAD -- .

sed -i 's/ops@/team@/' sovereign.toml
git add sovereign.toml
refused "a manifest without its tree"
says "is not what the staged manifest gives"
sovereign build --quiet 2>"$work/words"
git add .
sed -i 's/"hetzner"/"hetzer"/' sovereign.toml
passed "staged right, work tree wrong"
grep -q hetzer sovereign.toml || fail "the work tree was lost"
git add sovereign.toml
sed -i 's/"hetzer"/"hetzner"/' sovereign.toml
refused "staged wrong, work tree right"
says hetzer
git add sovereign.toml
echo text >notes.txt
git add notes.txt
passed "a file that concerns nobody"

git rm --quiet clusters/first.omani.works/README.md
refused "a file of the tree that goes"
says "README.md: removed by hand"

repository sovereign-fix
sed -i 's/ops@/team@/' sovereign.toml
git add sovereign.toml
sed -i 's/team@/later@/' sovereign.toml
passed "a manifest without its tree, mended"
sovereign verify >"$work/words" 2>&1 || fail "the commit does not hold the tree of its manifest"
[[ $(git status --porcelain) == " M sovereign.toml" ]] || { git status >"$work/words"; fail "more than the manifest differs"; }
grep -q later@ sovereign.toml || fail "the work tree was lost"
echo "pre-commit $("$pre_commit" --version | cut -d' ' -f2): all well"
