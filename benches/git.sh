#!/usr/bin/env bash
# Times whole processes against git, on the same files, in the same run.
#
#   benches/git.sh             print the figures
#   benches/git.sh --assert    also fail unless a commit that changes nothing takes less than 15 ms, a hook less than 50 ms,
#                              the first commit of many Sovereigns less time than git needs for the same files, that of
#                              many Organizations 0.7 of it, and a commit of one Organization that was edited 4 times what
#                              git needs to add and commit one file
#
# N=20 sets the number of runs of the short ones, whose median counts; SOVEREIGNS=1000 how many are committed first, and
# ORGANIZATIONS=600 how many live on one; OTHERS="500 50000" the sizes of the repository around them. Needs bash, cargo, git and python3. The processor time stands
# beside the time on the clock: on a busy machine only the former says much.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1-}" in
  '' | --assert) ;;
  *) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

if [[ -z ${SOVEREIGN-} ]]; then
  cargo build --release --quiet
  SOVEREIGN=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/sovereign
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null LC_ALL=C
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
exec python3 - "$SOVEREIGN" "$work" "${1-}" <<'PY'
import os, shutil, statistics, subprocess, sys, time

sovereign, work, wanted = sys.argv[1:]
runs = int(os.environ.get("N", "20"))
count = int(os.environ.get("SOVEREIGNS", "1000"))
organizations = int(os.environ.get("ORGANIZATIONS", "600"))
failed = []
FLOOR = 20


