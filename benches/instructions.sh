#!/usr/bin/env bash
# Counts the instructions of whole processes on examples/three-regions.toml, which a busy machine does not change.
#
#   benches/instructions.sh                 print the figures of this tree
#   benches/instructions.sh OTHER-BINARY    compare with another program: the same figures of it, and the ratios
#
# Another commit's program comes from `git worktree add ../other COMMIT` and `cargo build --release` there. SOVEREIGN names
# a program to measure in place of building this tree. Needs cargo and valgrind, under which SHA-256 is computed without
# the instructions that processors have for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly manifest=examples/three-regions.toml
case "${1-}" in
  -*) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
other=${1-}

if [[ -z ${SOVEREIGN-} ]]; then
  cargo build --release --quiet
  SOVEREIGN=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/sovereign
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The number of instructions of a command.
instructions() {
  rm -rf "$work/tree"
  if ! valgrind --tool=callgrind --callgrind-out-file="$work/out" "$@" 2>"$work/words" >/dev/null; then
    cat "$work/words" >&2
    exit 1
  fi
  awk '$1 == "summary:" || $1 == "totals:" { count = $2 } END { print count }' "$work/out"
}

# A line for a command of `sovereign`, which follows.
row() {
  local ours theirs
  ours=$(instructions "$SOVEREIGN" "$@")
  printf '%-6s %7d.%d million instructions' "$1" $((ours / 1000000)) $((ours / 100000 % 10))
  if [[ -n $other ]]; then
    theirs=$(instructions "$other" "$@")
    printf ', the other one %7d.%d: ratio %d.%02d' $((theirs / 1000000)) $((theirs / 100000 % 10)) \
      $((ours / theirs)) $((ours * 100 / theirs % 100))
  fi
  echo
}

row check "$manifest"
row build "$manifest" --out "$work/tree" --quiet
