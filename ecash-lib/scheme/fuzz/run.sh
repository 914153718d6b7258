#!/usr/bin/env bash
# Fuzzes every target (or those named) for some seconds each, ten minutes if not told otherwise, from seeds made of the
# test vectors, with AddressSanitizer.
#
#   run.sh [-s SECONDS] [TARGET…]
#
# Works with the stable compiler and without rustup or cargo-fuzz: the flags are those that cargo-fuzz would pass, and
# RUSTC_BOOTSTRAP lets a stable compiler take them (docs/decisions/0123). FUZZ_TARGET_DIR and FUZZ_CORPUS say where builds
# and corpora are kept. A finding ends the run with an error and leaves its input in artifacts/TARGET/.
set -euo pipefail
cd "$(dirname "$0")"

seconds=600
while getopts s: option; do
    case $option in
    s) seconds=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))

corpus="${FUZZ_CORPUS:-$PWD/corpus}"
builds="${FUZZ_TARGET_DIR:-$PWD/target}"
host=$(rustc -vV | sed -n 's/^host: //p')
if [ $# -gt 0 ]; then
    targets=("$@")
else
    targets=(fuzz_targets/*.rs)
    targets=("${targets[@]##*/}")
    targets=("${targets[@]%.rs}")
fi

cargo run --quiet --locked --manifest-path ../../../Cargo.toml -p ecash-scheme --example fuzz_seeds -- "$corpus"

# With a target triple, build scripts and macros are built without the sanitizer.
RUSTC_BOOTSTRAP=1 CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$builds" RUSTFLAGS="-Zsanitizer=address \
-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
-Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Ccodegen-units=1" \
    cargo build --quiet --locked --release --target "$host" --bins

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_odr_violation=0}"
for target in "${targets[@]}"; do
    mkdir -p "artifacts/$target" "$corpus/$target"
    # No decoder may ask for much memory at once, whatever lengths its input claims.
    options=(-artifact_prefix="artifacts/$target/" -max_total_time="$seconds" -max_len=60000 -malloc_limit_mb=32
        -rss_limit_mb=1024 -timeout=10 -print_final_stats=1 -print_pcs=0 -print_funcs=0 -verbosity=0)
    log=$("$builds/$host/release/$target" "$corpus/$target" "${options[@]}" 2>&1) || {
        printf '%s\n' "$log"
        exit 1
    }
    printf '%s: %s inputs in %d s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' <<<"$log")" "$seconds"
done
