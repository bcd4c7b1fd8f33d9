#!/bin/sh
# Installs the Debian package into an empty root and uses the program there as a user who is not root:
# indexes, searches, trains for a few steps, evaluates, exports, serves the export and asks it.
#
#     sh Scripts/deb_check.sh PACKAGE.deb ENCODER [FOLDER]
#
# Needs root, debootstrap and curl. FOLDER keeps the empty root for the next time. The environment
# variables SUITE (bookworm) and MIRROR (http://deb.debian.org/debian) say what it is made of.
set -eu
cd "$(dirname "$0")/.."
suite=${SUITE:-bookworm}
mirror=${MIRROR:-http://deb.debian.org/debian}

fail() {
  printf 'FAILED: %s\n' "$1" >&2
  exit 1
}

if [ -z "${LTR_IN_NAMESPACE:-}" ]; then
  [ "$(id -u)" -eq 0 ] || fail "only root can make an empty root: run this with sudo"
  for program in debootstrap curl; do
    command -v $program > /dev/null || fail "there is no $program: apt-get install $program"
  done
  # What is mounted below is gone with the namespace, however this ends.
  LTR_IN_NAMESPACE=1 exec unshare --mount sh Scripts/deb_check.sh "$@"
fi

package=$1
encoder=$2
[ -f "$package" ] || fail "there is no package '$package': make deb"
[ -f "$encoder" ] || fail "there is no encoder '$encoder': make encoder"
work=$(mktemp -d)
server=""
finish() {
  [ -z "$server" ] || kill "$server" 2> /dev/null || true
  umount -l "$work/root" "$work/changes" 2> /dev/null || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

fresh=${3:-$work/fresh}
if [ ! -e "$fresh/etc/debian_version" ]; then
  printf '== debootstrap --variant=minbase %s\n' "$suite"
  rm -rf "$fresh"
  debootstrap --variant=minbase "$suite" "$fresh" "$mirror" > "$work/log" 2>&1 \
    || { tail -n 20 "$work/log" >&2; fail "debootstrap"; }
fi
# Nothing is written into the empty root: it stays as fresh as it was.
mkdir "$work/root" "$work/changes"
mount -t tmpfs -o mode=755 tmpfs "$work/changes"
mkdir "$work/changes/upper" "$work/changes/work"
mount -t overlay overlay \
  -o "lowerdir=$fresh,upperdir=$work/changes/upper,workdir=$work/changes/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2> /dev/null || true
# Services are not started in a root without an init.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

as_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# The program as a user has it, in a folder of the user's own; in the place of this shell.
user() {
  exec chroot --userspec=nobody:nogroup "$root" env -i PATH=/usr/bin:/bin HOME=/tmp/user \
    LC_ALL=C.UTF-8 sh -c 'cd /tmp/user && exec "$@"' sh "$@"
}
as_user() { (user "$@"); }

printf '== apt-get install %s\n' "$(basename "$package")"
cp "$package" "$root/tmp/ltr.deb"
as_root apt-get update -qq > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "apt-get update"; }
as_root apt-get install -y --no-install-recommends /tmp/ltr.deb > "$work/log" 2>&1 \
  || { tail -n 30 "$work/log" >&2; fail "apt-get install"; }
[ -z "$(as_root dpkg --audit)" ] || fail "dpkg --audit finds faults"
as_root dpkg --verify ltr > "$work/log"
[ ! -s "$work/log" ] || { cat "$work/log" >&2; fail "dpkg --verify finds changed files"; }
[ "$(stat -c '%U %a' "$root/etc/default/ltr")" = "root 640" ] || fail "everybody can read the settings"

mkdir "$root/tmp/user"
cp "$encoder" "$root/tmp/user/"
chown -R nobody:nogroup "$root/tmp/user"
name=$(basename "$encoder")

step() {
  printf '$ ltr %s\n' "$*"
  as_user ltr "$@" > "$work/out" 2> "$work/err" \
    || { cat "$work/err" >&2; fail "ltr $1 ended with an error"; }
}

step --version
cat "$work/out"
# Recipes name their data as they lie in the package.
as_user ln -s /usr/share/ltr/Data Data
as_user mkdir Checkpoints
as_user mv "$name" Checkpoints/
step index build --collection Data/helpdesk --output Checkpoints/helpdesk-bm25
step index build --collection Data/helpdesk --kind dense --model "Checkpoints/$name" \
  --output Checkpoints/helpdesk-dense
for kind in bm25 dense; do
  step index search --index "Checkpoints/helpdesk-$kind" --collection Data/helpdesk --split test \
    --output "$kind.run"
done
step evaluate --qrels Data/helpdesk/qrels/test.tsv --run bm25.run dense.run
cat "$work/out"
step train /usr/share/ltr/Recipes/01-quickstart.yaml --set model.base="Checkpoints/$name" \
  --set warm_up.lists=32 --set training.max_steps=4 --output run
step export --model run --format hf --output reranker
step rerank --model reranker --collection Data/helpdesk --run bm25.run --depth 10 \
  --output rerank.run

printf '$ ltr serve --model reranker\n'
user ltr serve --model reranker --port 0 > "$work/address" 2> "$work/err" &
server=$!
for _ in $(seq 100); do
  [ -s "$work/address" ] && break
  kill -0 "$server" 2> /dev/null || { cat "$work/err" >&2; fail "ltr serve ended"; }
  sleep 0.2
done
address=$(sed -n 's/^listening on //p' "$work/address")
[ -n "$address" ] || { cat "$work/err" >&2; fail "ltr serve did not listen"; }
curl -fsS --max-time 20 "$address/health" > /dev/null || fail "/health"
curl -fsS --max-time 20 "$address/rerank" -H 'Content-Type: application/json' -d \
  '{"query": "deleted the wrong folder", "documents": ["Share a folder by its link.", "Restore a deleted folder: open the trash."]}' \
  > "$work/answer" || fail "/rerank"
cat "$work/answer"
printf '\n'
grep -q '"relevance_score"' "$work/answer" || fail "/rerank answers without scores"
kill -TERM "$server"
wait "$server" || fail "ltr serve ended with $? after SIGTERM"
server=""

printf '$ man ltr-serve; completions\n'
gzip -dc "$root/usr/share/man/man1/ltr-serve.1.gz" | grep -q -e '\\-\\-token\\-file' || fail "the manual page"
as_root bash -n /usr/share/bash-completion/completions/ltr || fail "completions of bash"

printf '== apt-get purge ltr\n'
as_root apt-get purge -y ltr > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "apt-get purge"; }
left=$(as_root find / -xdev -path /proc -prune -o -path /tmp -prune -o \( -name 'ltr' -o -name 'ltr[.-]*' \) -print)
[ -z "$left" ] || fail "left behind: $left"
printf 'the package works in an empty root of %s\n' "$suite"
