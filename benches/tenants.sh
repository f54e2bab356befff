#!/usr/bin/env bash
# Times builds of Sovereigns with many Organizations: time and peak of memory of the first build, of one with nothing to
# change, of the first that changes something, and then of one with an Organization more and one with an Organization edited;
# how they grow, and how they compare with the first build, with `tar -x` and with `git status` of the same tree; the
# slowest directory of kustomize.
#
#   benches/tenants.sh             print the figures for 1,000 and 10,000 Organizations
#   benches/tenants.sh --assert    also fail if one of them takes more than 11.5 times as long for ten times as many, if a
#                                  build for one Organization is more than 30 % of the work of the first build, or if that
#                                  takes more than 2.5 times as long as `tar -x`
#
# SIZES="100 1000" sets other sizes; with TMPDIR=/dev/shm the trees are in memory. Needs bash 5, tar, cargo, coreutils, git and python3; kubectl or kustomize for the
# directories.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

assert=false
case "${1-}" in
  '') ;;
  --assert) assert=true ;;
  *) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
read -ra sizes <<<"${SIZES:-1000 10000}"

cargo build --release --quiet
sovereign=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/sovereign
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Writes a manifest and N files of Organizations.
generate() {
  local n=$1 directory=$2 i
  mkdir -p "$directory/organizations"
  cat >"$directory/sovereign.toml" <<'TOML'
kit = "2026.05"
sovereign = { name = "fleet", organization = { name = "Fleet", email = "ops@fleet.example" } }
domain = { mode = "pool", parent = "omani.works" }
gitops.url = "https://git.fleet.example/sovereigns"
topology.contract = "symmetric"
region = [
    { name = "hel1", provider = "hetzner", control-plane.size = "cpx32" },
    { name = "nbg1", provider = "hetzner", control-plane.size = "cpx32" },
]
organization-source = [{ path = "organizations" }]
TOML
  for ((i = 0; i < n; i++)); do organization "$i" >"$directory/organizations/org-$i.toml"; done
}

# An Organization with three environments.
organization() {
  local i=$1 plans=(s m l xl flexi)
  cat <<TOML
[organization]
slug = "org-$i"
display-name = "Organization $i"
tier = "sme"
plan = "${plans[i % 5]}"
owners = [{ email = "owner@org-$i.example", role = "owner" }]
[[organization.environment]]
env = "prod"
regions = ["nbg1", "hel1"]
policy.promotion.required-approvers = 1
application = [{ name = "shop", blueprint = { name = "bp-shop", version = "2.1.0" }, placement = "active-active" }]
[[organization.environment]]
env = "stg"
regions = ["nbg1"]
application = [{ name = "shop", blueprint = { name = "bp-shop", version = "2.2.0" } }]
[[organization.environment]]
env = "dev"
regions = ["nbg1"]
application = [{ name = "shop", blueprint = { name = "bp-shop", version = "2.3.0" } }]
TOML
}

# Runs a command, gives milliseconds, those of all processors together, and the peak of memory in MiB. The last is the
# measure of work where others use the machine too.
measure() {
  python3 -c 'import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
took, used = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(round(took * 1000), round((used.ru_utime + used.ru_stime) * 1000), used.ru_maxrss // 1024)' "$@"
}

# Measures one kind of run and prints it.
declare -A work_of time_of
run() {
  local kind=$1 n=$2 ms cpu mib
  shift 2
  read -r ms cpu mib < <(measure "$@")
  work_of[$kind,$n]=$cpu
  time_of[$kind,$n]=$ms
  printf '  %-26s %6d ms, %6d ms of processors, %4d MiB\n' "$kind" "$ms" "$cpu" "$mib"
}

kinds=(check "first build" "nothing changed" "first change" "one Organization added" "one Organization edited")
for n in "${sizes[@]}"; do
  generate "$n" "$work/$n"
  build=("$sovereign" build "$work/$n/sovereign.toml" --out "$work/tree-$n" --quiet)
  echo "$n Organizations, $((n * 3)) environments:"
  run check "$n" "$sovereign" check "$work/$n/sovereign.toml"
  run "first build" "$n" "${build[@]}"
  tar -C "$work/tree-$n" -cf "$work/tree-$n.tar" --exclude=.sovereign clusters
  mkdir "$work/extracted"
  run "tar -x" "$n" tar -C "$work/extracted" -xf "$work/tree-$n.tar"
  rm -rf "$work/extracted" "$work/tree-$n.tar"
  run "nothing changed" "$n" "${build[@]}"
  # It links every file once; the next ones find the links.
  sed -i 's/2\.1\.0/2.1.1/' "$work/$n/organizations/org-0.toml"
  run "first change" "$n" "${build[@]}"
  organization "$n" >"$work/$n/organizations/org-$n.toml"
  run "one Organization added" "$n" "${build[@]}"
  sed -i 's/2\.1\.0/2.1.1/' "$work/$n/organizations/org-$n.toml"
  run "one Organization edited" "$n" "${build[@]}"
  echo "  $(find "$work/tree-$n/clusters" -path '*/.sovereign' -prune -o -type f -print | wc -l) files"
done

last=${sizes[-1]}
echo "git status of the $last, of which nothing changed:"
git -C "$work/tree-$last" init --quiet
git -C "$work/tree-$last" add --all
git -C "$work/tree-$last" status --porcelain >/dev/null
run "git status" "$last" git -C "$work/tree-$last" status --porcelain

if command -v kustomize >/dev/null; then render=(kustomize build); else render=(kubectl kustomize); fi
if command -v "${render[0]}" >/dev/null; then
  # The largest directory of each kind: what is quadratic shows there.
  for kind in flux-system tenants/0 tenants/???; do
    # shellcheck disable=SC2231 # the last kind is a pattern
    largest=$(for directory in "$work/tree-$last"/clusters/*/hel1/$kind; do
      echo "$(find "$directory" -type f | wc -l) $directory"
    done | sort -n | tail -n 1)
    read -r ms _ _ < <(measure "${render[@]}" "${largest#* }" | tail -n 1)
    echo "  ${render[*]} of ${kind} with ${largest%% *} files: $ms ms"
  done
fi

first=${sizes[0]} failed=false
echo "from $first to $last Organizations, the work for one grows to:"
for kind in "${kinds[@]}"; do
  growth=$((work_of[$kind,$last] * first * 100 / (work_of[$kind,$first] * last)))
  printf '  %-26s %4d %%\n' "$kind" "$growth"
  if ((growth > 115)); then failed="more than 115 %"; fi
done
whole=${work_of["first build,$last"]}
echo "of the work of a first build, with $last Organizations:"
for kind in "one Organization added" "one Organization edited"; do
  share=$((work_of[$kind,$last] * 100 / whole))
  printf '  %-26s %4d %%\n' "$kind" "$share"
  if ((share > 30)); then failed="more than 30 %"; fi
done
echo "of the time of tar -x, a first build:"
for n in "${sizes[@]}"; do
  ratio=$((time_of["first build,$n"] * 100 / time_of["tar -x,$n"]))
  printf '  %-26s %4d %%\n' "$n Organizations" "$ratio"
  if ((ratio > 250)); then failed="more than 250 %"; fi
done
if $assert && [[ $failed != false ]]; then echo "$failed" >&2; exit 1; fi
