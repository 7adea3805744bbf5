#!/usr/bin/env bash
# The main path with psql and nothing of the SDK, against an emulator: curl for the control plane, a minted token as
# PGPASSWORD, sslmode=verify-full. Run by scripts/with-emulator.
set -euo pipefail

for tool in psql curl python3; do
  command -v "$tool" >/dev/null || { echo "$tool is missing; run scripts/install-dependencies --tests" >&2 && exit 1; }
done

call() { # METHOD TARGET [BODY]
  curl --silent --show-error --fail-with-body -X "$1" -H "Authorization: Bearer $DATABRICKS_TOKEN" \
    ${3:+--data "$3"} "$DATABRICKS_HOST/api/2.0/$2"
}
field() { python3 -c 'import functools, json, sys
print(functools.reduce(lambda value, key: value[key], sys.argv[1:], json.load(sys.stdin)))' "$@"; }
finish() { # METHOD TARGET [BODY]: starts an operation, and polls until it is done
  local operation name
  name=$(call "$@" | field name)
  for _ in $(seq 600); do
    operation=$(call GET "postgres/$name")
    if [ "$(field done <<<"$operation")" = True ]; then
      field response <<<"$operation" >/dev/null
      return
    fi
    sleep 0.1
  done
  echo "$name does not end" >&2
  return 1
}
expect() { # WANTED GOT
  [ "$1" = "$2" ] || { echo "wanted '$1', got '$2'" >&2 && exit 1; }
}

production=projects/psql-path/branches/production
development=projects/psql-path/branches/development
finish POST 'postgres/projects?project_id=psql-path' '{"spec":{"pg_version":"17"}}'
user=$(call GET preview/scim/v2/Me | field userName)

connect() { # BRANCH STATEMENT
  local host password
  host=$(call GET "postgres/$1/endpoints/primary" | field status hosts host)
  password=$(call POST postgres/credentials "{\"endpoint\":\"$1/endpoints/primary\"}" | field token)
  PGPASSWORD=$password psql -X -A -t -q -v ON_ERROR_STOP=1 -c "$2" \
    "host=$host user=$user dbname=databricks_postgres sslmode=verify-full"
}

connect $production 'SELECT version()'
connect $production 'CREATE TABLE visits (at timestamptz DEFAULT now()); INSERT INTO visits DEFAULT VALUES'
finish POST 'postgres/projects/psql-path/branches?branch_id=development' '{"spec":{"ttl":"604800s"}}'
connect $development 'INSERT INTO visits DEFAULT VALUES'
expect 2 "$(connect $development 'SELECT count(*) FROM visits')"
expect 1 "$(connect $production 'SELECT count(*) FROM visits')"

# A suspended endpoint wakes with the connection.
curl --silent --show-error --fail -H "Authorization: Bearer $DATABRICKS_TOKEN" \
  --data "{\"endpoint\":\"$production/endpoints/primary\"}" "$DATABRICKS_HOST/emulator/suspend" >/dev/null
expect IDLE "$(call GET "postgres/$production/endpoints/primary" | field status current_state)"
expect 1 "$(connect $production 'SELECT count(*) FROM visits')"

# Neither the workspace's token nor a made-up one is a password.
host=$(call GET "postgres/$production/endpoints/primary" | field status hosts host)
for password in "$DATABRICKS_TOKEN" eyJhbGciOiJIUzI1NiJ9.e30.x secret; do
  if PGPASSWORD=$password psql -X -c 'SELECT 1' \
    "host=$host user=$user dbname=databricks_postgres sslmode=verify-full" >/dev/null 2>&1; then
    echo "a wrong password was taken" >&2
    exit 1
  fi
done

finish DELETE 'postgres/projects/psql-path?purge=true'
