"""Each `databricks database` command, and `databricks psql INSTANCE`: a database instance from its creation to its end."""

import functools
import re
import time

import targets
from cli import LONGEST_RUN, Wrong, one_line

NAME = "cli-shop"
CHILD = "cli-child"
CATALOG = "cli_shop"
TABLE = "main.cli.listed"
SYNCED = f"{CATALOG}.gold.orders"
SYNC = {"source_table_full_name": "main.sales.orders", "primary_key_columns": ["id"], "scheduling_policy": "SNAPSHOT"}

NO_INSTANCE = "Database instance 'missing' not found"

# Command to arguments, body and the message, while there is an instance.
ERRORS = {
    "create-database-instance": ([NAME], None, "Instance name is not unique"),
    "get-database-instance": (["missing"], None, NO_INSTANCE),
    "find-database-instance-by-uid": (["--uid", "made-up"], None, "Database instance with uid 'made-up' not found"),
    "list-database-instances": (["--page-size", "-1"], None, "Field 'page_size' must not be negative, got -1."),
    "update-database-instance": ([NAME, "no_such"], None, "Unknown field path in update_mask: 'no_such'"),
    "delete-database-instance": (["missing"], None, NO_INSTANCE),
    "generate-database-credential": ([], {"instance_names": ["missing"]}, NO_INSTANCE),
    "create-database-catalog": (["other", "missing", "sales"], None, "database instance with name 'missing' not found"),
    "get-database-catalog": (["missing"], None, "database catalog with name 'missing' not found"),
    "delete-database-catalog": (["missing"], None, "database catalog with name 'missing' not found"),
    "create-database-table": ([], {"name": TABLE, "database_instance_name": "missing", "logical_database_name": "sales"},
                              "database instance with name 'missing' not found"),
    "get-database-table": (["main.cli.missing"], None, "database table with name 'main.cli.missing' not found"),
    "delete-database-table": (["main.cli.missing"], None, "database table with name 'main.cli.missing' not found"),
    "create-synced-database-table": ([], {"name": SYNCED, "database_instance_name": "missing",
                                          "logical_database_name": "sales", "spec": SYNC},
                                     "database instance with name 'missing' not found"),
    "get-synced-database-table": (["main.cli.missing"], None, "synced database table with name 'main.cli.missing' not found"),
    "delete-synced-database-table": (["main.cli.missing"], None,
                                     "synced database table with name 'main.cli.missing' not found"),
}


def shows(cli, wanted, command, *arguments, body=None):
    """Runs a command that prints an object with these members."""
    seen = cli.database(command, *arguments, body=body)
    if {key: seen.get(key) for key in wanted} != wanted:
        raise Wrong(f"it prints {seen}")


def prints_nothing(cli, command, *arguments):
    printed = cli.database(command, *arguments)
    if printed:
        raise Wrong(f"it prints {printed}")


def state(cli, name):
    return cli.database("get-database-instance", name)["state"]


def wait_for(cli, name, wanted):
    deadline = time.monotonic() + LONGEST_RUN
    with cli.polls():
        while state(cli, name) != wanted:
            if time.monotonic() > deadline:
                raise Wrong(f"the state is {state(cli, name)}")
            time.sleep(0.05)


def create_without_wait(cli):
    if cli.database("create-database-instance", "--no-wait",
                    body={"name": CHILD, "parent_instance_ref": {"name": NAME}})["state"] not in ("STARTING", "AVAILABLE"):
        raise Wrong("it is neither STARTING nor AVAILABLE")
    wait_for(cli, CHILD, "AVAILABLE")


def listed(cli, names):
    seen = [one["name"] for one in cli.database("list-database-instances")]
    if sorted(seen) != sorted(names):
        raise Wrong(f"it prints {seen}")


def found_by_uid(cli):
    shows(cli, {"name": NAME}, "find-database-instance-by-uid", "--uid", cli.database("get-database-instance", NAME)["uid"])


def credential(cli):
    made = cli.database("generate-database-credential", "--request-id", "cli", body={"instance_names": [NAME]})
    if not made.get("token") or not made.get("expiration_time"):
        raise Wrong(f"it prints {sorted(made)}")


def stop(cli):
    shows(cli, {"effective_stopped": True}, "update-database-instance", NAME, "stopped", "--stopped")
    wait_for(cli, NAME, "STOPPED")


def start(cli):
    shows(cli, {"effective_stopped": False}, "update-database-instance", NAME, "stopped", body={"stopped": False})
    wait_for(cli, NAME, "AVAILABLE")


def sql(cli, target, statement, expected, *arguments):
    done = targets.psql(cli, target, *arguments, "-c", statement)
    if done.returncode != 0 or done.stdout.strip() != expected:
        raise Wrong(f"exit code {done.returncode}: {one_line(done.stdout + done.stderr)}")


def not_ready(cli):
    done = targets.psql(cli, [NAME], "-c", "SELECT 1")
    said = one_line(done.stderr)
    if said != f"Instance: {NAME} Instance status: STOPPED Error: database instance is not ready for accepting connections":
        raise Wrong(f"it says {said}")


