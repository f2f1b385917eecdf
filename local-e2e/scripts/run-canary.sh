#!/usr/bin/env bash
# Judges one runtime image with every canary. A thin wrapper around `coalmine run --image`.
#
# Exit codes: 0 all passed, 1 a canary failed, 2 could not judge (usage, image, engine, boot).
set -euo pipefail

usage() {
  cat >&2 <<'USAGE'
usage: TEMPLATE_IMAGE=<image> run-canary.sh [arguments of `coalmine run`]

  TEMPLATE_IMAGE   the runtime image to judge (required)
  CANARY_RUN_ID    name of the run (generated if it is not set)
  RUNTIME_PORT     port on which the runtime listens in its container (default 8000)
  KEEP_RUNNING     1 keeps the runtime's container running; `coalmine clean` removes it
  COALMINE         the `coalmine` binary, if it is neither on the PATH nor built in this repository

Reports and evidence go to local-e2e/artifacts/<run id>/.
USAGE
  exit 2
}

[[ -n ${TEMPLATE_IMAGE:-} ]] || usage

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(dirname "$here")

# the binary: the one named by COALMINE, on the PATH, already built here, or built now
if [[ -n ${COALMINE:-} ]]; then
  coalmine=("$COALMINE")
elif command -v coalmine >/dev/null; then
  coalmine=(coalmine)
elif [[ -x $root/target/release/coalmine ]]; then
  coalmine=("$root/target/release/coalmine")
elif [[ -x $root/target/debug/coalmine ]]; then
  coalmine=("$root/target/debug/coalmine")
elif command -v cargo >/dev/null; then
  coalmine=(cargo run --quiet --release --manifest-path "$root/Cargo.toml" --package coalmine-cli --)
else
  echo "error: there is no \`coalmine\`, and no cargo to build it" >&2
  echo "hint: set COALMINE to the binary" >&2
  exit 2
fi
if ! command -v "${coalmine[0]}" >/dev/null; then
  echo "error: \`${coalmine[0]}\` cannot be run" >&2
  exit 2
fi

run_id=${CANARY_RUN_ID:-$(date -u +%Y%m%d-%H%M%S)-$$}
# the evidence of an earlier run with this id stays
out=$here/artifacts/$run_id
for ((number = 2; ; number++)); do
  [[ -e $out ]] || break
  out=$here/artifacts/$run_id-$number
done
arguments=(--image "$TEMPLATE_IMAGE" --run-id "$run_id" --out "$out")
[[ -n ${RUNTIME_PORT:-} ]] && arguments+=(--port "$RUNTIME_PORT")
[[ ${KEEP_RUNNING:-} == 1 ]] && arguments+=(--keep)

exec "${coalmine[@]}" run "${arguments[@]}" "$@"
