#!/usr/bin/env bash
# The one step of all actions here: finds a predeploy that can be trusted, and lets it speak.
#
# Everything comes by environment variables (PREDEPLOY_INPUT_…), so that no input is ever part of a script. Works with the bash 3.2 of
# macOS. Where predeploy comes from, in this order, and never from anywhere else:
#
#   binary-path, or `version: system`    what the machine has
#   the tool cache, then a download      an archive whose SHA-256 is in checksums.txt beside this file, or in `checksum`
#   `version: source`, or no SHA-256     built from the source that this action itself was checked out from
set -euo pipefail

# What an earlier step may have left for the programs that are started below.
unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH
unset RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTC_WRAPPER
unset CDPATH GLOBIGNORE TAR_OPTIONS CURL_HOME
export CARGO_TERM_COLOR=never

releases=https://github.com/predeploy/predeploy/releases/download
repository=predeploy/predeploy

input() { # NAME: its value, without spaces around it
  local name=PREDEPLOY_INPUT_$1 value
  value=${!name-}
  value=${value#"${value%%[![:space:]]*}"}
  value=${value%"${value##*[![:space:]]}"}
  printf '%s' "$value"
}

# Texts of strangers within a workflow command: actions/runner, ActionCommand.cs.
escaped() {
  local text=$1 cr=$'\r' lf=$'\n'
  text=${text//%/%25}
  text=${text//$cr/%0D}
  text=${text//$lf/%0A}
  printf '%s' "$text"
}

die() { # MESSAGE
  printf '::error title=predeploy::%s\n' "$(escaped "$1")" >&2
  exit 2
}

output() { # NAME VALUE: a step output, which no value can end early
  [ -n "${GITHUB_OUTPUT-}" ] || return 0
  local delimiter
  delimiter=predeploy-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >>"$GITHUB_OUTPUT"
}

real() { # PATH: where it is, with no link in it
  local path=$1 folder hops=0
  while [ -L "$path" ]; do
    hops=$((hops + 1))
    [ "$hops" -le 40 ] || return 1
    folder=$(dirname -- "$path")
    path=$(readlink -- "$path")
    case $path in
      /*) ;;
      *) path=$folder/$path ;;
    esac
  done
  if [ -d "$path" ]; then
    (cd -P -- "$path" && pwd -P)
  else
    (cd -P -- "$(dirname -- "$path")" && printf '%s/%s' "$(pwd -P)" "$(basename -- "$path")")
  fi
}

# What lies in the workspace is part of what is judged: an author, or a step that runs an author's code, wrote it.
refuse_workspace() { # PATH WHAT
  local path workspace
  [ -n "${GITHUB_WORKSPACE-}" ] || return 0
  path=$(real "$1") || die "$2 \`$1\` cannot be found"
  workspace=$(real "$GITHUB_WORKSPACE") || die "the workspace cannot be found"
  case $path/ in
    "$workspace"/*) die "$2 \`$1\` is in the workspace, which is what predeploy judges: put it elsewhere, as \$RUNNER_TEMP" ;;
  esac
}

sha256() { # FILE
  if command -v sha256sum >/dev/null; then sha256sum -- "$1"; else shasum -a 256 -- "$1"; fi | sed 's/^\\//' | cut -c1-64
}

target() {
  case $(uname -s)/$(uname -m) in
    Linux/x86_64) echo x86_64-unknown-linux-gnu ;;
    Linux/aarch64 | Linux/arm64) echo aarch64-unknown-linux-gnu ;;
    Darwin/x86_64) echo x86_64-apple-darwin ;;
    Darwin/arm64) echo aarch64-apple-darwin ;;
    *) echo unknown ;;
  esac
}

# The digest that an archive must have; nothing if nobody wrote one down.
expected() { # ARCHIVE
  local given
  given=$(input CHECKSUM)
  if [ -n "$given" ]; then
    [[ $given =~ ^[0-9a-f]{64}$ ]] || die "\`checksum\` must be a SHA-256 as 64 lower-case hexadecimal digits"
    printf '%s' "$given"
    return
  fi
  awk -v name="$1" '$2 == name && $1 ~ /^[0-9a-f]+$/ && length($1) == 64 { print $1; exit }' "$root/action/checksums.txt"
}

check_digest() { # FILE DIGEST NAME
  local found
  found=$(sha256 "$1")
  [ "$found" = "$2" ] || die "$3 has the SHA-256 $found, and must have $2: it is not used"
}

attested() { # FILE
  local wanted
  wanted=$(input VERIFY_ATTESTATION)
  case ${wanted:=auto} in
    off) return ;;
    auto) if ! command -v gh >/dev/null || [ -z "${GITHUB_TOKEN-}" ] || [ "${GITHUB_SERVER_URL-}" != https://github.com ]; then return; fi ;;
    required) command -v gh >/dev/null || die "\`verify-attestation: required\` needs gh on PATH" ;;
    *) die "\`verify-attestation\` is auto, required or off, not \`$wanted\`" ;;
  esac
  GH_TOKEN=${GITHUB_TOKEN-} gh attestation verify "$1" --repo "$repository" \
    --signer-workflow "$repository/.github/workflows/release.yml" ||
    die "the archive's attestation does not hold: it is not used"
}

from_release() { # VERSION DIGEST ARCHIVE
  local cache file url partial
  url=$(input DOWNLOAD_URL)
  url=${url:-$releases/v$1}
  [[ $url =~ ^https://[A-Za-z0-9._~:/@%+-]+$ ]] || die "\`download-url\` must be an https address without a query, not \`$url\`"
  cache=
  if [ -n "${RUNNER_TOOL_CACHE-}" ]; then
    cache=$RUNNER_TOOL_CACHE/predeploy/$1/${RUNNER_ARCH:-$(uname -m)}
    mkdir -p -- "$cache"
    refuse_workspace "$cache" "the tool cache"
  fi
  file=${cache:-$scratch}/$3
  if [ ! -f "$file" ] || [ ! -f "$cache.complete" ]; then
    partial=$scratch/partial
    echo "predeploy: getting ${url%/}/$3"
    curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 3 --max-time 600 \
      --output "$partial" -- "${url%/}/$3" ||
      die "${url%/}/$3 cannot be read: give \`download-url\` of a mirror, \`binary-path\`, or \`version: source\`"
    check_digest "$partial" "$2" "what was read from ${url%/}/$3"
    mv -f -- "$partial" "$file"
    if [ -n "$cache" ]; then : >"$cache.complete"; fi
  fi
  # The archive is kept and not what is in it, so that its digest can be checked at every use.
  cp -- "$file" "$scratch/archive"
  check_digest "$scratch/archive" "$2" "\`$file\`"
  attested "$scratch/archive"
  mkdir -p -- "$scratch/bin"
  tar -xzf "$scratch/archive" -C "$scratch/bin" predeploy || die "the archive holds no \`predeploy\`"
  binary=$scratch/bin/predeploy
}

from_source() {
  command -v cargo >/dev/null ||
    die "there is no release of this revision of the action, and no cargo to build it: name a release as \`version\`, or give \`binary-path\`"
  echo "predeploy: building the source of this action"
  # From its own folder: cargo reads configuration from the working directory upwards, and the workspace is an author's.
  (cd -- "$root" && cargo install --locked --quiet --force --path . --bin predeploy \
    --root "$scratch" --target-dir "${RUNNER_TEMP:-$scratch}/predeploy-target" >&2) || die "the source of this action cannot be built"
  binary=$scratch/bin/predeploy
}

find_binary() {
  local version given own archive digest
  version=$(input VERSION)
  given=$(input BINARY_PATH)
  case $(uname -s) in
    Linux | Darwin) ;;
    *) die "predeploy runs on Linux and macOS: choose a runner of one of them" ;;
  esac
  if [ -n "$given" ]; then
    [ -f "$given" ] && [ -x "$given" ] || die "\`binary-path\` is not a program: \`$given\`"
    refuse_workspace "$given" "\`binary-path\`"
    binary=$(real "$given")
    return
  fi
  case $version in
    system)
      binary=$(type -P predeploy) || die "\`version: system\`, and there is no predeploy on PATH"
      refuse_workspace "$binary" "the predeploy on PATH"
      binary=$(real "$binary")
      return
      ;;
    source)
      from_source
      return
      ;;
  esac
  own=$(awk -F '"' '/^version = "/ { print $2; exit }' "$root/Cargo.toml")
  [ -z "$version" ] || [[ ${version#v} =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
    die "\`version\` is a number as 1.2.3, system or source, not \`$version\`"
  archive=predeploy-${version:-$own}-$(target).tar.gz
  archive=${archive/predeploy-v/predeploy-}
  digest=$(expected "$archive")
  if [ -n "$digest" ]; then
    version=${version:-$own}
    from_release "${version#v}" "$digest" "$archive"
  elif [ -n "$version" ]; then
    die "there is no SHA-256 for $archive: give it as \`checksum\`, or use a newer revision of the action"
  else
    from_source
  fi
}

# `check`, with the reports that were asked for.
check() {
  local line word code=0 json name file fail_on
  local args=(check --format=auto)
  fail_on=$(input FAIL_ON)
  case ${fail_on:=any} in any | blocked | never) ;; *) die "\`fail-on\` is any, blocked or never, not \`$fail_on\`" ;; esac
  json=$(input JSON_FILE)
  json=${json:-$scratch/report.json}
  args+=("--format=json=$json")
  output json-file "$json"
  for name in sarif junit html; do
    file=$(input "$(printf '%s' "$name" | tr '[:lower:]' '[:upper:]')_FILE")
    output "$name-file" "$file"
    if [ -n "$file" ]; then args+=("--format=$name=$file"); fi
  done
  for name in environment stage; do
    word=$(input "$(printf '%s' "$name" | tr '[:lower:]' '[:upper:]')")
    if [ -n "$word" ]; then args+=("--$name=$word"); fi
  done
  while IFS= read -r line || [ -n "$line" ]; do
    # No globs: a name is a name.
    set -f
    for word in $line; do args+=("--only=$word"); done
    set +f
  done <<<"$(input GATES)"
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then args+=("$line"); fi
  done <<<"$(input ARGS)"
  line=$(input WORKING_DIRECTORY)
  if [ -n "$line" ]; then cd -- "$line" 2>/dev/null || die "\`working-directory\` is not there: \`$line\`"; fi
  line=$(input SUMMARY)
  case ${line:-true} in true) ;; false) unset GITHUB_STEP_SUMMARY ;; *) die "\`summary\` is true or false, not \`$line\`" ;; esac

  "$binary" "${args[@]}" || code=$?
  output exit-code "$code"
  case $fail_on/$code in
    blocked/3 | blocked/4 | never/1 | never/3 | never/4)
      echo "predeploy: exit code $code does not fail this step (fail-on: $fail_on)"
      exit 0
      ;;
  esac
  exit "$code"
}

main() {
  local token
  root=$(real "$(dirname -- "${BASH_SOURCE[0]}")/..")
  scratch=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/predeploy.XXXXXXXX")
  token=$(input GITHUB_TOKEN)
  if [ -n "$token" ]; then export GITHUB_TOKEN=$token; fi
  token=$(input ORG_TOKEN)
  if [ -n "$token" ]; then export PREDEPLOY_ORG_TOKEN=$token; fi
  unset PREDEPLOY_INPUT_GITHUB_TOKEN PREDEPLOY_INPUT_ORG_TOKEN
  find_binary
  "$binary" --version || die "\`$binary\` does not run here"
  if [ "${PREDEPLOY_ACTION-}" = setup ]; then
    [ -n "${GITHUB_PATH-}" ] || die "GITHUB_PATH is not set"
    case $binary in *$'\n'*) die "the path of predeploy has a line break in it" ;; esac
    dirname -- "$binary" >>"$GITHUB_PATH"
    output path "$binary"
  else
    check
  fi
}

main
