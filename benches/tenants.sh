#!/usr/bin/env bash
# Times builds of Sovereigns with many Organizations: time, peak of memory, how both grow, and the slowest directory of
# kustomize.
#
#   benches/tenants.sh             print the figures for 1,000 and 10,000 Organizations
#   benches/tenants.sh --assert    also fail if ten times as many take more than 11.5 times as long
#
# SIZES="100 1000" sets other sizes. Needs bash 5, cargo, coreutils and python3; kubectl or kustomize for the directories.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

assert=false
case "${1-}" in
  '') ;;
  --assert) assert=true ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
read -ra sizes <<<"${SIZES:-1000 10000}"

cargo build --release --quiet
sovereign=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/sovereign
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Writes a manifest and N files of Organizations with three environments each.
generate() {
  local n=$1 directory=$2 i plans=(s m l xl flexi)
  mkdir -p "$directory/organizations"
  cat >"$directory/sovereign.toml" <<'TOML'
kit = "2026.05"
sovereign = { name = "fleet", organization = { name = "Fleet", email = "ops@fleet.example" } }
domain = { mode = "pool", parent = "omani.works" }
gitops.url = "https://git.fleet.example/sovereigns"
region = [
    { name = "hel1", provider = "hetzner", control-plane.size = "cpx32" },
    { name = "nbg1", provider = "hetzner", control-plane.size = "cpx32" },
]
organization-source = [{ path = "organizations" }]
TOML
  for ((i = 0; i < n; i++)); do
    cat >"$directory/organizations/org-$i.toml" <<TOML
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
  done
}

# Runs a command, gives milliseconds and the peak of memory in MiB.
measure() {
  python3 -c 'import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(round((time.monotonic() - start) * 1000), peak // 1024)' "$@"
}

declare -A check
for n in "${sizes[@]}"; do
  generate "$n" "$work/$n"
  read -r check_ms check_mib < <(measure "$sovereign" check "$work/$n/sovereign.toml")
  read -r build_ms build_mib < <(measure "$sovereign" build "$work/$n/sovereign.toml" --out "$work/tree-$n" --quiet)
  read -r again_ms _ < <(measure "$sovereign" build "$work/$n/sovereign.toml" --out "$work/tree-$n" --quiet)
  check[$n]=$check_ms
  files=$(find "$work/tree-$n" -type f | wc -l)
  echo "$n Organizations, $((n * 3)) environments: $files files"
  echo "  check  $check_ms ms, $check_mib MiB"
  echo "  build  $build_ms ms, $build_mib MiB; again with nothing to change $again_ms ms"
done

last=${sizes[-1]}
if command -v kustomize >/dev/null; then render=(kustomize build); else render=(kubectl kustomize); fi
if command -v "${render[0]}" >/dev/null; then
  # The largest directory of each kind: what is quadratic shows there.
  for kind in flux-system tenants/0 tenants/???; do
    # shellcheck disable=SC2086 # the last kind is a pattern
    largest=$(for directory in "$work/tree-$last"/clusters/*/hel1/$kind; do
      echo "$(find "$directory" -type f | wc -l) $directory"
    done | sort -n | tail -n 1)
    read -r ms _ < <(measure "${render[@]}" "${largest#* }" | tail -n 1)
    echo "  ${render[*]} of ${kind} with ${largest%% *} files: $ms ms"
  done
fi

first=${sizes[0]}
growth=$((check[$last] * first * 100 / (check[$first] * last)))
echo "from $first to $last the time of an Organization grows to $growth %"
if $assert && ((growth > 115)); then echo "more than 115 %" >&2; exit 1; fi
