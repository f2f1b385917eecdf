#!/usr/bin/env bash
# Makes coalmine/base-python:bookworm, a Debian 12 with Python 3.11, for machines that reach no registry of images:
# `cargo xtask runtime` builds on it where it is there. Needs root and a container engine; does nothing when it is done.
set -euo pipefail

image=coalmine/base-python:bookworm
docker image inspect "$image" >/dev/null 2>&1 && exit 0

if ! command -v debootstrap >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=python3,python3-venv,python3-pip,ca-certificates
if ! debootstrap --variant=minbase --include="$packages" bookworm "$work/root" >"$work/log" 2>&1; then
  tail -5 "$work/log" >&2
  exit 1
fi

# this machine's certificates: what is between it and its package index may have its own
bundle=/etc/ssl/certs/ca-certificates.crt
[[ -f $bundle ]] && cp "$bundle" "$work/root$bundle"
rm -rf "$work/root/var/cache/apt/archives"/*.deb "$work/root/var/lib/apt/lists"/*

tar -C "$work/root" -c . | docker import \
  --change "ENV SSL_CERT_FILE=$bundle PIP_CERT=$bundle REQUESTS_CA_BUNDLE=$bundle PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_BREAK_SYSTEM_PACKAGES=1" \
  --change 'CMD ["bash"]' - "$image" >/dev/null
