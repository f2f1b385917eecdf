#!/usr/bin/env bash
# The gate of a template repository: builds the image of a commit, and has coalmine judge it. Runs in a job of Gitea,
# Forgejo or GitHub; the workflow for Gitea holds the same text.
#
# Exit codes: 0 passed, 1 a canary failed, 2 could not judge.
#
# It decides nothing by what the commit says. The tool's image, the profile, the baseline and the canaries are those of the
# base branch; text of others reaches it by variables only, and is never part of a command.
set -euo pipefail
umask 022

fail() {
  printf 'error: %s\n' "$1" >&2
  [[ -z ${2:-} ]] || printf 'hint: %s\n' "$2" >&2
  exit 2
}

# what is here stays below one folder, which nobody else can write to
work=$(mktemp -d)
name=coalmine-gate-${work##*.}
name=${name,,}
finish() {
  local code=$?
  trap - EXIT
  # a command that failed without saying why could not judge
  ((code <= 2)) || code=2
  ((code != 1)) || [[ -n ${judged:-} ]] || code=2
  case $code in
    0) echo 'exit code 0: passed' ;;
    1) echo 'exit code 1: a canary failed, or a finding failed the run' ;;
    *) echo 'exit code 2: could not judge' ;;
  esac
  # a run that is still on its way takes down what it started
  docker stop --time 60 "$name" >/dev/null 2>&1 || true
  docker rm --force --volumes "$name" "$name-plan" >/dev/null 2>&1 || true
  docker image rm --no-prune "$name:1" "$name:2" >/dev/null 2>&1 || true
  rm -rf -- "$work" || true
  exit "$code"
}
trap finish EXIT
trap 'exit 2' INT TERM HUP

for needed in docker git timeout tar base64; do
  command -v "$needed" >/dev/null || fail "the runner has no \`$needed\`" 'run the job on a host with a container engine'
done

# a deadline of its own: before 1.27, Gitea has none for a job. It waits in a way that a signal ends
within() {
  local limit=$1 code=0
  shift
  timeout -k 30 "$limit" "$@" &
  wait "$!" || code=$?
  ((code != 124 && code != 137)) || printf 'error: it took longer than %s seconds\n' "$limit" >&2
  return "$code"
}

# prints what others wrote, so that no line of it is a command of the forge's log
quote() { tr '\r' '\n' | sed 's/^/| /'; }
stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
begin() { printf '::group::%s\n::stop-commands::%s\n' "$1" "$stop"; }
end() { printf '::%s::\n::endgroup::\n' "$stop"; }

# --- check out

checkout() {
  local folder=$1 revision=$2 store=$work/$1.git
  mkdir "$work/$folder"
  git init --quiet --bare "$store"
  # the token goes into a header, and reaches git by the environment: never in a URL, an argument or a file
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="$header" GIT_TERMINAL_PROMPT=0 \
    within 300 git --git-dir="$store" fetch --quiet --depth 1 --no-tags "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" "$revision" ||
    fail "could not fetch the $folder of the pull request"
  # nothing that the commit says is run: no hook, no filter
  git --git-dir="$store" --work-tree="$work/$folder" -c core.hooksPath=/dev/null -c core.autocrlf=false \
    -c filter.lfs.smudge= -c filter.lfs.process= -c filter.lfs.required=false \
    checkout --quiet --force FETCH_HEAD || fail "could not check out the $folder of the pull request"
}

header="Authorization: Basic $(printf 'x-access-token:%s' "${TOKEN:-}" | base64 | tr -d '\n')"
begin 'Check out'
case ${GITHUB_EVENT_NAME:-} in
  push) base='' ;;
  pull_request) base=refs/heads/${GITHUB_BASE_REF:?the base branch is not known} ;;
  merge_group) base=${MERGE_GROUP_BASE:?the base of the merge group is not known} ;;
  *) fail "the event \`${GITHUB_EVENT_NAME:-}\` is not one of the gate's" ;;
esac
checkout head "$GITHUB_SHA" 2>&1 | quote
if [[ -n $base ]]; then checkout base "$base" 2>&1 | quote; fi
# nothing below needs it
unset TOKEN header
end

# --- the tool

