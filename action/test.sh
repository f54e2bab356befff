#!/usr/bin/env bash
# Runs action/run.sh as a forge would, with an environment of its own. Needs `sovereign` on the PATH, git and python3
# with PyYAML.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset "${!GITHUB_@}" "${!GIT_@}" COMMAND MANIFESTS AGAINST PUSH BRANCH REMOTE DENY
export HOME=$work GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null LC_ALL=C.UTF-8
export RUNNER_TEMP=$work/temp GITHUB_OUTPUT=$work/output GITHUB_STEP_SUMMARY=$work/summary
mkdir "$RUNNER_TEMP"

fail() { printf 'FAILED: %s\n' "$1" >&2; cat "$work/log" >&2; exit 1; }
# Runs the script with variables; gives its exit code in `code`.
act() {
  : >"$GITHUB_OUTPUT"
  : >"$GITHUB_STEP_SUMMARY"
  code=0
  env "$@" "$here/action/run.sh" run >"$work/log" 2>&1 || code=$?
}
ends() { ((code == $1)) || fail "ends with $code and not with $1"; }
says() { grep -qF -- "$1" "${2:-$work/log}" || fail "${2:-the log} does not say: $1"; }
output() { sed -n "s/^$1=//p" "$GITHUB_OUTPUT"; }

# Every variable that the script reads is set by action.yml, from an input that exists.
python3 - "$here" <<'PY'
import re, sys, yaml
action = yaml.safe_load(open(f"{sys.argv[1]}/action.yml", encoding="utf-8"))
text = open(f"{sys.argv[1]}/action.yml", encoding="utf-8").read()
assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(action["inputs"])
(run,) = [step for step in action["runs"]["steps"] if step.get("id") == "run"]
script = open(f"{sys.argv[1]}/action/run.sh", encoding="utf-8").read()
wanted = {"COMMAND", "MANIFESTS", "AGAINST", "PUSH", "BRANCH", "REMOTE", "DENY"}
assert wanted | {"BINARY_DIRECTORY"} == set(run["env"]), run["env"]
assert all(f"${{{name}" in script for name in wanted)
written = set(re.findall(r"^\s*(?:if .*then )?output ([\w-]+)", script, re.M))
assert set(action["outputs"]) == written, written
PY

git init --quiet --bare --initial-branch=main "$work/remote"
git clone --quiet "$work/remote" "$work/clone" 2>/dev/null
cd "$work/clone"
git switch --quiet --create main 2>/dev/null || true
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
mkdir -p sovereigns/one sovereigns/two
cp "$here/examples/minimal.toml" sovereigns/one/sovereign.toml
sed 's/"first"/"second"/' "$here/examples/minimal.toml" >sovereigns/two/sovereign.toml
git add .
git commit --quiet -m manifests
git push --quiet origin main
all='MANIFESTS=sovereigns/*/sovereign.toml'
unset "${!GIT_AUTHOR_@}" "${!GIT_COMMITTER_@}"

act COMMAND=check "$all"
ends 0
act COMMAND=check "$all" DENY=warnings
ends 1
says "::error "
act COMMAND=check MANIFESTS=none.toml
ends 3
says none.toml
act COMMAND=nonsense
ends 2

act COMMAND=commit "$all" PUSH=true GITHUB_REF=refs/heads/main
ends 0
[[ $(output commits | wc -w) == 2 && $(output changed) == true ]] || fail "two commits"
[[ $(git -C "$work/remote" rev-list --count main) == 3 ]] || fail "they are not pushed"
[[ $(git -C "$work/remote" log -1 --format=%an main) == sovereign ]] || fail "nobody committed"
act COMMAND=commit "$all" PUSH=true GITHUB_REF=refs/heads/main
ends 0
[[ -z $(output commits) && $(output changed) == false ]] || fail "a commit without a change"

# A pull request: one commit, detached, as checkout leaves it.
git clone --quiet --depth=1 "file://$work/remote" "$work/request"
cd "$work/request"
git checkout --quiet --detach
act COMMAND=diff "$all" GITHUB_BASE_REF=main
ends 0
[[ $(output changed) == false ]] || fail "nothing changes"
says "Nothing changes" "$(output comment-file)"
sed -i 's/ops@/team@/' sovereigns/one/sovereign.toml
act COMMAND=diff "$all" GITHUB_BASE_REF=main
ends 0
[[ $(output changed) == true ]] || fail "something changes"
# shellcheck disable=SC2016  # backticks of Markdown
says '### `clusters/first.omani.works`' "$(output comment-file)"
# shellcheck disable=SC2016  # backticks of Markdown
says '### `clusters/first.omani.works`' "$GITHUB_STEP_SUMMARY"
if grep -q '^::' "$(output comment-file)"; then fail "annotations in the comment"; fi
says "::warning "
sed -i 's/"hetzner"/"hetzer"/' sovereigns/two/sovereign.toml
act COMMAND=diff "$all" GITHUB_BASE_REF=main
ends 2
says "Has errors" "$(output comment-file)"
act COMMAND=check "$all"
ends 1
says "::error file=sovereigns/two/sovereign.toml,line=$(grep -n hetzer sovereigns/two/sovereign.toml | cut -d: -f1)"
[[ $("$here/action/run.sh" key) == "$("$here/action/run.sh" key)" ]] || fail "the key differs"
echo "the action does what action.yml says"
