"""Synced tables as documentation of the service shows them, with the official Python SDK. Run with the emulator's environment,
a CSV file behind main.sales.orders, and the path of that file as argument."""

import pathlib
import sys
import time

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.pipelines import UpdateInfoState
from databricks.sdk.service.postgres import (
    Catalog,
    CatalogCatalogSpec,
    NewPipelineSpec,
    Project,
    ProjectSpec,
    SyncedTable,
    SyncedTableState,
    SyncedTableSyncedTableSpec,
    SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy,
)

from sdk_path import psql

PROJECT = "projects/synced-tables"
BRANCH = f"{PROJECT}/branches/production"
ORDERS = pathlib.Path(sys.argv[1])

w = WorkspaceClient()


def rows():
    endpoint = f"{BRANCH}/endpoints/primary"
    token = w.postgres.generate_database_credential(endpoint=endpoint).token
    host = w.postgres.get_endpoint(name=endpoint).status.hosts.host
    return psql(host, w.current_user.me().user_name, token, "SELECT * FROM gold.orders ORDER BY id").split()


def wait_until(is_so):
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("not so after a minute")


def write(text):
    new = ORDERS.with_suffix(".new")
    new.write_text(text)
    new.replace(ORDERS)


write("id:bigint,name:string\n1,a\n2,b\n")
w.postgres.create_project(project=Project(spec=ProjectSpec(display_name="Synced tables")),
                          project_id="synced-tables").wait()

# Register the database in Unity Catalog, and sync a table into it.
w.postgres.create_catalog(
    catalog=Catalog(spec=CatalogCatalogSpec(postgres_database="databricks_postgres", branch=BRANCH)),
    catalog_id="lake").wait()
synced_table = w.postgres.create_synced_table(
    synced_table=SyncedTable(spec=SyncedTableSyncedTableSpec(
        source_table_full_name="main.sales.orders",
        primary_key_columns=["id"],
        scheduling_policy=SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy.TRIGGERED,
        new_pipeline_spec=NewPipelineSpec(storage_catalog="main", storage_schema="default"))),
    synced_table_id="lake.gold.orders").wait()

# Check its state.
wait_until(lambda: w.postgres.get_synced_table(name=synced_table.name).status.detailed_state
           == SyncedTableState.SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE)
assert rows() == ["1|a", "2|b"], rows()

# Start an update of its pipeline.
write("id:bigint,name:string\n2,B\n3,c\n")
pipeline_id = synced_table.status.pipeline_id
update = w.pipelines.start_update(pipeline_id=pipeline_id)
wait_until(lambda: w.pipelines.get_update(pipeline_id=pipeline_id, update_id=update.update_id).update.state
           == UpdateInfoState.COMPLETED)
assert rows() == ["2|B", "3|c"], rows()
assert w.pipelines.get(pipeline_id=pipeline_id).latest_updates[0].update_id == update.update_id
status = w.postgres.get_synced_table(name=synced_table.name).status
assert status.last_processed_commit_version == 1, status
assert status.last_sync.delta_table_sync_info.delta_commit_version == 1, status

# Deleting it leaves the table in PostgreSQL.
w.postgres.delete_synced_table(name=synced_table.name).wait()
assert rows() == ["2|B", "3|c"], rows()
print("ok")