# the value of `tool-image`, which stands in a line of its own before the first table
tool_of() {
  local file=$work/$1/coalmine.toml line
  [[ -f $file && ! -L $file ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    [[ ! $line =~ ^[[:space:]]*\[ ]] || return 0
    if [[ $line =~ ^tool-image[[:space:]]*=[[:space:]]*\"([A-Za-z0-9][-A-Za-z0-9_./:]*@sha256:[0-9a-f]{64})\"[[:space:]]*(#.*)?$ ]]; then
      printf '%s' "${BASH_REMATCH[1]}"
      return 0
    fi
  done < <(head -c 1048576 -- "$file" | tr -d '\000')
}

settings=head
if [[ -n $base && -e $work/base/coalmine.toml ]]; then settings=base; fi
tool=$(tool_of "$settings")
[[ -n $tool ]] || fail "coalmine.toml of the $settings has no \`tool-image\` that names an image by its digest" \
  'write `tool-image = "registry/coalmine@sha256:…"` into a line of its own'
begin "The tool: $tool"
docker image inspect "$tool" >/dev/null 2>&1 || within 600 docker pull --quiet "$tool" 2>&1 | quote ||
  fail "could not pull the tool's image"
end

socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
[[ $socket == unix://* ]] || fail "the engine at \`$socket\` is no socket of this host" 'see docs/gate.md, runners that are pods'
socket=${socket#unix://}

# create <name> <network> <arguments…>: a sibling of this job, whose only mount is the engine's socket. It gets no variable of
# the job, so no token.
create() {
  local container=$1 mount=()
  [[ $2 == none ]] || mount=(--mount "type=bind,source=$socket,target=/var/run/docker.sock")
  local network=$2
  shift 2
  docker create --name "$container" --label coalmine.gate=1 --network "$network" --user 0:0 --cap-drop ALL \
    --security-opt no-new-privileges --memory 2g --pids-limit 512 --workdir /tmp/head "${mount[@]}" \
    "${variables[@]}" "$tool" "$@" >/dev/null || fail "could not create the tool's container"
  # files go in as an archive: a symbolic link stays a link, and is resolved in there
  docker cp "$work/head/." "$container:/tmp/head" >/dev/null || fail 'could not copy the files of the commit'
  if [[ -n $base ]]; then docker cp "$work/base/." "$container:/tmp/base" >/dev/null || fail 'could not copy the base branch'; fi
}

variables=(--env CI=true --env "GITEA_ACTIONS=${GITEA_ACTIONS:-}" --env GITHUB_ACTIONS=true --env DOCKER_HOST=unix:///var/run/docker.sock)
bases=()
if [[ -n $base ]]; then bases=(--base /tmp/base); fi

# --- build

# the tool reads coalmine.toml and says what is to be built; it runs without network and without socket
create "$name-plan" none project builds --tag "$name" "${bases[@]}"
within 120 docker start --attach "$name-plan" >"$work/builds" || fail 'coalmine.toml cannot be followed'
begin 'Build the image'
words=()
while IFS= read -r -d '' word; do
  if [[ -n $word ]]; then
    words+=("$word")
    continue
  fi
  (cd "$work/head" && within 2400 docker build "${words[@]}" </dev/null 2>&1) | quote || {
    end
    fail 'could not build the image'
  }
  words=()
done <"$work/builds"
end

# --- judge

create "$name" bridge run --built "$name" --out /tmp/out --ci auto "${bases[@]}"
code=0
within 3600 docker start --attach "$name" || code=$?
docker cp "$name:/tmp/out" "$work/out" >/dev/null 2>&1 || true
# the reports must be there: without evidence nothing is green
if ((code == 0)) && ! compgen -G "$work/out/summary.json" >/dev/null && ! compgen -G "$work/out/*/summary.json" >/dev/null; then
  printf 'error: the run left no summary.json\n' >&2
  code=2
fi

# --- artifacts

# one archive: names of files that a runtime chose stay inside of it
upload() {
  local url archive size answer place sum digits
  archive=$work/session-continuity-e2e.tar.gz
  tar -C "$work" -czf "$archive" out
  if [[ -n ${GATE_OUT:-} ]]; then
    mkdir -p -- "$GATE_OUT" && cp -- "$archive" "$GATE_OUT/" && return 0
  fi
  command -v curl >/dev/null || return 1
  url=${ACTIONS_RUNTIME_URL:?the runner has no address for artifacts}
  url=${url%/}/_apis/pipelines/workflows/${GITHUB_RUN_ID:?}/artifacts?api-version=6.0-preview
  size=$(stat -c %s "$archive")
  send() { curl --silent --show-error --fail --max-time 300 --header @<(printf 'Authorization: Bearer %s\n' "$ACTIONS_RUNTIME_TOKEN") "$@"; }
  answer=$(send --request POST --header 'Content-Type: application/json' \
    --data '{"Type":"actions_storage","Name":"session-continuity-e2e"}' "$url") || return 1
  place=$(sed -n 's/.*"fileContainerResourceUrl" *: *"\([^"]*\)".*/\1/p' <<<"$answer")
  [[ $place == http* ]] || return 1
  place=${place//\\u0026/&}
  if [[ $place == *\?* ]]; then place+='&'; else place+='?'; fi
  digits=$(md5sum <"$archive")
  # shellcheck disable=SC2059
  sum=$(printf "$(sed 's/../\\x&/g' <<<"${digits%% *}")" | base64)
  send --upload-file "$archive" --header 'Content-Type: application/octet-stream' --header "x-actions-results-md5: $sum" \
    --header "x-tfs-filelength: $size" --header "Content-Range: bytes 0-$((size - 1))/$size" \
    "${place}itemPath=session-continuity-e2e%2Fsession-continuity-e2e.tar.gz" >/dev/null || return 1
  send --request PATCH --header 'Content-Type: application/json' --data "{\"Size\":$size}" \
    "$url&artifactName=session-continuity-e2e" >/dev/null || return 1
}

begin 'Artifacts'
if [[ ! -d $work/out ]]; then
  echo 'there are none'
elif (upload) 2>&1 | quote; then
  echo 'session-continuity-e2e.tar.gz; /tmp/out is its folder out'
else
  echo 'warning: the artifacts could not be uploaded; the verdict is not affected'
fi
end

judged=yes
exit "$code"
