#!/usr/bin/env bash
# Pastes the shell blocks of README.md, line by line, into a fresh shell in a new clone in an empty folder, as a reader
# would; a line that fails ends it. What stands above a block says when:
#
#   <!-- shell -->            always; `build/release/bin` is the build that is being tested
#   <!-- shell: at length --> with --all only, where the clone is built by README.md's own lines
#   <!-- shell: elsewhere --> never: it needs what no test has; the block is checked for syntax
#
#   paste_readme.sh SOURCE_DIR BIN_DIR     BIN_DIR holds lakebase-emulator and examples/
#   paste_readme.sh SOURCE_DIR --all
set -euo pipefail
source=$(cd "$1" && pwd) bin=$2

folder=$(mktemp -d)
chmod 755 "$folder"
cleanup() {
  status=$?
  trap - EXIT
  [ ! -x "$folder/clone/build/release/bin/lakebase-emulator" ] ||
    HOME="$folder/home" "$folder/clone/build/release/bin/lakebase-emulator" down >&2 || true
  rm -rf "$folder"
  exit "$status"
}
trap cleanup EXIT

mkdir "$folder/home" "$folder/tmp"
chmod 755 "$folder/home"
chmod 1777 "$folder/tmp"
git -c safe.directory='*' clone -q "$source" "$folder/clone"
cp "$source/README.md" "$folder/clone/README.md"
if [ "$bin" != --all ]; then
  mkdir -p "$folder/clone/build/release"
  ln -s "$bin" "$folder/clone/build/release/bin"
fi

awk -v folder="$folder" -f "$source/tests/docs/shell_blocks.awk" "$source/README.md" >&2

pasted=0
script="$folder/pasted.sh"
echo "set -e; cd $folder/clone" >"$script"
for block in "$folder"/block-*.sh; do
  bash -n "$block"
  case "$block" in
    *-elsewhere.sh) continue ;;
    *-at-length.sh) [ "$bin" = --all ] || continue ;;
  esac
  while IFS= read -r line; do
    printf 'echo %q\n%s\n' "\$ $line" "$line"
  done <"$block" >>"$script"
  pasted=$((pasted + 1))
done
[ "$pasted" -ge 2 ] || { echo "README.md has $pasted shell blocks to paste; there were more" >&2; exit 1; }

keep=(HOME="$folder/home" TMPDIR="$folder/tmp" PATH="$PATH" LANG=C.UTF-8)
for name in LAKEBASE_POSTGRES_BIN LAKEBASE_POSTGRES_DIR http_proxy https_proxy no_proxy SSL_CERT_FILE; do
  [ -z "${!name:-}" ] || keep+=("$name=${!name}")
done
cd "$folder"
env -i "${keep[@]}" bash --noprofile --norc <"$script"
rm -rf "$folder/clone"
# What README.md installs, and the folders that other people's tools make for themselves.
[ "$bin" != --all ] || rm -r "$folder/home/lakebase"
left=$(find "$folder/home" "$folder/tmp" -mindepth 1 -maxdepth 1 ! -name .local ! -name .cache ! -name .npm ! -name .rustup)
[ -z "$left" ] || { echo "left behind: $left" >&2; exit 1; }
echo "pasted $pasted shell blocks of README.md"
