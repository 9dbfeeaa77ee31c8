#!/bin/sh
# Runs every libFuzzer program of a build for some seconds on its corpus: tools/fuzz.sh BUILD [SECONDS]
# (make fuzz makes the build: clang, -Dfuzz=true, sanitizers).  New inputs go to BUILD/corpus, a crash to BUILD/crash-*.
set -u
build=${1:-build-fuzz} seconds=${2:-20}
cd "$(dirname "$0")/.." || exit 70
passed=0 failed=0
for program in "$build"/src/*/*_fuzz; do
  [ -x "$program" ] || continue
  name=$(basename "$program" _fuzz)
  mkdir -p "$build/corpus/$name"
  seeds=test/corpus/$name
  [ -d "$seeds" ] || seeds=
  # shellcheck disable=SC2086
  if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
       -artifact_prefix="$build/crash-$name-" "$build/corpus/$name" $seeds >"$build/fuzz-$name.log" 2>&1; then
    passed=$((passed + 1))
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/fuzz-$name.log")
    printf 'ok     %-12s %s inputs in %s s\n' "$name" "${runs:-?}" "$seconds"
  else
    failed=$((failed + 1))
    printf 'FAILED %-12s\n' "$name"
    tail -n 25 "$build/fuzz-$name.log" | sed 's/^/    /'
  fi
done
[ $((passed + failed)) -gt 0 ] || { printf 'fuzz: no fuzzer in %s; make it with: make fuzz\n' "$build" >&2; exit 2; }
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
