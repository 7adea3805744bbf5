"""The main path of the README with the official Python SDK, at an emulator."""

import os
import subprocess

from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.errors import AlreadyExists, BadRequest, NotFound
from databricks.sdk.service.postgres import (
    Branch,
    BranchSpec,
    Database,
    DatabaseDatabaseSpec,
    Duration,
    Endpoint,
    EndpointSpec,
    EndpointType,
    Project,
    ProjectSpec,
    Role,
    RoleRoleSpec,
)

PROJECT = "projects/python-path"
PRODUCTION = f"{PROJECT}/branches/production"
DEVELOPMENT = f"{PROJECT}/branches/development"
PRIMARY = f"{DEVELOPMENT}/endpoints/primary"


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def psql(host, user, password, statement):
    environment = dict(os.environ, PGPASSWORD=password)
    command = ["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
    target = f"host={host} user={user} dbname=databricks_postgres sslmode=verify-full"
    done = subprocess.run(command + [target], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def make(w):
    project = w.postgres.create_project(
        project=Project(spec=ProjectSpec(display_name="Python path", pg_version=17)), project_id="python-path"
    ).wait()
    assert project.name == PROJECT and project.status.pg_version in (14, 15, 16, 17, 18), project
    refused(AlreadyExists, lambda: w.postgres.create_project(project=Project(), project_id="python-path"))

    branch = w.postgres.create_branch(
        parent=PROJECT,
        branch=Branch(spec=BranchSpec(source_branch=PRODUCTION, ttl=Duration(seconds=604800))),
        branch_id="development",
    ).wait()
    assert branch.status.current_state.value == "READY", branch
    assert branch.status.expire_time is not None, branch
    error = refused(BadRequest, lambda: w.postgres.create_branch(parent=PROJECT, branch=Branch(), branch_id="other"))
    assert "Expiration must be specified" in str(error), error


def resize(w):
    endpoint = w.postgres.update_endpoint(
        name=PRIMARY,
        endpoint=Endpoint(
            spec=EndpointSpec(
                endpoint_type=EndpointType.ENDPOINT_TYPE_READ_WRITE,
                autoscaling_limit_min_cu=2.0,
                autoscaling_limit_max_cu=8.0,
            )
        ),
        update_mask=FieldMask(["spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"]),
    ).wait()
    assert endpoint.status.autoscaling_limit_max_cu == 8.0, endpoint
    return endpoint.status.hosts.host


def use_roles_and_databases(w):
    w.postgres.create_role(
        parent=DEVELOPMENT, role=Role(spec=RoleRoleSpec(postgres_role="app")), role_id="app"
    ).wait()
    w.postgres.create_database(
        parent=DEVELOPMENT,
        database=Database(spec=DatabaseDatabaseSpec(postgres_database="orders", role=f"{DEVELOPMENT}/roles/app")),
        database_id="orders",
    ).wait()
    assert {d.database_id for d in w.postgres.list_databases(DEVELOPMENT)} == {"databricks-postgres", "orders"}
    assert {r.role_id for r in w.postgres.list_roles(DEVELOPMENT)} >= {"app"}


def connect(w, host):
    credential = w.postgres.generate_database_credential(endpoint=PRIMARY)
    user = w.current_user.me().user_name
    version = psql(host, user, credential.token, "SELECT version()")
    pg_version = w.postgres.get_project(PROJECT).status.pg_version
    assert version.startswith(f"PostgreSQL {pg_version}."), version
    psql(host, user, credential.token, "CREATE TABLE greetings AS SELECT 'hello' AS text")
    assert psql(host, user, credential.token, "SELECT text FROM greetings") == "hello"
    return version


def tidy_up(w):
    names = [b.name for b in w.postgres.list_branches(PROJECT, page_size=1)]
    assert names == [PRODUCTION, DEVELOPMENT], names
    error = refused(BadRequest, lambda: w.postgres.delete_branch(PRODUCTION))
    assert "Root branches cannot be deleted" in str(error), error
    w.postgres.delete_branch(DEVELOPMENT, purge=True).wait()
    refused(NotFound, lambda: w.postgres.get_branch(DEVELOPMENT))
    w.postgres.delete_project(PROJECT).wait()
    assert [p.name for p in w.postgres.list_projects()] == ["projects/interop"]
    w.postgres.undelete_project(PROJECT).wait()
    w.postgres.delete_project(PROJECT, purge=True).wait()


def check(w):
    make(w)
    host = resize(w)
    use_roles_and_databases(w)
    version = connect(w, host)
    tidy_up(w)
    return version
