"""Each released method of w.postgres, once with success and once with an error."""

import inspect
import time

from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, NotFound, NotImplemented
from databricks.sdk.service.postgres import (
    Branch,
    BranchSpec,
    Catalog,
    CatalogCatalogSpec,
    CdfConfig,
    DataApi,
    DataApiDataApiSpec,
    Database,
    DatabaseDatabaseSpec,
    Duration,
    Endpoint,
    EndpointSpec,
    EndpointType,
    PostgresAPI,
    Project,
    ProjectSpec,
    Role,
    RoleAttributes,
    RoleAuthMethod,
    RoleRoleSpec,
    Snapshot,
    SnapshotSchedule,
    SnapshotSpec,
    SyncedTable,
    SyncedTableSyncedTableSpec,
)

from sdk_path import psql

PROJECT = "projects/each-method"
PRODUCTION = f"{PROJECT}/branches/production"
BRANCH = f"{PROJECT}/branches/development"
PRIMARY = f"{PRODUCTION}/endpoints/primary"
ENDPOINT = f"{PRODUCTION}/endpoints/reader"
ROLE = f"{PRODUCTION}/roles/app"
DATABASE = f"{PRODUCTION}/databases/orders"
OWN_DATABASE = f"{PRODUCTION}/databases/databricks-postgres"
FEED = f"{OWN_DATABASE}/cdf-configs/public"
CATALOG = "catalogs/each_method"
TABLE = "synced_tables/main.gold.orders"
SNAPSHOT = f"{PROJECT}/snapshots/before"
SCHEDULE = f"{PRODUCTION}/snapshot-schedule"
MISSING = "projects/missing"

DAY = Duration(seconds=86400)
READER = Endpoint(spec=EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_ONLY, autoscaling_limit_max_cu=1.0))
SYNCED_TABLE = SyncedTable(spec=SyncedTableSyncedTableSpec(
    branch=PRODUCTION, postgres_database="gold_db", primary_key_columns=["id"],
    create_database_objects_if_missing=True, source_table_full_name="main.sales.orders"))


def role_spec():
    return RoleRoleSpec(postgres_role="app", auth_method=RoleAuthMethod.PG_PASSWORD_SCRAM_SHA_256)


def released():
    return {name for name, _ in inspect.getmembers(PostgresAPI, inspect.isfunction) if not name.startswith("_")}