def gone(cli, names):
    deadline = time.monotonic() + LONGEST_RUN
    with cli.polls():
        while any(one["name"] in names for one in cli.database("list-database-instances") or []):
            if time.monotonic() > deadline:
                raise Wrong("it is still there")
            time.sleep(0.05)


def all_named(cli):
    """Whether each command that the CLI shows is among those that are checked."""
    shown = set(re.findall(r"^  ((?:create|get|find|list|update|delete|generate)-[a-z-]+) ",
                           cli.run("database", "--help").stdout, re.MULTILINE))
    if cli.is_ours():
        if set(ERRORS) - shown:
            raise Wrong(f"not there: {sorted(set(ERRORS) - shown)}")
    elif not shown or shown - set(ERRORS):
        raise Wrong(f"not checked: {sorted(shown - set(ERRORS)) or 'any'}")


def life(cli):
    """Name and function, in an order in which each finds what it needs."""
    said = f"Instance: {NAME} Connecting to database instance..."
    yield "create-database-instance", lambda: shows(
        cli, {"name": NAME, "state": "AVAILABLE", "capacity": "CU_1"}, "create-database-instance", NAME, "--capacity", "CU_1")
    yield "get-database-instance", lambda: shows(cli, {"name": NAME}, "get-database-instance", NAME)
    yield "list-database-instances", lambda: listed(cli, [NAME])
    yield "find-database-instance-by-uid", lambda: found_by_uid(cli)
    yield "generate-database-credential", lambda: credential(cli)
    yield "psql INSTANCE", lambda: targets.answers(cli, [NAME], said)
    yield "psql --provisioned", lambda: targets.answers(cli, ["--provisioned"], said)
    yield "psql INSTANCE, a table", lambda: sql(
        cli, [NAME], "CREATE TABLE listed (n int PRIMARY KEY); INSERT INTO listed VALUES (7)", "CREATE TABLE\nINSERT 0 1")
    yield "update-database-instance, stop", lambda: stop(cli)
    yield "psql INSTANCE, stopped", lambda: not_ready(cli)
    yield "update-database-instance, start", lambda: start(cli)
    yield "psql INSTANCE, started", lambda: sql(cli, [NAME], "SELECT n FROM listed", "7")
    yield "create-database-instance --no-wait, a child", lambda: create_without_wait(cli)
    yield "psql INSTANCE, a child", lambda: sql(cli, [CHILD], "SELECT n FROM listed", "7")
    yield from unity_catalog(cli)
    yield from errors(cli)
    yield "delete-database-instance, of a parent", lambda: cli.expect_failure(
        f"Database instance '{NAME}' has child instances. Delete them first, or set 'force'.",
        "database", "delete-database-instance", NAME, "--purge")
    yield "delete-database-instance", lambda: prints_nothing(
        cli, "delete-database-instance", NAME, "--force", "--purge")
    yield "delete-database-instance, gone", lambda: gone(cli, [NAME, CHILD])


def unity_catalog(cli):
    yield "create-database-catalog", lambda: shows(
        cli, {"name": CATALOG, "database_name": "sales"},
        "create-database-catalog", CATALOG, NAME, "sales", "--create-database-if-not-exists")
    yield "get-database-catalog", lambda: shows(cli, {"name": CATALOG}, "get-database-catalog", CATALOG)
    yield "psql INSTANCE, the catalog's database", lambda: sql(
        cli, [NAME], "CREATE SCHEMA cli; CREATE TABLE cli.listed (n int PRIMARY KEY)", "CREATE SCHEMA\nCREATE TABLE",
        "-d", "sales")
    yield "create-database-table", lambda: shows(
        cli, {"name": TABLE}, "create-database-table",
        body={"name": TABLE, "database_instance_name": NAME, "logical_database_name": "sales"})
    yield "get-database-table", lambda: shows(cli, {"name": TABLE}, "get-database-table", TABLE)
    yield "delete-database-table", lambda: prints_nothing(cli, "delete-database-table", TABLE)
    yield "create-synced-database-table", lambda: shows(
        cli, {"name": SYNCED, "effective_database_instance_name": NAME}, "create-synced-database-table",
        body={"name": SYNCED, "spec": SYNC})
    yield "get-synced-database-table", lambda: shows(cli, {"name": SYNCED}, "get-synced-database-table", SYNCED)
    yield "delete-synced-database-table", lambda: prints_nothing(cli, "delete-synced-database-table", SYNCED, "--purge-data")
    yield "delete-database-catalog", lambda: prints_nothing(cli, "delete-database-catalog", CATALOG)


def errors(cli):
    for command, (arguments, body, message) in ERRORS.items():
        yield f"{command}, error", functools.partial(cli.expect_failure, message, "database", command, *arguments, body=body)


def checks(cli):
    yield "all database commands", lambda: all_named(cli)
    yield from life(cli)
