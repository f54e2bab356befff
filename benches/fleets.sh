#!/usr/bin/env bash
# Times one call over many Sovereigns: check, build, diff and the impact of another kit, with the peak of memory.
#
#   benches/fleets.sh             print the figures for 10, 100 and 1,000 Sovereigns
#   benches/fleets.sh --assert    also fail if ten times as many take more than 12 times as long, or more than twice the memory
#
# SIZES="10 100" sets other sizes; with TMPDIR=/dev/shm the trees are in memory. The Sovereigns are the examples that stand alone, each
# under another name. Needs bash 5, cargo, git and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1-}" in
  '' | --assert) ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

if [[ -z ${SOVEREIGN-} ]]; then
  cargo build --release --quiet
  SOVEREIGN=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/sovereign
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null LC_ALL=C
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
python3 - "$SOVEREIGN" "$work" "${1-}" "${SIZES:-10 100 1000}" <<'PY'
import os, pathlib, re, subprocess, sys, time

sovereign, work, wanted, sizes = sys.argv[1:]
sizes = [int(size) for size in sizes.split()]
# Examples that name no directory beside them, and one domain each.
examples = [
    pathlib.Path("examples", name + ".toml").read_text()
    for name in ("minimal", "three-regions", "omantel", "failover")
]


def run(*command, cwd, codes):
    """Seconds on the clock, and the peak of memory of the process in MiB."""
    start = time.perf_counter()
    with open(f"{work}/words", "w+b") as words, open(os.devnull, "r+b") as nothing:
        child = subprocess.Popen(command, cwd=cwd, stdin=nothing, stdout=nothing, stderr=words)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        words.seek(0)
        said = words.read().decode()
        if child.returncode not in codes:
            sys.exit(f"{command}: {child.returncode}\n{said[-3000:]}")
    return time.perf_counter() - start, used.ru_maxrss / 1024, said.strip().splitlines()[-1:]


def fleet(count):
    place = pathlib.Path(work, str(count))
    for n in range(count):
        text = examples[n % len(examples)]
        old = re.search(r'^name = "([a-z0-9-]+)"', text[text.index("[sovereign]"):], re.M)[1]
        text = re.sub(rf"\b{re.escape(old)}\b", f"sov{n}", text)
        text = re.sub(r"(?m)^#:schema.*\n", "", text)
        file = place / "sovereigns" / f"sov{n}" / "sovereign.toml"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "manifests"]):
        subprocess.run(["git", *command], cwd=place, check=True, stdout=subprocess.DEVNULL)
    return place


commands = {
    "check": (["check", "sovereigns"], {0}),
    "build, first": (["build", "sovereigns", "--out", "out", "--quiet"], {0}),
    "build, nothing to change": (["build", "sovereigns", "--out", "out", "--quiet"], {0}),
    "diff against what was built": (["diff", "sovereigns", "--directory", "out"], {0}),
    "diff against another kit": (["diff", "sovereigns", "--kit", "2026.04"], {0, 1, 2}),
    "impact of another kit": (["impact", "--kit", "2026.04", "sovereigns"], {0, 1}),
}
figures, failed = {}, []
print(f"{'':<32}" + "".join(f"{size:>24,}" for size in sizes))
places = {size: fleet(size) for size in sizes}
for what, (command, codes) in commands.items():
    row = []
    for size in sizes:
        seconds, memory, _ = run(sovereign, *command, cwd=places[size], codes=codes)
        row.append((seconds, memory))
    figures[what] = row
    print(f"  {what:<30}" + "".join(f"{seconds:>11.2f} s {memory:>7.0f} MiB" for seconds, memory in row), flush=True)
    for (few, many), (a, b) in zip(zip(sizes, sizes[1:]), zip(row, row[1:])):
        if many == few * 10 and few >= 100:
            if b[0] > 12 * a[0]:
                failed.append(f"{what}: {b[0] / a[0]:.1f} times the time for ten times as many")
            if b[1] > 2 * a[1]:
                failed.append(f"{what}: {b[1] / a[1]:.1f} times the memory for ten times as many")
if wanted and failed:
    sys.exit("\n".join(failed))
PY