class Methods:
    def __init__(self, workspace):
        self.w = workspace.postgres
        self.user = workspace.current_user.me().user_name
        self.operation = None  # the name of one

    def started(self):
        made = self.w.create_project(project=Project(spec=ProjectSpec(enable_pg_native_login=True)),
                                     project_id="each-method")
        self.operation = made._operation.name
        return made

    def feed(self):
        """A feed of a schema with a table that it follows."""
        host = self.w.get_endpoint(PRIMARY).status.hosts.host
        token = self.w.generate_database_credential(PRIMARY).token
        psql(host, self.user, token, "CREATE TABLE listed (n int); ALTER TABLE listed REPLICA IDENTITY FULL")
        return self.w.create_cdf_config(OWN_DATABASE, CdfConfig(catalog="main", schema="cdf", postgres_schema="public"))

    def successes(self):
        """In an order in which each finds what it needs."""
        w = self.w
        return [
            ("create_project", self.started),
            ("get_operation", lambda: w.get_operation(self.operation)),
            ("get_project", lambda: w.get_project(PROJECT)),
            ("list_projects", w.list_projects),
            ("update_project", lambda: w.update_project(
                PROJECT, Project(spec=ProjectSpec(display_name="Each method")), FieldMask(["spec.display_name"]))),
            ("create_branch", lambda: w.create_branch(
                PROJECT, Branch(spec=BranchSpec(source_branch=PRODUCTION, ttl=DAY)), "development")),
            ("get_branch", lambda: w.get_branch(BRANCH)),
            ("list_branches", lambda: w.list_branches(PROJECT)),
            ("update_branch", lambda: w.update_branch(BRANCH, Branch(spec=BranchSpec(is_protected=False)),
                                                      FieldMask(["spec.is_protected"]))),
            ("create_endpoint", lambda: w.create_endpoint(PRODUCTION, READER, "reader")),
            ("get_endpoint", lambda: w.get_endpoint(ENDPOINT)),
            ("list_endpoints", lambda: w.list_endpoints(PRODUCTION)),
            ("update_endpoint", lambda: w.update_endpoint(
                PRIMARY, Endpoint(spec=EndpointSpec(endpoint_type=EndpointType.ENDPOINT_TYPE_READ_WRITE,
                                                    autoscaling_limit_max_cu=4.0)),
                FieldMask(["spec.autoscaling_limit_max_cu"]))),
            ("generate_database_credential", lambda: w.generate_database_credential(PRIMARY, ttl=Duration(seconds=600))),
            ("create_role", lambda: w.create_role(PRODUCTION, Role(spec=role_spec()), role_id="app")),
            ("get_role", lambda: w.get_role(ROLE)),
            ("list_roles", lambda: w.list_roles(PRODUCTION)),
            ("update_role", lambda: w.update_role(ROLE, Role(spec=RoleRoleSpec(attributes=RoleAttributes(createdb=True))),
                                                  FieldMask(["spec.attributes.createdb"]))),
            ("reveal_role_password", lambda: w.reveal_role_password(ROLE)),
            ("create_database", lambda: w.create_database(
                PRODUCTION, Database(spec=DatabaseDatabaseSpec(postgres_database="orders", role=ROLE)),
                database_id="orders")),
            ("get_database", lambda: w.get_database(DATABASE)),
            ("list_databases", lambda: w.list_databases(PRODUCTION)),
            ("update_database", lambda: w.update_database(
                DATABASE, Database(spec=DatabaseDatabaseSpec(postgres_database="new_orders", role=ROLE)),
                FieldMask(["spec.postgres_database"]))),
            ("create_data_api", lambda: w.create_data_api(OWN_DATABASE, DataApi(spec=DataApiDataApiSpec()))),
            ("get_data_api", lambda: w.get_data_api(f"{OWN_DATABASE}/data-api")),
            ("update_data_api", lambda: w.update_data_api(
                f"{OWN_DATABASE}/data-api", DataApi(spec=DataApiDataApiSpec(db_max_rows=9)), FieldMask(["spec.db_max_rows"]))),
            ("delete_data_api", lambda: w.delete_data_api(f"{OWN_DATABASE}/data-api")),
            ("create_catalog", lambda: w.create_catalog(
                Catalog(spec=CatalogCatalogSpec(postgres_database="sales", branch=PRODUCTION,
                                                create_database_if_missing=True)), "each_method")),
            ("get_catalog", lambda: w.get_catalog(CATALOG)),
            ("delete_catalog", lambda: w.delete_catalog(CATALOG)),
            ("create_synced_table", lambda: w.create_synced_table(SYNCED_TABLE, "main.gold.orders")),
            ("get_synced_table", lambda: w.get_synced_table(TABLE)),
            ("delete_synced_table", lambda: w.delete_synced_table(TABLE)),
            ("create_cdf_config", self.feed),
            ("get_cdf_config", lambda: w.get_cdf_config(FEED)),
            ("list_cdf_configs", lambda: w.list_cdf_configs(OWN_DATABASE)),
            ("list_cdf_statuses", lambda: w.list_cdf_statuses(FEED)),
            ("get_cdf_status", lambda: w.get_cdf_status(f"{FEED}/cdf-statuses/listed")),
            ("delete_cdf_config", lambda: w.delete_cdf_config(FEED, force=True)),
            ("create_snapshot", lambda: w.create_snapshot(
                PROJECT, Snapshot(spec=SnapshotSpec(source_branch=PRODUCTION, ttl=DAY)), "before")),
            ("get_snapshot", lambda: w.get_snapshot(SNAPSHOT)),
            ("list_snapshots", lambda: w.list_snapshots(PROJECT)),
            ("delete_snapshot", lambda: w.delete_snapshot(SNAPSHOT)),
            ("get_snapshot_schedule", lambda: w.get_snapshot_schedule(SCHEDULE)),
            ("update_snapshot_schedule", lambda: w.update_snapshot_schedule(
                SCHEDULE, SnapshotSchedule(schedule=[]), FieldMask(["schedule"]))),
            ("delete_database", lambda: w.delete_database(DATABASE)),
            ("delete_role", lambda: w.delete_role(ROLE)),
            ("delete_endpoint", lambda: w.delete_endpoint(ENDPOINT)),
            ("delete_branch", lambda: w.delete_branch(BRANCH)),
            ("undelete_branch", lambda: w.undelete_branch(BRANCH)),
            ("delete_project", lambda: w.delete_project(PROJECT)),
            ("undelete_project", lambda: w.undelete_project(PROJECT)),
        ]

    def failures(self):
        """With the project of the successes."""
        w = self.w
        branch, database = f"{MISSING}/branches/production", f"{MISSING}/branches/production/databases/orders"
        return [
            ("create_project", AlreadyExists, lambda: w.create_project(Project(), "each-method")),
            ("get_operation", NotFound, lambda: w.get_operation(f"{PROJECT}/operations/missing")),
            ("get_project", NotFound, lambda: w.get_project(MISSING)),
            ("list_projects", BadRequest, lambda: w.list_projects(page_token="made up")),
            ("update_project", NotFound, lambda: w.update_project(
                MISSING, Project(spec=ProjectSpec(display_name="x")), FieldMask(["spec.display_name"]))),
            ("create_branch", BadRequest, lambda: w.create_branch(PROJECT, Branch(), "other")),
            ("get_branch", NotFound, lambda: w.get_branch(branch)),
            ("list_branches", NotFound, lambda: w.list_branches(MISSING)),
            ("update_branch", BadRequest, lambda: w.update_branch(PRODUCTION, Branch(), FieldMask(["spec.no_such"]))),
            ("create_endpoint", NotFound, lambda: w.create_endpoint(branch, READER, "reader")),
            ("get_endpoint", NotFound, lambda: w.get_endpoint(ENDPOINT)),
            ("list_endpoints", NotFound, lambda: w.list_endpoints(branch)),
            ("update_endpoint", NotFound, lambda: w.update_endpoint(ENDPOINT, READER, FieldMask(["spec.disabled"]))),
            ("generate_database_credential", BadRequest, lambda: w.generate_database_credential(
                PRIMARY, ttl=Duration(seconds=7200))),
            ("create_role", BadRequest, lambda: w.create_role(PRODUCTION, Role(spec=RoleRoleSpec()), role_id="Bad id")),
            ("get_role", NotFound, lambda: w.get_role(ROLE)),
            ("list_roles", NotFound, lambda: w.list_roles(branch)),
            ("update_role", NotFound, lambda: w.update_role(ROLE, Role(spec=role_spec()), FieldMask(["spec.attributes"]))),
            ("reveal_role_password", NotFound, lambda: w.reveal_role_password(ROLE)),
            ("create_database", BadRequest, lambda: w.create_database(
                PRODUCTION, Database(spec=DatabaseDatabaseSpec(postgres_database="databricks_postgres", role=ROLE)),
                database_id="databricks-postgres")),
            ("get_database", NotFound, lambda: w.get_database(DATABASE)),
            ("list_databases", NotFound, lambda: w.list_databases(branch)),
            ("update_database", NotFound, lambda: w.update_database(
                DATABASE, Database(spec=DatabaseDatabaseSpec(postgres_database="x", role=ROLE)), FieldMask(["spec.postgres_database"]))),
            ("create_data_api", NotFound, lambda: w.create_data_api(database, DataApi(spec=DataApiDataApiSpec()))),
            ("get_data_api", NotFound, lambda: w.get_data_api(f"{database}/data-api")),
            ("update_data_api", NotFound, lambda: w.update_data_api(f"{database}/data-api", DataApi(),
                                                                            FieldMask(["spec.db_max_rows"]))),
            ("delete_data_api", NotFound, lambda: w.delete_data_api(f"{database}/data-api")),
            ("create_catalog", NotFound, lambda: w.create_catalog(
                Catalog(spec=CatalogCatalogSpec(postgres_database="missing", branch=PRODUCTION)), "missing")),
            ("get_catalog", NotFound, lambda: w.get_catalog(CATALOG)),
            ("delete_catalog", NotFound, lambda: w.delete_catalog(CATALOG)),
            ("create_synced_table", BadRequest, lambda: w.create_synced_table(SYNCED_TABLE, "no.schema")),
            ("get_synced_table", NotFound, lambda: w.get_synced_table(TABLE)),
            ("delete_synced_table", NotFound, lambda: w.delete_synced_table(TABLE)),
            ("create_cdf_config", NotFound, lambda: w.create_cdf_config(
                database, CdfConfig(catalog="main", schema="cdf", postgres_schema="public"))),
            ("get_cdf_config", NotFound, lambda: w.get_cdf_config(FEED)),
            ("list_cdf_configs", NotFound, lambda: w.list_cdf_configs(database)),
            ("list_cdf_statuses", NotFound, lambda: w.list_cdf_statuses(FEED)),
            ("get_cdf_status", NotFound, lambda: w.get_cdf_status(f"{FEED}/cdf-statuses/listed")),
            ("delete_cdf_config", NotFound, lambda: w.delete_cdf_config(FEED)),
            ("create_snapshot", NotFound, lambda: w.create_snapshot(
                MISSING, Snapshot(spec=SnapshotSpec(source_branch=branch, ttl=DAY)), "before")),
            ("get_snapshot", NotFound, lambda: w.get_snapshot(SNAPSHOT)),
            ("list_snapshots", NotFound, lambda: w.list_snapshots(MISSING)),
            ("delete_snapshot", NotFound, lambda: w.delete_snapshot(SNAPSHOT)),
            ("get_snapshot_schedule", NotFound, lambda: w.get_snapshot_schedule(f"{branch}/snapshot-schedule")),
            ("update_snapshot_schedule", NotFound, lambda: w.update_snapshot_schedule(
                f"{branch}/snapshot-schedule", SnapshotSchedule(schedule=[]), FieldMask(["schedule"]))),
            ("delete_database", NotFound, lambda: w.delete_database(DATABASE)),
            ("delete_role", NotFound, lambda: w.delete_role(ROLE)),
            ("delete_endpoint", NotFound, lambda: w.delete_endpoint(ENDPOINT)),
            ("delete_branch", BadRequest, lambda: w.delete_branch(PRODUCTION)),
            ("undelete_branch", BadRequest, lambda: w.undelete_branch(PRODUCTION)),
            ("undelete_project", BadRequest, lambda: w.undelete_project(PROJECT)),
            ("delete_project", NotFound, lambda: w.delete_project(MISSING)),
        ]

    def finish(self, result):
        """Waits for an operation, which is done when the SDK first asks, and goes through all of a list."""
        if hasattr(result, "wait"):
            while not self.w.get_operation(result._operation.name).done:
                time.sleep(0.02)
            result.wait()
        elif inspect.isgenerator(result):
            list(result)

    def judge(self, kind, call):
        """What is wrong, or nothing."""
        try:
            self.finish(call())
        except Exception as error:
            if kind is None or not isinstance(error, kind):
                return f"{type(error).__name__} {error}"
            return None
        return None if kind is None else f"no {kind.__name__}"

    def each(self, calls):
        """calls: name, the kind of its error or None, function."""
        assert {name for name, _, _ in calls} == released(), {name for name, _, _ in calls} ^ released()
        complaints = []
        for name, kind, call in calls:
            wrong = self.judge(kind, call)
            if wrong:
                complaints.append(f"{name}: {wrong}")
        assert not complaints, "; ".join(complaints)
        return f"{len(calls)} methods"

    def succeed(self):
        return self.each([(name, None, call) for name, call in self.successes()])

    def fail(self):
        return self.each(self.failures())
