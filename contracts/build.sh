#!/usr/bin/env bash
# Builds the four contracts for the chain: contracts/artifacts/{ecash,dkg,group,multisig}.wasm.
#
# A chain takes WebAssembly of 2017 only, so the standard library is compiled too, for target-cpu=mvp. The tool chain is
# Debian's (a fixed version, with its sources); missing packages are installed. Nothing is written outside
# contracts/artifacts but compiler output, which stays in a cache:
#   CI_CACHE   default ${XDG_CACHE_HOME:-$HOME/.cache}/zknym
set -euo pipefail

readonly CONTRACTS=(ecash dkg group multisig)
readonly PACKAGES=(rustc-web cargo-web rust-web-src lld binaryen)
readonly TARGET=wasm32-unknown-unknown
readonly MAX_BYTES=400000

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zknym}
artifacts=$root/contracts/artifacts

fail() {
    echo "contracts/build.sh: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_tools() {
    local missing=() package
    for package in "${PACKAGES[@]}"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || fail "needs the Debian packages ${missing[*]}, and there is no apt-get"
    echo "installing ${missing[*]}"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

# The linker's name carries LLVM's version where the package has no plain one.
find_linker() {
    local candidate
    for candidate in /usr/bin/wasm-ld /usr/bin/wasm-ld-*; do
        [ -x "$candidate" ] && { echo "$candidate"; return; }
    done
    fail "the package lld brought no wasm-ld"
}

# The tool chain of the packages, whatever else is installed: its own PATH, and flags that leave no path of this machine
# in the binary.
cargo_wasm() {
    local cargo_home=${CARGO_HOME:-$HOME/.cargo}
    env -u RUSTC -u RUSTC_WRAPPER -u RUSTUP_TOOLCHAIN -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET \
        PATH=/usr/bin:/bin \
        CARGO_HOME="$cargo_home" \
        CARGO_TARGET_DIR="$cache/wasm-target" \
        RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS="-C target-cpu=mvp -C linker=$linker -C link-arg=-s -C link-arg=--allow-undefined \
--remap-path-prefix=$cargo_home/registry/src=/registry --remap-path-prefix=$root=/project" \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
        CARGO_PROFILE_RELEASE_LTO=fat \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
        CARGO_PROFILE_RELEASE_PANIC=abort \
        CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true \
        cargo "$@"
}

# A contract must compute the same on every machine: no source of randomness may be linked.
check_dependencies() {
    local contract=$1 tree
    tree=$(cargo_wasm tree --locked -p "$contract-contract" --target "$TARGET" -e normal --prefix none)
    if grep -E '^(getrandom|rand|rand_core|fastrand|ahash) ' <<<"$tree"; then
        fail "$contract: the crates above bring randomness into a contract"
    fi
}

# Nor may floating-point instructions remain, whose results differ between machines.
check_instructions() {
    local contract=$1 found
    found=$(wasm-dis "$artifacts/$contract.wasm" | grep -cE '\((f32|f64)\.' || true)
    [ "$found" -eq 0 ] || fail "$contract: $found floating-point instructions"
}

build() {
    local contract=$1 built bytes
    check_dependencies "$contract"
    (cd "$root" && cargo_wasm rustc --release --lib --locked -p "$contract-contract" --crate-type cdylib \
        --target "$TARGET" -Zbuild-std=core,alloc,std,panic_abort -Zbuild-std-features=optimize_for_size)
    built=$cache/wasm-target/$TARGET/release/${contract}_contract.wasm
    wasm-opt -Os "$built" -o "$artifacts/$contract.wasm"
    check_instructions "$contract"
    bytes=$(stat -c %s "$artifacts/$contract.wasm")
    [ "$bytes" -lt "$MAX_BYTES" ] || fail "$contract: $bytes bytes, $MAX_BYTES is the limit"
    echo "$contract.wasm: $bytes bytes, sha256 $(sha256sum "$artifacts/$contract.wasm" | cut -d' ' -f1)"
}

install_tools
linker=$(find_linker)
mkdir -p "$artifacts" "$cache"
cd "$root"
for contract in "${CONTRACTS[@]}"; do
    build "$contract"
done