def run(*command, cwd=None, code=0):
    """Seconds on the clock, seconds of processor, and peak memory in MiB of one process and its children."""
    start = time.perf_counter()
    with open(os.devnull, "r+b") as nothing, open(f"{work}/words", "w+b") as words:
        child = subprocess.Popen(command, cwd=cwd, stdin=nothing, stdout=nothing, stderr=words)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != code:
            words.seek(0)
            sys.exit(f"{command}: {child.returncode}\n{words.read().decode()}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def median(*command, cwd):
    results = [run(*command, cwd=cwd) for _ in range(runs)]
    return tuple(statistics.median(column) for column in zip(*results))


def line(what, result, ratio=""):
    clock, processor, memory = result
    # Linux counts what this interpreter held before the program began; less than that cannot be seen.
    peak = f"{memory:8.1f} MiB" if memory > FLOOR else f"  <{FLOOR:5.0f} MiB"
    print(f"  {what:<46} {clock * 1000:10.1f} ms {processor * 1000:10.1f} ms {peak}  {ratio}", flush=True)


def expect(holds, words):
    if not holds:
        failed.append(words)


def repository(name):
    place = f"{work}/{name}"
    run("git", "init", "--quiet", "--initial-branch=main", place)
    return place


print(f"{'':<48} {'clock':>13} {'processor':>13} {'peak':>12}")
for others in map(int, os.environ.get("OTHERS", "500 50000").split()):
    place = repository(f"others-{others}")
    for index in range(others):
        directory = f"{place}/other/{index % 50}/{index // 50 % 50}"
        os.makedirs(directory, exist_ok=True)
        with open(f"{directory}/{index}.txt", "w") as file:
            file.write(f"{index}\n")
    shutil.copy("examples/three-regions.toml", f"{place}/sovereign.toml")
    run("git", "add", ".", cwd=place)
    run("git", "commit", "--quiet", "--message", "others", cwd=place)
    run(sovereign, "commit", "--quiet", "--worktree", cwd=place)
    print(f"three regions beside {others} other files; median of {runs}")
    # As a program that reads every file of the tree would: what git itself needs to see that nothing changes.
    by_git = median("git", "status", "--porcelain", cwd=place)
    line("git status", by_git)
    nothing = median(sovereign, "commit", "--quiet", cwd=place)
    line("sovereign commit, nothing to change", nothing, f"{nothing[0] / by_git[0]:.2f} of git status")
    expect(nothing[0] < 0.015, f"a commit without a change beside {others} files: {nothing[0] * 1000:.1f} ms")
    with open(f"{place}/sovereign.toml", "a") as file:
        file.write("# a comment\n")
    run("git", "add", "sovereign.toml", cwd=place)
    hook = median(sovereign, "hook", "run", cwd=place)
    line("sovereign hook run", hook)
    expect(hook[0] < 0.050, f"a hook beside {others} files: {hook[0] * 1000:.1f} ms")
    with open(f"{place}/note.txt", "a") as file:
        file.write("a note\n")
    run("git", "commit", "--quiet", "--message", "comment", cwd=place)
    run("git", "add", "note.txt", cwd=place)
    line("sovereign hook run, nothing concerns it", median(sovereign, "hook", "run", cwd=place))
    shutil.rmtree(place)

place = repository("many")
text = open("examples/minimal.toml").read()
files = [f"sovereigns/n{index:04}.toml" for index in range(count)]
os.mkdir(f"{place}/sovereigns")
for index, file in enumerate(files):
    with open(f"{place}/{file}", "w") as out:
        out.write(text.replace('"first"', f'"n{index:04}"'))
run("git", "add", ".", cwd=place)
run("git", "commit", "--quiet", "--message", "manifests", cwd=place)
# Objects alone: a branch that is checked out nowhere has no files to bring along.
run("git", "checkout", "--quiet", "--detach", cwd=place)
first = run(sovereign, "commit", "--branch", "main", "--together", "--quiet", "--format", "json", *files, cwd=place)
run("git", "fsck", "--strict", "--no-dangling", cwd=place)
size = lambda: sum(os.path.getsize(os.path.join(top, name)) for top, _, names in os.walk(f"{place}/.git/objects") for name in names)
ours = size()
# The same files, from the disk, into a repository that has none of their objects.
run("git", "checkout", "--quiet", "--force", "main", cwd=place)
wanted_tree = subprocess.check_output(["git", "rev-parse", "HEAD:clusters"], cwd=place)
shutil.rmtree(f"{place}/.git")
run("git", "init", "--quiet", "--initial-branch=main", place)
run("git", "add", "sovereigns", cwd=place)
run("git", "commit", "--quiet", "--message", "manifests", cwd=place)
add = run("git", "add", "clusters", cwd=place)
commit = run("git", "commit", "--quiet", "--message", "trees", cwd=place)
assert subprocess.check_output(["git", "rev-parse", "HEAD:clusters"], cwd=place) == wanted_tree
by_git = (add[0] + commit[0], add[1] + commit[1], max(add[2], commit[2]))
theirs = size()
number = sum(len(names) for _, _, names in os.walk(f"{place}/clusters"))
print(f"first commit of {count} Sovereigns, {number} files")
line("git add, git commit", by_git)
line("sovereign commit --together, compiling too", first, f"{first[0] / by_git[0]:.2f} of git")
print(f"  objects: {ours / 1048576:.1f} MiB, by git {theirs / 1048576:.1f} MiB")
expect(first[0] < by_git[0], f"the first commit takes {first[0] / by_git[0]:.2f} of the time of git")
shutil.rmtree(place)

FLEET = """kit = "2026.05"
sovereign = { name = "fleet", organization = { name = "Fleet", email = "ops@fleet.example" } }
domain = { mode = "pool", parent = "omani.works" }
gitops.url = "https://git.fleet.example/sovereigns"
topology.contract = "symmetric"
region = [
    { name = "hel1", provider = "hetzner", control-plane.size = "cpx32" },
    { name = "nbg1", provider = "hetzner", control-plane.size = "cpx32" },
]
organization-source = [{ path = "organizations" }]
"""
ORGANIZATION = """[organization]
slug = "org-{n}"
display-name = "Organization {n}"
tier = "sme"
owners = [{{ email = "owner@org-{n}.example", role = "owner" }}]
[[organization.environment]]
regions = ["nbg1", "hel1"]
application = [{{ name = "shop", blueprint = {{ name = "bp-shop", version = "2.1.0" }} }}]
[[organization.environment]]
env = "dev"
regions = ["nbg1"]
application = [{{ name = "shop", blueprint = {{ name = "bp-shop", version = "2.3.0" }} }}]
"""


def write(file, text):
    with open(f"{place}/{file}", "w") as out:
        out.write(text)


def edited(step):
    """Commits an Organization whose application has another version."""
    write("organizations/0.toml", ORGANIZATION.format(n=0).replace("2.1.0", f"2.1.{step}"))
    run("git", "commit", "--quiet", "--message", "edit", "organizations/0.toml", cwd=place)
    run("git", "branch", "--force", "main", cwd=place)


def by_hand(step):
    """Seconds that git needs to add and commit one file."""
    write("note.txt", f"{step}\n")
    add = run("git", "add", "note.txt", cwd=place)
    commit = run("git", "commit", "--quiet", "--message", "note", cwd=place)
    return add[0] + commit[0], add[1] + commit[1], max(add[2], commit[2])


def middle(results):
    return tuple(statistics.median(column) for column in zip(*results))


place = repository("fleet")
run("git", "config", "gc.auto", "0", cwd=place)
os.mkdir(f"{place}/organizations")
write("sovereign.toml", FLEET)
for index in range(organizations):
    write(f"organizations/{index}.toml", ORGANIZATION.format(n=index))
run("git", "add", ".", cwd=place)
run("git", "commit", "--quiet", "--message", "manifests", cwd=place)
shutil.copytree(place, f"{work}/by-git", symlinks=True)
run("git", "checkout", "--quiet", "--detach", cwd=place)
commit = (sovereign, "commit", "--branch", "main", "--quiet", "--format", "json")
first = run(*commit, cwd=place)
run("git", "fsck", "--strict", "--no-dangling", cwd=place)
run("git", "reset", "--quiet", "--hard", "main", cwd=place)
number = sum(len(names) for _, _, names in os.walk(f"{place}/clusters"))
shutil.copytree(f"{place}/clusters", f"{work}/by-git/clusters")
add = run("git", "add", "clusters", cwd=f"{work}/by-git")
made = run("git", "commit", "--quiet", "--message", "trees", cwd=f"{work}/by-git")
shutil.rmtree(f"{work}/by-git")
by_git = (add[0] + made[0], add[1] + made[1], max(add[2], made[2]))
print(f"{organizations} Organizations, {number} files; median of {runs}, but for the first commit")
line("git add, git commit", by_git)
line("sovereign commit, the first one", first, f"{first[0] / by_git[0]:.2f} of git")
expect(first[0] < 0.7 * by_git[0], f"the first commit of many Organizations takes {first[0] / by_git[0]:.2f} of the time of git")
one = middle([by_hand(step) for step in range(runs)])
line("git add, git commit of one file", one)
nothing = median(*commit, cwd=place)
line("sovereign commit, nothing to change", nothing, f"{nothing[0] / one[0]:.2f} of git")
results = []
for step in range(1, runs + 1):
    edited(step)
    results.append(run(*commit, cwd=place))
    run("git", "reset", "--quiet", "--hard", "main", cwd=place)
edit = middle(results)
line("sovereign commit, one Organization edited", edit, f"{edit[0] / one[0]:.2f} of git")
expect(edit[0] < 4 * one[0], f"an edit takes {edit[0] / one[0]:.2f} times as long as one file of git")
for words in failed:
    print(f"not as expected: {words}", file=sys.stderr)
sys.exit(1 if failed and wanted == "--assert" else 0)
PY
