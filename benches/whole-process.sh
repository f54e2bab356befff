#!/usr/bin/env bash
# Times whole processes: the compiler on examples/three-regions.toml, and kustomize on the tree that it writes.
#
#   benches/whole-process.sh             print the figures
#   benches/whole-process.sh --assert    also fail unless a build takes less than 20 ms and kustomize 20 times as long
#
# N=20 sets the number of runs; the median is what counts. Needs bash 5, cargo and coreutils; kustomize or kubectl for
# the comparison; GNU time or python3 for the peak of memory. What is missing is left out, and --assert then fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly manifest=examples/three-regions.toml runs=${N:-20} limit_us=20000 factor=20
assert=false
case "${1-}" in
  '') ;;
  --assert) assert=true ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
# A comma in EPOCHREALTIME is the locale's doing.
export LC_ALL=C

now() { printf '%s' "${EPOCHREALTIME/./}"; }
# Median and minimum: on a machine with other work the minimum says more.
median() { sort -n | sed -n "1h;$(((runs + 1) / 2)){G;s/\n/ /p}"; }
ms() { printf '%6d.%01d ms' $(($1 / 1000)) $(($1 % 1000 / 100)); }

cargo build --release --quiet
sovereign=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/sovereign
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs the rest of its arguments N times and gives median and minimum in microseconds; "fresh" empties the directory first.
timed() {
  local fresh=$1 start end
  shift
  for _ in $(seq "$runs"); do
    if [[ $fresh == fresh ]]; then rm -rf "$work/tree"; fi
    start=$(now)
    "$@" 2>"$work/words" || { cat "$work/words" >&2; exit 1; }
    end=$(now)
    echo $((end - start))
  done | median
}

peak_kib() {
  rm -rf "$work/tree"
  if [[ -x /usr/bin/time ]]; then
    /usr/bin/time -f %M "$@" 2>&1 >"$work/out" | tail -n 1
  elif command -v python3 >/dev/null; then
    python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
  fi
}

"$sovereign" build "$manifest" --out "$work/tree" --quiet
files=$(find "$work/tree" -type f | wc -l)
bytes=$(find "$work/tree" -type f -exec cat {} + | wc -c)
read -r build build_min < <(timed fresh "$sovereign" build "$manifest" --out "$work/tree" --quiet)
read -r no_op no_op_min < <(timed again "$sovereign" build "$manifest" --out "$work/tree" --quiet)
read -r check check_min < <(timed again "$sovereign" check "$manifest")
memory=$(peak_kib "$sovereign" build "$manifest" --out "$work/tree" --quiet)

echo "$manifest: $files files, $bytes bytes; $runs whole processes, median and fastest"
echo "  check                     $(ms "$check") $(ms "$check_min")"
echo "  build, fresh directory    $(ms "$build") $(ms "$build_min")"
echo "  build, nothing to change  $(ms "$no_op") $(ms "$no_op_min")"
if [[ -n $memory ]]; then printf '  peak of memory            %6d.%d MiB\n' $((memory / 1024)) $((memory % 1024 * 10 / 1024)); fi

if command -v kustomize >/dev/null; then
  render=(kustomize build)
elif command -v kubectl >/dev/null; then
  render=(kubectl kustomize)
else
  echo "  neither kustomize nor kubectl is here: no comparison"
  if $assert; then exit 1; fi
  exit 0
fi
mapfile -t directories < <(sed -n 's/^  path: "\{0,1\}\.\/\([^"]*\)"\{0,1\}$/\1/p' \
  "$work"/tree/clusters/*/*/flux-system/kustomization-*.yaml | sort -u)
start=$(now)
for directory in "${directories[@]}"; do "${render[@]}" "$work/tree/$directory" >"$work/out"; done
end=$(now)
kustomize=$((end - start))
ratio=$((kustomize / build))
printf '  %-24s  %s once, %d directories, a process each\n' "${render[*]}" "$(ms "$kustomize")" "${#directories[@]}"
echo "  a build into a fresh directory is $ratio times as fast"

if $assert; then
  if ((build >= limit_us)); then echo "a build takes 20 ms or more" >&2; exit 1; fi
  if ((ratio < factor)); then echo "not $factor times as fast" >&2; exit 1; fi
fi
