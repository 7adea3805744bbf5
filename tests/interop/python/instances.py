"""w.database of the official Python SDK, from the first call to a row. Run with the emulator's environment, a CSV file behind
main.sales.orders, and the path of that file as argument."""

import os
import pathlib
import sys
import time
import uuid

import psycopg
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound
from databricks.sdk.service.database import (
    DatabaseCatalog,
    DatabaseInstance,
    DatabaseInstanceRef,
    DatabaseInstanceRole,
    DatabaseInstanceRoleAttributes,
    DatabaseInstanceState,
    NewPipelineSpec,
    SyncedDatabaseTable,
    SyncedTableSchedulingPolicy,
    SyncedTableSpec,
    SyncedTableState,
)

from sdk_path import refused

ORDERS = pathlib.Path(sys.argv[1])
TEA_AND_MILK = [(1, "tea"), (2, "milk")]
ONLINE = SyncedTableState.SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE

w = WorkspaceClient()


def token(name):
    made = w.database.generate_database_credential(request_id=str(uuid.uuid4()), instance_names=[name])
    assert made.expiration_time, made
    return made.token


def connect(name, password=None, database="databricks_postgres"):
    host = w.database.get_database_instance(name).read_write_dns
    return psycopg.connect(host=host, user=w.current_user.me().user_name, password=password or token(name), dbname=database,
                           sslmode="verify-full", sslrootcert=os.environ["PGSSLROOTCERT"], autocommit=True)


def sql(name, statement, **options):
    with connect(name, **options) as session:
        cursor = session.execute(statement)
        return cursor.fetchall() if cursor.description else None


def wait_until(is_so):
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("not so after a minute")


def wait_for(name, state):
    wait_until(lambda: w.database.get_database_instance(name).state == state)


def is_gone(name):
    try:
        w.database.get_database_instance(name)
    except NotFound:
        return True
    return False


def create():
    made = w.database.create_database_instance(DatabaseInstance(name="shop", capacity="CU_1"))
    assert made.response.state in (DatabaseInstanceState.STARTING, DatabaseInstanceState.AVAILABLE), made.response
    instance = made.result()
    assert instance.state == DatabaseInstanceState.AVAILABLE and instance.read_write_dns, instance
    assert (instance.effective_node_count, instance.effective_stopped) == (1, False), instance
    assert [one.name for one in w.database.list_database_instances()] == ["shop"]
    assert w.database.find_database_instance_by_uid(uid=instance.uid).name == "shop"
    error = refused(Exception, lambda: w.database.create_database_instance(DatabaseInstance(name="shop")))
    assert "Instance name is not unique" in str(error), error
    refused(NotFound, lambda: w.database.get_database_instance("missing"))
    refused(NotFound, lambda: w.database.generate_database_credential(instance_names=["missing"]))


def use_sql():
    sql("shop", "CREATE TABLE orders (id int PRIMARY KEY, item text)")
    sql("shop", "INSERT INTO orders VALUES (1, 'tea'), (2, 'milk')")
    assert rows("shop") == TEA_AND_MILK
    refused(psycopg.OperationalError, lambda: connect("shop", password="made up"))


def rows(name):
    return sql(name, "SELECT id, item FROM orders ORDER BY id")


def stop_and_start():
    password = token("shop")
    open_before = connect("shop")
    w.database.update_database_instance("shop", DatabaseInstance(name="shop", stopped=True), "stopped")
    wait_for("shop", DatabaseInstanceState.STOPPED)
    refused(psycopg.OperationalError, lambda: open_before.execute("SELECT 1"))
    error = refused(psycopg.OperationalError, lambda: connect("shop", password))
    assert "database instance 'shop' is stopped" in str(error), error
    refused(BadRequest, lambda: w.database.update_database_instance(
        "shop", DatabaseInstance(name="shop", capacity="CU_2"), "capacity"))
    w.database.update_database_instance("shop", DatabaseInstance(name="shop", stopped=False), "stopped")
    wait_for("shop", DatabaseInstanceState.AVAILABLE)
    assert rows("shop") == TEA_AND_MILK


