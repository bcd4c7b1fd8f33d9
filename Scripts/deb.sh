#!/bin/sh
# Makes the Debian package of a program that was built with the Swift runtime linked statically:
#
#     sh Scripts/deb.sh PROGRAM FOLDER
#     sh Scripts/deb.sh --check         only says whether debhelper is missing
#
# FOLDER gets ltr_VERSION_ARCHITECTURE.deb. Needs no root.
set -eu
cd "$(dirname "$0")/.."

fail() {
  printf 'error: %s\n  to do: %s\n' "$1" "$2" >&2
  exit "$3"
}

command -v dh > /dev/null || fail "there is no debhelper" "as root, apt-get install debhelper" 69
# Before minutes of building.
[ "$1" != --check ] || exit 0

program=$(readlink -f "$1")
[ -x "$program" ] || fail "there is no program '$1'" "make deb builds it" 66
if readelf -d "$program" | grep -q 'NEEDED.*libswiftCore'; then
  fail "'$1' needs the Swift runtime, which Debian does not have" \
    "build it with --static-swift-stdlib, as make deb does" 65
fi

# The version is declared in the program's sources alone; the program was built from them.
version=$(sed -n 's/.*let version = "\(.*\)"/\1/p' Sources/Export/ProgramVersion.swift)
built=$("$program" --version)
[ "$built" = "$version" ] || fail "'$1' is version $built, the sources are $version" "build it again" 65

# The package of a commit has the commit's time, so that it comes out the same again.
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2> /dev/null || stat -c %Y Package.swift)}"
export SOURCE_DATE_EPOCH

# Who makes the package, by the variables of Debian's tools or by git.
name=${DEBFULLNAME:-$(git config user.name 2> /dev/null || echo "The authors of ltr")}
address=${DEBEMAIL:-$(git config user.email 2> /dev/null || echo "ltr@example.org")}
maintainer="$name <$address>"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/ltr"
cp -R Packaging/debian "$folder/ltr/debian"
awk -v maintainer="$maintainer" '{ sub("@MAINTAINER@", maintainer) } 1' Packaging/debian/control \
  > "$folder/ltr/debian/control"
cat > "$folder/ltr/debian/changelog" << EOF
ltr ($version) unstable; urgency=medium

  * Version $version.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
EOF
(
  cd "$folder/ltr"
  LTR_SOURCE=$OLDPWD LTR_PROGRAM=$program dpkg-buildpackage --build=binary --no-sign \
    --no-pre-clean --no-check-builddeps
) > "$folder/log" 2>&1 || {
  cat "$folder/log" >&2
  fail "the package could not be made" "see the messages of dpkg-buildpackage above" 70
}
mkdir -p "$2"
cp "$folder"/ltr_"$version"_*.deb "$2"
for package in "$folder"/ltr_"$version"_*.deb; do
  printf '%s\n' "${2%/}/$(basename "$package")"
done
