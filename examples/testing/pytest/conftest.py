"""A project for the run, and for each test a branch of what `prepare` has made, and a connection to it."""

import uuid

import psycopg
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.postgres import Branch, BranchSpec, Duration, Project

w = WorkspaceClient()  # DATABRICKS_HOST and DATABRICKS_TOKEN


def connect(branch):
    endpoint = next(iter(w.postgres.list_endpoints(branch)))
    return psycopg.connect(
        host=endpoint.status.hosts.host,
        dbname="databricks_postgres",
        user=w.current_user.me().user_name,
        password=w.postgres.generate_database_credential(endpoint.name).token,
        sslmode="verify-full",  # PGPORT and PGSSLROOTCERT
        autocommit=True,
    )


def prepare(connection):
    connection.execute("CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL)")
    connection.execute("INSERT INTO orders VALUES (1, 'tea')")


@pytest.fixture(scope="session")
def project():
    made = w.postgres.create_project(Project(), f"run-{uuid.uuid4().hex[:8]}").wait()
    with connect(f"{made.name}/branches/production") as connection:
        prepare(connection)
    yield made.name
    w.postgres.delete_project(made.name, purge=True).wait()


@pytest.fixture
def orders(project):
    spec = BranchSpec(source_branch=f"{project}/branches/production", ttl=Duration(seconds=3600))
    branch = w.postgres.create_branch(project, Branch(spec=spec), f"test-{uuid.uuid4().hex[:8]}").wait()
    with connect(branch.name) as connection:
        yield connection
    w.postgres.delete_branch(branch.name, purge=True).wait()  # a project runs one operation at a time
