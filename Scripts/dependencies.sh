#!/bin/sh
# Checks for what the build needs. Debian packages that are missing are installed; what cannot be
# installed is named, with the command that would do it.
set -eu

least_swift="6.2"
missing=""  # Debian packages without which nothing can be built
wanted=""   # those that only 'make encoder' needs
may_ask=no  # whether sudo may ask for a password
if [ -t 0 ]; then may_ask=yes; fi

has() { command -v "$1" >/dev/null 2>&1; }

check_swift() {
  hint="to do: install Swift $least_swift or later as https://www.swift.org/install says, and put it on PATH"
  if ! has swift; then
    printf 'error: there is no swift\n  %s\n' "$hint" >&2
    exit 1
  fi
  version=$(swift --version 2>/dev/null \
    | sed -n 's/.*Swift version \([0-9][0-9]*\)\.\([0-9][0-9]*\).*/\1 \2/p' | head -n 1)
  found=${version% *}.${version#* }
  if [ -z "$version" ] \
    || [ $((${version% *} * 100 + ${version#* })) -lt $((${least_swift%.*} * 100 + ${least_swift#*.})) ]
  then
    printf 'error: this swift is too old: %s\n  expected: %s or later\n  %s\n' \
      "${found:-of no known version}" "$least_swift" "$hint" >&2
    exit 1
  fi
}

find_missing() {
  missing=""
  wanted=""
  has git || missing="$missing git"
  has make || missing="$missing make"
  has pkg-config || missing="$missing pkg-config"
  for pair in openblas:libopenblas-dev hdf5:libhdf5-dev libarchive:libarchive-dev zlib:zlib1g-dev \
    libcrypto:libssl-dev xapian-core:libxapian-dev; do
    { has pkg-config && pkg-config --exists "${pair%:*}"; } || missing="$missing ${pair#*:}"
  done
  # The packages of oneDNN and FAISS do not tell pkg-config that they are there.
  for pair in oneapi/dnnl/dnnl.h:libdnnl-dev faiss/Index.h:libfaiss-dev; do
    [ -e "/usr/include/${pair%:*}" ] || [ -e "/usr/local/include/${pair%:*}" ] \
      || missing="$missing ${pair#*:}"
  done
  case " ${LTR_TRAITS:-} " in
    *" MPI "*) { has mpirun && has pkg-config && pkg-config --exists mpi; } \
      || missing="$missing libopenmpi-dev openmpi-bin" ;;
  esac
  if ! has python3; then
    wanted="python3 python3-pip"
  elif ! python3 -m pip --version >/dev/null 2>&1; then
    wanted="python3-pip"
  fi
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif ! has sudo; then
    return 1
  elif [ $may_ask = yes ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

install() {
  has apt-get || return 1
  echo "installing $1" >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null >&2 || true
  # shellcheck disable=SC2086  # the names are words
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $1 </dev/null >&2
}

check_swift
find_missing
if [ -n "$missing$wanted" ]; then
  all="$missing${wanted:+ $wanted}"
  install "${all# }" || true
  find_missing
fi
if [ -n "$missing" ]; then
  printf 'error: missing:%s\n  to do: as root, apt-get install%s\n' "$missing" "$missing" >&2
  has apt-get || echo "  without apt-get: install the same libraries so that pkg-config finds them" >&2
  exit 1
fi
if [ -n "$wanted" ]; then
  echo "note: missing: $wanted; only fetching the encoder needs it (apt-get install $wanted)" >&2
fi
