#!/usr/bin/env bash
# Prints the Homebrew formula of a release, from its archives and their checksums.
#
#   release/homebrew.sh DIRECTORY          what release/package.sh wrote for every target
set -euo pipefail
directory=${1:?a directory with the archives}
releases=https://github.com/openova-io/sovereign/releases/download

archive() {
  local found=("$directory"/sovereign-*-"$1".tar.gz)
  [[ -f ${found[0]} && ${#found[@]} == 1 ]] || { echo "there is no archive for $1 in $directory" >&2; return 1; }
  basename "${found[0]}"
}

place() {
  local file sum
  file=$(archive "$1") || return 1
  sum=$(cut -d ' ' -f 1 "$directory/$file.sha256")
  printf '      url "%s/v%s/%s"\n      sha256 "%s"\n' "$releases" "$version" "$file" "$sum"
}

version=$(archive x86_64-unknown-linux-musl | sed 's/^sovereign-\([0-9.]*\)-.*/\1/')
mac_arm=$(place aarch64-apple-darwin) mac_intel=$(place x86_64-apple-darwin)
linux_arm=$(place aarch64-unknown-linux-musl) linux_intel=$(place x86_64-unknown-linux-musl)
cat <<FORMULA
class Sovereign < Formula
  desc "Compiles one typed sovereign.toml into the complete Flux tree of a Sovereign"
  homepage "https://github.com/openova-io/sovereign"
  version "$version"
  license "Apache-2.0"

  on_macos do
    on_arm do
$mac_arm
    end
    on_intel do
$mac_intel
    end
  end
  on_linux do
    on_arm do
$linux_arm
    end
    on_intel do
$linux_intel
    end
  end

  def install
    bin.install "sovereign"
    man1.install "man/sovereign.1"
    bash_completion.install "completions/sovereign.bash" => "sovereign"
    fish_completion.install "completions/sovereign.fish"
    zsh_completion.install "completions/sovereign.zsh" => "_sovereign"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/sovereign --version")
    system bin/"sovereign", "init", "sovereign.toml"
    system bin/"sovereign", "check", "sovereign.toml"
  end
end
FORMULA
