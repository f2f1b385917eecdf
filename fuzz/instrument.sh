#!/bin/sh
# Compiles a crate of the workspace as `rustc` would, with the counters that guide the fuzzer. Cargo calls this
# instead of `rustc` (`RUSTC_WORKSPACE_WRAPPER`). All of these options are stable.
exec "$@" \
  -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares \
  -Copt-level=1 -Cdebug-assertions=on -Coverflow-checks=on
