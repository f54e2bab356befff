#!/usr/bin/env bash
# What action.yml does, as far as it is more than a step of a workflow. Runs without a forge too: see action/test.sh.
#
#   action/run.sh key          what the cache of the program depends on
#   action/run.sh build DIR    build the program from source into DIR/bin
#   action/run.sh download VERSION DIR [URL]    bring the program of a release into DIR/bin, if its checksum is right
#   action/run.sh run          check, diff or commit, as the variables below say
#
# COMMAND     check, diff or commit
# MANIFESTS   paths or patterns, separated by white space
# AGAINST     for diff: the commit to compare with; by default the target of the pull request, else HEAD
# BRANCH, REMOTE, PUSH (true or false)    for commit
# DENY        `warnings`, or empty
set -euo pipefail
source_of_action=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

key() {
  local sum
  sum=$(cd "$source_of_action" && find src crates kits schema docs/diagnostics Cargo.toml Cargo.lock -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
  echo "sovereign-$(uname -s)-$(uname -m)-${sum%% *}"
}

build() {
  command -v cargo >/dev/null || { echo "::error::there is no cargo on this runner to build sovereign with"; return 1; }
  cargo install --quiet --locked --path "$source_of_action" --root "$1"
}

# What release/package.sh made and the release workflow published. Nothing is kept whose checksum is another.
download() {
  local version=$1 directory=$2 from=${3:-https://github.com/openova-io/sovereign/releases/download/v$1} target name
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64) target=aarch64-unknown-linux-musl ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    *) echo "::error::no release is made for $(uname -s) on $(uname -m); leave \`version\` out to build from source"; return 1 ;;
  esac
  name=sovereign-$version-$target
  mkdir -p "$directory/download"
  # A condition has no errexit, so each step says what it needs.
  if ! (cd "$directory/download" &&
    curl --fail --silent --show-error --location --retry 3 --max-time 300 --remote-name-all \
      "$from/$name.tar.gz" "$from/$name.tar.gz.sha256" &&
    checksum "$name.tar.gz.sha256" && tar -xzf "$name.tar.gz"); then
    rm -rf "$directory/download"
    echo "::error::sovereign $version could not be brought from $from"
    return 1
  fi
  mkdir -p "$directory/bin"
  mv "$directory/download/$name/sovereign" "$directory/bin/sovereign"
  rm -rf "$directory/download"
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum --check --quiet --strict "$1"; else shasum -a 256 --check --quiet "$1"; fi
}

output() { printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"; }

# The files behind the patterns; one that matches nothing stays, so that the program names it.
manifests() {
  local pattern
  shopt -s globstar
  files=()
  # Splitting and matching are what is asked for.
  # shellcheck disable=SC2206
  for pattern in ${MANIFESTS:-sovereign.toml}; do files+=("$pattern"); done
}

# A group of findings goes to the log, where the runner makes annotations of them; the rest is the comment.
split() {
  grep '^::' "$1" || true
  grep -v '^::' "$1" >>"$comment" || true
}

against() {
  if [[ -n ${AGAINST-} ]]; then
    echo "$AGAINST"
  elif [[ -n ${GITHUB_BASE_REF-} ]]; then
    # A checkout of a pull request has one commit; the target's is fetched beside it.
    git fetch --quiet --no-tags --depth=1 "${REMOTE:-origin}" "refs/heads/$GITHUB_BASE_REF" >&2
    git rev-parse --verify FETCH_HEAD
  else
    echo HEAD
  fi
}

check() {
  local file code=0
  for file in "${files[@]}"; do
    sovereign check --format github "${deny[@]}" -- "$file" || code=$?
  done
  return "$code"
}

diff() {
  local file base code worst=0 changed=false text
  base=$(against)
  text=$(mktemp)
  comment=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/sovereign-comment.md
  : >"$comment"
  for file in "${files[@]}"; do
    code=0
    sovereign diff --against "$base" --format markdown --findings github "${deny[@]}" -- "$file" >"$text" || code=$?
    split "$text"
    if ((code == 1)); then changed=true; fi
    if ((code > 1)); then
      # shellcheck disable=SC2016  # backticks of Markdown
      printf '### `%s`\n\nHas errors; see the annotations.\n\n' "$file" >>"$comment"
      worst=$code
    fi
  done
  rm -f "$text"
  shorten
  output comment-file "$comment"
  output changed "$changed"
  cat "$comment" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
  return "$worst"
}

# Forges refuse comments over 65,536 characters. Several manifests can be more; then the folded parts go.
shorten() {
  if (($(wc -c <"$comment") > 65000)); then
    sed -i -e '/^<details>/,/^<\/details>/d' "$comment"
  fi
  if (($(wc -c <"$comment") > 65000)); then
    LC_ALL=C awk '{ size += length($0) + 1 } size > 64000 { print "\n… cut; see the summary of the run"; exit } { print }' \
      "$comment" >"$comment.cut" && mv "$comment.cut" "$comment"
  fi
}

commit() {
  local code=0 branch=${BRANCH-} text
  local -a options=(--remote "${REMOTE:-origin}")
  # A workflow checks out a commit, not always a branch.
  if [[ -z $branch && ${GITHUB_REF-} == refs/heads/* ]]; then branch=${GITHUB_REF#refs/heads/}; fi
  if [[ -n $branch ]]; then options+=(--branch "$branch"); fi
  if [[ ${PUSH:-false} == true ]]; then options+=(--push); fi
  identity
  text=$(mktemp)
  sovereign commit --format github "${options[@]}" "${deny[@]}" -- "${files[@]}" >"$text" || code=$?
  cat "$text"
  local commits
  commits=$(grep -E '^[0-9a-f]{40}$' "$text" | tr '\n' ' ' || true)
  rm -f "$text"
  output commits "${commits% }"
  if [[ -n $commits ]]; then output changed true; else output changed false; fi
  return "$code"
}

# Who commits, where the runner does not say.
identity() {
  git config user.name >/dev/null || export GIT_AUTHOR_NAME="${GIT_AUTHOR_NAME:-sovereign}" GIT_COMMITTER_NAME="${GIT_COMMITTER_NAME:-sovereign}"
  git config user.email >/dev/null || export GIT_AUTHOR_EMAIL="${GIT_AUTHOR_EMAIL:-sovereign@localhost}" GIT_COMMITTER_EMAIL="${GIT_COMMITTER_EMAIL:-sovereign@localhost}"
}

run() {
  manifests
  deny=()
  if [[ ${DENY-} == warnings ]]; then deny=(--deny warnings); fi
  case ${COMMAND:-check} in
    check | diff | commit) "${COMMAND:-check}" ;;
    *) echo "::error::command is check, diff or commit, and not ${COMMAND}"; return 2 ;;
  esac
}

case ${1-} in
  key) key ;;
  build) build "${2:?a directory}" ;;
  download) download "${2:?a version}" "${3:?a directory}" "${4-}" ;;
  run) run ;;
  *) sed -n '2,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
