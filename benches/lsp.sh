#!/usr/bin/env bash
# How long an editor waits for an answer of `sovereign lsp`: with three regions (50 ms at most), and with 10,000 Organizations
# (500 ms at most). The tests' own client speaks with a released program; a figure that is not met fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo build --release --quiet
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
SOVEREIGN_LSP="$target/release/sovereign" cargo test --quiet --test lsp -- speed:: --test-threads=1
