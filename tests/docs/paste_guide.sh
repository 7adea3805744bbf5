#!/usr/bin/env bash
# Runs the shell blocks of docs/guide/from-provisioned.md as they stand, each way of the move at an emulator of its own that has
# the instance of instance.sql, and looks at what they made.
#
#   paste_guide.sh SOURCE_DIR PATH/TO/lakebase-emulator
set -euo pipefail
source=$(cd "$1" && pwd) emulator=$2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
awk -v folder="$folder" -f "$source/tests/docs/shell_blocks.awk" "$source/docs/guide/from-provisioned.md" >&2

blocks() { # WHEN: those of the guide
  local seen=("$folder"/block-*-"$1".sh)
  [ -e "${seen[0]}" ] || { echo "the guide has no block '$1'" >&2; return 1; }
  printf "set -v\n"
  cat "${seen[@]}"
  printf "{ set +v; } 2>/dev/null\n"
}

instance() {
  cat <<'SH'
set -eu -o pipefail
await() { until [ "$(api GET database/instances/my-instance | field "['state']")" = "$1" ]; do sleep 0.1; done; }
ask() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
expect() { [ "$1" = "$2" ] || { echo "wanted '$1', got '$2'" >&2; exit 1; }; }
SH
  blocks for-both
  cat <<'SH'
api POST database/instances '{"name": "my-instance", "capacity": "CU_1"}' >/dev/null
await AVAILABLE
host=$(api GET database/instances/my-instance | field "['read_write_dns']")
user=$(api GET preview/scim/v2/Me | field "['userName']")
export PGSSLMODE=verify-full
at_instance() {
  PGPASSWORD=$(api POST database/credentials '{"instance_names": ["my-instance"]}' | field "['token']") \
    ask -h "$host" -U "$user" -d databricks_postgres "$@"
}
at_instance -f "$SOURCE/tests/docs/instance.sql" >/dev/null
SH
}

in_place() {
  instance
  blocks in-place
  cat <<'SH'
endpoint=projects/my-instance/branches/production/endpoints/primary
expect "$host" "$(api GET "postgres/$endpoint" | field "['status']['hosts']['host']")"
token=$(api POST postgres/credentials "{\"endpoint\": \"$endpoint\"}" | field "['token']")
expect 10000 "$(PGPASSWORD=$token ask -h "$host" -U "$user" -d databricks_postgres -c 'SELECT count(*) FROM shop.orders')"
SH
}

by_copy() {
  instance
  blocks by-copy
  cat <<'SH'
for statement in \
  "SELECT count(*) FROM shop.orders" \
  "SELECT string_agg(pg_get_userbyid(nspowner), ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname IN ('shop', 'reports')" \
  "SELECT has_table_privilege('ann@example.com', 'shop.orders', 'SELECT'), pg_has_role('reporting', 'readers', 'MEMBER')" \
  "SELECT rolcanlogin, rolcreatedb FROM pg_roles WHERE rolname IN ('readers', 'reporting') ORDER BY rolname" \
  "SELECT identity_type FROM databricks_list_roles WHERE role_name = 'ann@example.com'" \
  "SELECT count(*) FROM shop.large WHERE note LIKE '%99%'"; do
  expect "$(old ask -c "$statement")" "$(new ask -c "$statement")"
done
expect "$endpoint" "$LAKEBASE_ENDPOINT"
! old ask -c 'CREATE TABLE late ()' 2>/dev/null || { echo 'the instance can still be written to' >&2; exit 1; }

# The check sees a row that is missing, one that differs, and a sequence that lags.
new ask -c "INSERT INTO shop.orders (customer) VALUES (1)"  # takes the number that follows
for change in "DELETE FROM shop.orders WHERE id > 10000" "UPDATE shop.orders SET price = 0 WHERE id = 7"; do
  ! check >/dev/null || { echo 'the check sees no difference' >&2; exit 1; }
  new ask -c "$change"
done
! check >/dev/null || { echo 'the check sees no difference' >&2; exit 1; }
SH
  blocks to-go-back
  echo "old ask -c 'CREATE TABLE late ()'"
  blocks at-the-end
  cat <<'SH'
until [ "$(api GET database/instances)" = '{}' ]; do sleep 0.1; done
expect 10000 "$(new ask -c 'SELECT count(*) FROM shop.orders')"
SH
}

for way in in_place by_copy; do
  mkdir "$folder/$way"
  "$way" >"$folder/$way.sh"
  (cd "$folder/$way" && SOURCE=$source timeout 120 "$emulator" exec -- bash --noprofile --norc "$folder/$way.sh")
  echo "$way: done"
done
