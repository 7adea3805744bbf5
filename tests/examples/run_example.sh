#!/usr/bin/env bash
# Runs an example as a reader of the README would, against an emulator of its own that holds the project my-app, and
# checks what it prints and that nothing stays behind.
#
#   run_example.sh BIN_DIR EXAMPLE EXPECTED_REGEX
set -euo pipefail
bin=$1 example=$2 expected=$3

TMPDIR=$(mktemp -d)
export TMPDIR
chmod 755 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT

prepare=true
[ "$example" = quickstart ] || prepare="$bin/make_project my-app"
# Who uses the Data API in its example.
export DATA_API_CLIENT_ID=11111111-1111-1111-1111-111111111111 DATA_API_CLIENT_SECRET=secret
output=$("$bin/lakebase-emulator" exec --log-level info \
  --service-principal "$DATA_API_CLIENT_ID:$DATA_API_CLIENT_SECRET" -- \
  sh -c "$prepare && exec $bin/examples/$example" 2>"$TMPDIR/log") || {
  echo "$output"
  cat "$TMPDIR/log" >&2
  exit 1
}
echo "$output"
if ! grep -Eq "$expected" <<<"$output"; then
  echo "the output does not match: $expected" >&2
  exit 1
fi
rm "$TMPDIR/log"
if [ -n "$(ls -A "$TMPDIR")" ]; then
  echo "the emulator left files behind: $(ls -A "$TMPDIR")" >&2
  exit 1
fi
if pgrep -f "$TMPDIR" >/dev/null; then
  echo "the emulator left processes behind:" >&2
  pgrep -af "$TMPDIR" >&2
  exit 1
fi
