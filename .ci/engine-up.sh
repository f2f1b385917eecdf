#!/usr/bin/env bash
# Sees to it that a container engine answers: installs Debian's, starts it, waits for it. Prints the id of the engine's
# process where it started one, so that the caller can end it; nothing where one answered already.
set -euo pipefail

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
answers && exit 0

if [[ $(id -u) != 0 ]]; then
  echo "error: no container engine answers, and only root can install and start one" >&2
  exit 1
fi
log=${TMPDIR:-/tmp}/coalmine-ci-engine.log
if ! command -v dockerd >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >"$log" 2>&1
  if ! apt-get install -y -qq --no-install-recommends docker.io iptables iproute2 >>"$log" 2>&1; then
    tail -5 "$log" >&2
    exit 1
  fi
fi
# an engine that is ending is waited for; one that was killed leaves its number behind, which another process may have
# by now, and the next engine would not start
number=/var/run/docker.pid
is_engine() { [[ $(cat "/proc/$(<"$number")/comm" 2>/dev/null) == dockerd ]]; }
for ((try = 0; try < 120; try++)); do
  [[ -f $number ]] && is_engine || break
  answers && exit 0
  sleep 0.25
done
rm -f "$number"

setsid dockerd >>"$log" 2>&1 </dev/null &
engine=$!
for ((try = 0; try < 240; try++)); do
  if answers; then
    echo "$engine"
    exit 0
  fi
  if ! kill -0 "$engine" 2>/dev/null; then break; fi
  sleep 0.25
done
echo "error: the engine did not start" >&2
tail -5 "$log" >&2
exit 1
