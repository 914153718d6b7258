#!/usr/bin/env bash
# Fuzzes every target (or those named) for some seconds each, from seeds made of the test vectors, with AddressSanitizer.
#
#   run.sh [-s SECONDS] [TARGET…]
#
# Works with the stable compiler and without rustup or cargo-fuzz: the flags are those that cargo-fuzz would pass, and
# RUSTC_BOOTSTRAP lets a stable compiler take them. CARGO_TARGET_DIR and FUZZ_CORPUS say where builds and corpora are kept.
# A finding ends the run with an error and leaves its input in artifacts/.
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
target_dir="${CARGO_TARGET_DIR:-$PWD/target}"
host=$(rustc -vV | sed -n 's/^host: //p')
mapfile -t targets < <(if [ $# -gt 0 ]; then printf '%s\n' "$@"; else find fuzz_targets -name '*.rs' -exec basename {} .rs \; | sort; fi)

cargo run --quiet --locked -p ecash-scheme --manifest-path ../../../Cargo.toml --example fuzz_seeds -- "$corpus"

# A target triple, so that build scripts and macros are built without the sanitizer.
export RUSTC_BOOTSTRAP=1 CARGO_INCREMENTAL=0
export RUSTFLAGS="-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0 -Ccodegen-units=1"
CARGO_TARGET_DIR="$target_dir" cargo build --quiet --locked --release --target "$host" --bins

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_odr_violation=0}"
for target in "${targets[@]}"; do
    mkdir -p "artifacts/$target" "$corpus/$target"
    printf '%s: %d s\n' "$target" "$seconds"
    # No decoder may ask for much memory at once, whatever lengths its input claims.
    "$target_dir/$host/release/$target" "$corpus/$target" -artifact_prefix="artifacts/$target/" \
        -max_total_time="$seconds" -max_len=60000 -malloc_limit_mb=32 -rss_limit_mb=1024 -timeout=10 -verbosity=0 -print_final_stats=1
done
