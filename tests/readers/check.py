#!/usr/bin/env python3
"""Reads every YAML file of a directory with PyYAML and compares it with the JSON file beside it.

The corpus is written by `cargo test --test it`; give its directory: `check.py <target>/tmp/yaml-corpus`.
Types count: `1` is not `1.0`, `true` is not `1`, and `0.0` is not `-0.0`.
"""

import json
import sys
from pathlib import Path

import yaml


def differences(found, expected, path="$"):
    """Gives each place where the two differ, with what stands there."""
    if type(found) is not type(expected):
        yield f"{path}: {found!r} instead of {expected!r}"
    elif isinstance(expected, dict):
        if list(found) != list(expected):
            here, there = set(map(repr, found)), set(map(repr, expected))
            yield f"{path}: keys {sorted(here - there)} instead of {sorted(there - here)}"
        for key in found.keys() & expected.keys():
            yield from differences(found[key], expected[key], f"{path}[{key!r}]")
    elif isinstance(expected, list):
        if len(found) != len(expected):
            yield f"{path}: {len(found)} items instead of {len(expected)}"
        for n, (one, other) in enumerate(zip(found, expected)):
            yield from differences(one, other, f"{path}[{n}]")
    elif repr(found) != repr(expected):
        yield f"{path}: {found!r} instead of {expected!r}"


def scalars(value):
    """Counts keys and leaves."""
    if isinstance(value, dict):
        return len(value) + sum(map(scalars, value.values()))
    return sum(map(scalars, value)) if isinstance(value, list) else 1


def main():
    """Reads with the loader in Python, and with libyaml's if this PyYAML has it."""
    loaders = [getattr(yaml, name) for name in ("SafeLoader", "CSafeLoader") if hasattr(yaml, name)]
    files = sorted(Path(sys.argv[1]).glob("*.yaml"))
    bad = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        expected = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        for loader in loaders:
            found = list(differences(yaml.load(text, Loader=loader), expected))
            bad += len(found)
            print(f"{file.name}: {loader.__name__}: {scalars(expected)} keys and scalars, {len(found)} differ", flush=True)
            print(*found[:10], sep="\n", end="\n" if found else "")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main())