def resize():
    # As tools of others send it: `*` and a part of the instance.
    changed = w.database.update_database_instance("shop", DatabaseInstance(name="shop", capacity="CU_2"), "*")
    assert changed.state in (DatabaseInstanceState.UPDATING, DatabaseInstanceState.AVAILABLE), changed
    wait_for("shop", DatabaseInstanceState.AVAILABLE)
    instance = w.database.get_database_instance("shop")
    assert (instance.effective_capacity, instance.effective_stopped) == ("CU_2", False), instance
    assert rows("shop") == TEA_AND_MILK


def make_role():
    role = w.database.create_database_instance_role("shop", DatabaseInstanceRole(
        name="colleague@example.com", attributes=DatabaseInstanceRoleAttributes(createdb=True)))
    assert role.effective_attributes.createdb, role
    assert sql("shop", "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'colleague@example.com'") == [(True,)]
    assert "colleague@example.com" in [one.name for one in w.database.list_database_instance_roles("shop")]
    w.database.delete_database_instance_role("shop", "colleague@example.com")
    refused(NotFound, lambda: w.database.get_database_instance_role("shop", "colleague@example.com"))
    assert sql("shop", "SELECT 1 FROM pg_roles WHERE rolname = 'colleague@example.com'") == []


def make_catalog():
    w.database.create_database_catalog(DatabaseCatalog(
        name="shop_catalog", database_instance_name="shop", database_name="sales", create_database_if_not_exists=True))
    assert w.database.get_database_catalog("shop_catalog").database_name == "sales"
    assert sql("shop", "SELECT current_database()", database="sales") == [("sales",)]


def make_synced_table():
    ORDERS.write_text("id:bigint,name:string\n1,a\n2,b\n")
    made = w.database.create_synced_database_table(SyncedDatabaseTable(
        name="shop_catalog.gold.orders",
        spec=SyncedTableSpec(
            source_table_full_name="main.sales.orders",
            primary_key_columns=["id"],
            scheduling_policy=SyncedTableSchedulingPolicy.TRIGGERED,
            new_pipeline_spec=NewPipelineSpec(storage_catalog="main", storage_schema="default"))))
    assert made.effective_database_instance_name == "shop" and made.effective_logical_database_name == "sales", made
    wait_until(lambda: w.database.get_synced_database_table(made.name).data_synchronization_status.detailed_state == ONLINE)
    assert sql("shop", "SELECT * FROM gold.orders ORDER BY id", database="sales") == [(1, "a"), (2, "b")]
    w.database.delete_synced_database_table(made.name, purge_data=True)
    assert sql("shop", "SELECT to_regclass('gold.orders')", database="sales") == [(None,)]
    w.database.delete_database_catalog("shop_catalog")
    refused(NotFound, lambda: w.database.get_database_catalog("shop_catalog"))


def make_child():
    child = w.database.create_database_instance_and_wait(DatabaseInstance(
        name="child", capacity="CU_1", parent_instance_ref=DatabaseInstanceRef(name="shop")))
    assert child.parent_instance_ref.name == "shop", child
    assert [one.name for one in w.database.get_database_instance("shop").child_instance_refs] == ["child"]
    assert rows("child") == TEA_AND_MILK
    sql("child", "DELETE FROM orders")
    assert rows("shop") == TEA_AND_MILK


def delete():
    refused(BadRequest, lambda: w.database.delete_database_instance("shop", purge=False))
    error = refused(BadRequest, lambda: w.database.delete_database_instance("shop", purge=True))
    assert "child" in str(error), error
    assert rows("shop") == TEA_AND_MILK
    w.database.delete_database_instance("shop", force=True, purge=True)
    wait_until(lambda: is_gone("shop") and is_gone("child"))
    assert [*w.database.list_database_instances()] == []


for step in (create, use_sql, stop_and_start, resize, make_role, make_catalog, make_synced_table, make_child, delete):
    step()
    print("ok", step.__name__, flush=True)
