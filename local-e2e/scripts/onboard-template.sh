#!/usr/bin/env bash
# Opens the pull request that brings the gate to a template repository. A thin wrapper around `coalmine gate onboard`.
set -euo pipefail

if (($# == 0)); then
  echo 'usage: onboard-template.sh <repository…> [arguments of `coalmine gate onboard`]' >&2
  exit 2
fi
coalmine=${COALMINE:-coalmine}
if ! command -v "$coalmine" >/dev/null; then
  echo "error: there is no \`$coalmine\`" >&2
  echo "hint: install coalmine, or set COALMINE to the binary" >&2
  exit 2
fi
exec "$coalmine" gate onboard "$@"
