#!/bin/sh
# Installs the program with its manual pages, completions, unit of systemd, documentation and recipes,
# or removes what was installed:
#
#     sh Scripts/install.sh install PROGRAM PREFIX [DESTDIR]
#     sh Scripts/install.sh uninstall PREFIX [DESTDIR]
#
# What was installed is listed in PREFIX/share/ltr/installed, by which it is removed.
# The environment variables UNITS, ZSH_COMPLETIONS and SYSCONFDIR name other folders for these files.
set -eu
cd "$(dirname "$0")/.."
umask 022

fail() {
  printf 'error: %s\n  to do: %s\n' "$1" "$2" >&2
  exit "$3"
}

# The prefix and all folders that depend on it.
locate() {
  case $1 in
    /) prefix="" ;;
    /*) prefix=${1%/} ;;
    *) fail "PREFIX is not an absolute path: '$1'" "name one, such as PREFIX=/usr/local" 64 ;;
  esac
  case $prefix in
    *[!A-Za-z0-9._/+@~-]*)
      fail "PREFIX has characters that units of systemd and manual pages would need quoted: '$1'" \
        "name a folder of letters, digits and ._/+@~-" 64 ;;
  esac
  root=${2%/}
  share=$prefix/share
  units=${UNITS:-$prefix/lib/systemd/system}
  zsh=${ZSH_COMPLETIONS:-$share/zsh/site-functions}
  etc=${SYSCONFDIR:-/etc}
  list=$share/ltr/installed
}

# put MODE FILE PATH: a file of the package goes to a path.
put() {
  mkdir -p "$root$(dirname "$3")"
  install -m "$1" "$2" "$root$3"
  printf '%s\n' "$3" >> "$folder/list"
}

# tree PATH FOLDER…: the files of folders go to a path, in the same folders.
tree() {
  to=$1
  shift
  find "$@" -type f ! -path '*/__pycache__/*' | LC_ALL=C sort > "$folder/files"
  while IFS= read -r file; do put 644 "$file" "$to/$file"; done < "$folder/files"
}

# remove PATH: a file goes, and folders that are empty then, up to the prefix.
remove() {
  rm -f "$root$1"
  above=$(dirname "$1")
  while [ "${above#"$prefix"/}" != "$above" ] && rmdir "$root$above" 2> /dev/null; do
    above=$(dirname "$above")
  done
}

install_all() {
  program=$1
  locate "$2" "$3"
  [ -x "$program" ] || fail "there is no program '$program'" "build it: make build" 66
  command -v python3 > /dev/null \
    || fail "there is no python3, which writes the manual pages" "apt-get install python3" 69
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  : > "$folder/list"

  # Everything that can fail comes before the first file is written.
  python3 Scripts/manual.py "$program" "$folder/man"
  for shell in bash zsh fish; do
    "$program" --generate-completion-script "$shell" > "$folder/$shell"
  done
  # It is sourced, not run.
  sed -i '1{/^#!/d}' "$folder/bash"
  sed "s|@PREFIX@|$prefix|g" Packaging/ltr.service > "$folder/ltr.service"

  put 755 "$program" "$prefix/bin/ltr"
  for page in "$folder"/man/*.1; do put 644 "$page" "$share/man/man1/$(basename "$page")"; done
  put 644 "$folder/bash" "$share/bash-completion/completions/ltr"
  put 644 "$folder/zsh" "$zsh/_ltr"
  put 644 "$folder/fish" "$share/fish/vendor_completions.d/ltr.fish"
  put 644 "$folder/ltr.service" "$units/ltr.service"
  tree "$share/doc/ltr" README.md Documentation
  # In the folders that recipes name.
  tree "$share/ltr" Recipes Data
  for name in Recipes Data; do
    ln -sfn "../../ltr/$name" "$root$share/doc/ltr/$name"
    printf '%s\n' "$share/doc/ltr/$name" >> "$folder/list"
  done

  # Settings that somebody may have changed stay as they are, also when everything else is removed.
  if [ -e "$root$etc/default/ltr" ]; then
    cmp -s Packaging/ltr.default "$root$etc/default/ltr" \
      || printf 'note: %s stays as it is; Packaging/ltr.default is the new one\n' "$etc/default/ltr" >&2
  else
    mkdir -p "$root$etc/default"
    # The token of clients may be in it.
    install -m 640 Packaging/ltr.default "$root$etc/default/ltr"
  fi
  LC_ALL=C sort -o "$folder/list" "$folder/list"
  # What only an earlier version had.
  if [ -f "$root$list" ]; then
    LC_ALL=C comm -23 "$root$list" "$folder/list" | while IFS= read -r path; do remove "$path"; done
  fi
  install -m 644 "$folder/list" "$root$list"
}

uninstall_all() {
  locate "$1" "$2"
  [ -f "$root$list" ] \
    || fail "nothing was installed there: there is no $root$list" \
      "name the PREFIX and DESTDIR of make install" 66
  { cat "$root$list"; printf '%s\n' "$list"; } | while IFS= read -r path; do
    remove "$path"
  done
  if [ -f "$root$etc/default/ltr" ]; then
    if cmp -s Packaging/ltr.default "$root$etc/default/ltr"; then
      rm -f "$root$etc/default/ltr"
    else
      printf 'note: %s was changed and stays\n' "$root$etc/default/ltr" >&2
    fi
  fi
}

case ${1:-} in
  install) install_all "$2" "$3" "${4:-}" ;;
  uninstall) uninstall_all "$2" "${3:-}" ;;
  *) fail "no such command: '${1:-}'" "make install, or make uninstall" 64 ;;
esac
