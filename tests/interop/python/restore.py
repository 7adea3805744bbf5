"""Restore, snapshots and catalogs as documentation of the service shows them, with the official Python SDK. Run with the
emulator's environment."""

import datetime
import json
import os
import time
import urllib.request

from databricks.sdk import WorkspaceClient
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import BadRequest, NotFound
from databricks.sdk.service.postgres import (
    Branch,
    BranchSpec,
    Catalog,
    CatalogCatalogSpec,
    DailySchedule,
    DayOfWeek,
    Duration,
    MonthlySchedule,
    Project,
    ProjectSpec,
    ScheduleCadence,
    Snapshot,
    SnapshotSchedule,
    SnapshotSpec,
    Timestamp,
    WeeklySchedule,
)

from sdk_path import psql, refused

PROJECT = "projects/restore"
PRODUCTION = f"{PROJECT}/branches/production"
SCHEDULE = f"{PRODUCTION}/snapshot-schedule"
DAY = 86400

w = WorkspaceClient()


def sql(branch, statement):
    endpoint = f"{branch}/endpoints/primary"
    token = w.postgres.generate_database_credential(endpoint=endpoint).token
    host = w.postgres.get_endpoint(name=endpoint).status.hosts.host
    return psql(host, w.current_user.me().user_name, token, statement)


def orders(branch):
    return sql(branch, "SELECT id FROM orders ORDER BY id").split()


def moment():
    """Between two commits, whose times have microseconds."""
    time.sleep(0.002)
    now = Timestamp()
    now.FromDatetime(datetime.datetime.now(datetime.timezone.utc))
    time.sleep(0.002)
    return now


def advance(span):
    request = urllib.request.Request(
        os.environ["DATABRICKS_HOST"] + "/emulator/clock", method="POST", data=json.dumps({"advance": span}).encode(),
        headers={"Authorization": "Bearer " + os.environ["DATABRICKS_TOKEN"], "Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=120).close()


w.postgres.create_project(
    project=Project(spec=ProjectSpec(display_name="Restore", history_retention_duration=Duration(seconds=7 * DAY))),
    project_id="restore").wait()
sql(PRODUCTION, "CREATE TABLE orders AS SELECT 1 AS id")
before_the_mistake = moment()
sql(PRODUCTION, "INSERT INTO orders VALUES (2)")
position = sql(PRODUCTION, "SELECT pg_current_wal_lsn()")
sql(PRODUCTION, "DELETE FROM orders")

# Restore to a point in time: a branch of the moment before the mistake.
restored = w.postgres.create_branch(
    parent=PROJECT,
    branch=Branch(spec=BranchSpec(source_branch=PRODUCTION, source_branch_time=before_the_mistake, no_expiry=True)),
    branch_id="restored").wait()
assert restored.status.source_branch_time == before_the_mistake, restored
assert orders(restored.name) == ["1"]

# Restore to a position in the write-ahead log.
at_position = w.postgres.create_branch(
    parent=PROJECT,
    branch=Branch(spec=BranchSpec(source_branch=PRODUCTION, source_branch_lsn=position, ttl=Duration(seconds=DAY))),
    branch_id="at-position").wait()
assert at_position.status.source_branch_lsn == position, at_position
assert orders(at_position.name) == ["1", "2"]
assert orders(PRODUCTION) == []
error = refused(BadRequest, lambda: w.postgres.create_branch(
    parent=PROJECT, branch_id="both",
    branch=Branch(spec=BranchSpec(source_branch=PRODUCTION, source_branch_time=before_the_mistake,
                                  source_branch_lsn=position, no_expiry=True))))
assert "source_branch_time" in str(error), error

# Take a snapshot, and restore it after its branch has gone on.
sql(PRODUCTION, "INSERT INTO orders VALUES (3)")
snapshot = w.postgres.create_snapshot(
    parent=PROJECT, snapshot=Snapshot(spec=SnapshotSpec(source_branch=PRODUCTION, ttl=Duration(seconds=30 * DAY))),
    snapshot_id="before-release").wait()
assert snapshot.status.expire_time is not None and snapshot.status.full_size_bytes > 0, snapshot
sql(PRODUCTION, "INSERT INTO orders SELECT generate_series(4, 1000)")
w.postgres.create_snapshot(
    parent=PROJECT, snapshot=Snapshot(spec=SnapshotSpec(source_branch=PRODUCTION, no_expiry=True)),
    snapshot_id="after-release").wait()
sizes = {each.snapshot_id: each.status.diff_size_bytes for each in w.postgres.list_snapshots(parent=PROJECT)}
assert sizes["before-release"] is None and 0 < sizes["after-release"] < snapshot.status.full_size_bytes, sizes
from_snapshot = w.postgres.create_branch(
    parent=PROJECT, branch=Branch(spec=BranchSpec(source_snapshot=snapshot.name, no_expiry=True)),
    branch_id="from-snapshot").wait()
assert from_snapshot.status.source_snapshot == snapshot.name, from_snapshot
assert orders(from_snapshot.name) == ["3"]
w.postgres.delete_snapshot(name=snapshot.name).wait()
refused(NotFound, lambda: w.postgres.get_snapshot(name=snapshot.name))

# Snapshots by a schedule.
schedule = w.postgres.update_snapshot_schedule(
    name=SCHEDULE,
    snapshot_schedule=SnapshotSchedule(name=SCHEDULE, schedule=[
        ScheduleCadence(retention=Duration(seconds=7 * DAY), daily_schedule=DailySchedule(hour=3)),
        ScheduleCadence(retention=Duration(seconds=28 * DAY),
                        weekly_schedule=WeeklySchedule(day_of_week=DayOfWeek.SUNDAY, hour=3)),
        ScheduleCadence(retention=Duration(seconds=365 * DAY), monthly_schedule=MonthlySchedule(day=31, hour=3))]),
    update_mask=FieldMask(["schedule"])).wait()
assert [each.retention.seconds // DAY for each in schedule.schedule] == [7, 28, 365], schedule
advance("3d")
taken = [each for each in w.postgres.list_snapshots(parent=PROJECT) if each.snapshot_id != "after-release"]
assert len(taken) == 3 and all(each.status.source_branch == PRODUCTION for each in taken), taken
w.postgres.update_snapshot_schedule(
    name=SCHEDULE, snapshot_schedule=SnapshotSchedule(name=SCHEDULE, schedule=[]),
    update_mask=FieldMask(["schedule"])).wait()
assert not w.postgres.get_snapshot_schedule(name=SCHEDULE).schedule

# Register a database in Unity Catalog, which is made for it.
catalog = w.postgres.create_catalog(
    catalog=Catalog(spec=CatalogCatalogSpec(
        postgres_database="analytics", branch=PRODUCTION, create_database_if_missing=True)),
    catalog_id="analytics").wait()
assert w.postgres.get_catalog(name=catalog.name).status.postgres_database == "analytics", catalog
assert sql(PRODUCTION, "SELECT count(*) FROM pg_database WHERE datname = 'analytics'") == "1"
w.postgres.delete_catalog(name=catalog.name).wait()
assert sql(PRODUCTION, "SELECT count(*) FROM pg_database WHERE datname = 'analytics'") == "1"
print("ok")
