"""Synced tables with columns of pgvector, with the official Python SDK. Run with the environment of an emulator whose
PostgreSQL has pgvector, a CSV file behind main.sales.orders, and the path of that file as argument."""

import pathlib
import sys
import time

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.postgres import (
    Catalog,
    CatalogCatalogSpec,
    NewPipelineSpec,
    Project,
    ProjectSpec,
    SyncedTable,
    SyncedTableState,
    SyncedTableSyncedTableSpec,
    SyncedTableSyncedTableSpecPgSpecificType as PgType,
    SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy as Policy,
    SyncedTableSyncedTableSpecTypeOverride as TypeOverride,
)

from sdk_path import psql

BRANCH = "projects/vectors/branches/production"
ENDPOINT = f"{BRANCH}/endpoints/primary"
ITEMS = pathlib.Path(sys.argv[1])

w = WorkspaceClient()


def sql(statement):
    token = w.postgres.generate_database_credential(endpoint=ENDPOINT).token
    host = w.postgres.get_endpoint(name=ENDPOINT).status.hosts.host
    return psql(host, w.current_user.me().user_name, token, statement).split()


def sync(name):
    return w.postgres.create_synced_table(
        synced_table=SyncedTable(spec=SyncedTableSyncedTableSpec(
            source_table_full_name="main.sales.orders",
            primary_key_columns=["id"],
            scheduling_policy=Policy.TRIGGERED,
            type_overrides=[TypeOverride(column_name="near", pg_type=PgType.PG_SPECIFIC_TYPE_VECTOR, size=3),
                            TypeOverride(column_name="far", pg_type=PgType.PG_SPECIFIC_TYPE_HALFVEC, size=2)],
            new_pipeline_spec=NewPipelineSpec(storage_catalog="main", storage_schema="default"))),
        synced_table_id=f"lake.gold.{name}").wait().name


def status_of(table):
    for _ in range(600):
        status = w.postgres.get_synced_table(name=table).status
        if status.detailed_state in (SyncedTableState.SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE,
                                     SyncedTableState.SYNCED_TABLE_OFFLINE_FAILED):
            return status
        time.sleep(0.1)
    raise AssertionError("neither online nor failed after a minute")


ITEMS.write_text('id:bigint,near:array<float>,far:string\n1,"[1,0,0]","[1,2]"\n2,"[0,1,0.5]","[3,4]"\n3,,\n')
w.postgres.create_project(project=Project(spec=ProjectSpec(display_name="Vectors", pg_version=16)),
                          project_id="vectors").wait()
w.postgres.create_catalog(
    catalog=Catalog(spec=CatalogCatalogSpec(postgres_database="databricks_postgres", branch=BRANCH)),
    catalog_id="lake").wait()

status = status_of(sync("items"))
assert status.detailed_state == SyncedTableState.SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE, status
assert sql("SELECT id FROM gold.items ORDER BY near <-> '[0,1,0]'") == ["2", "1", "3"]
assert sql("SELECT near, far FROM gold.items WHERE id = 2") == ["[0,1,0.5]|[3,4]"]
assert sql("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'gold.items'::regclass AND attnum > 1 "
           "AND NOT attisdropped ORDER BY attnum") == ["vector(3)", "halfvec(2)"]
sql("CREATE INDEX ON gold.items USING hnsw (near vector_l2_ops)")

# A row of another number of dimensions: the table fails, and says which row.
ITEMS.write_text('id:bigint,near:array<float>,far:string\n1,"[1,0]","[1,2]"\n')
status = status_of(sync("short"))
assert status.detailed_state == SyncedTableState.SYNCED_TABLE_OFFLINE_FAILED, status
assert "line 2" in status.message and "near" in status.message, status.message
print("ok")
