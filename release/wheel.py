#!/usr/bin/env python3
"""Makes a wheel that brings the program, so that `pip install sovereign-compiler` and pre-commit need no Rust.

    release/wheel.py ARCHIVE OUT

ARCHIVE is what release/package.sh makes. The wheel holds the program as a script, and no Python.
"""

import base64
import hashlib
import pathlib
import re
import sys
import tarfile
import zipfile

PACKAGE = "sovereign-compiler"
# What pip calls the machines that a release is built for. A static program runs beside any libc.
PLATFORMS = {
    "x86_64-unknown-linux-musl": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "aarch64-unknown-linux-musl": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "x86_64-apple-darwin": "macosx_11_0_x86_64",
    "aarch64-apple-darwin": "macosx_11_0_arm64",
}
# A time that every wheel has, so that the same archive gives the same wheel.
TIME = (2026, 1, 1, 0, 0, 0)


def main(archive: pathlib.Path, out: pathlib.Path) -> None:
    match = re.fullmatch(r"sovereign-(\d+\.\d+\.\d+)-(.+)\.tar\.gz", archive.name)
    if not match or match[2] not in PLATFORMS:
        sys.exit(f"{archive.name} is no archive of a release; the targets are: {', '.join(PLATFORMS)}")
    version, platform = match[1], PLATFORMS[match[2]]
    with tarfile.open(archive) as tar:
        member = tar.extractfile(f"{archive.name.removesuffix('.tar.gz')}/sovereign")
        program = member.read() if member else sys.exit(f"{archive.name} holds no program")

    name = PACKAGE.replace("-", "_")
    about = f"{name}-{version}.dist-info"
    tag = f"Tag: py3-none-{platform}"
    files = {
        f"{name}-{version}.data/scripts/sovereign": program,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {version}\n"
        "Summary: Compiles one typed sovereign.toml into the complete Flux tree of an OpenOva Sovereign\n"
        "License: Apache-2.0\nRequires-Python: >=3.8\n".encode(),
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: sovereign\nRoot-Is-Purelib: false\n{tag}\n".encode(),
    }
    record = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for path, data in files.items()
    ]
    files[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,", ""]).encode()

    out.mkdir(parents=True, exist_ok=True)
    wheel = out / f"{name}-{version}-py3-none-{platform}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as package:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if path.endswith("/scripts/sovereign") else 0o100644) << 16
            package.writestr(entry, data)
    print(wheel)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
