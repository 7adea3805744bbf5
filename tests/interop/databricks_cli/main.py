#!/usr/bin/env python3
"""The Databricks CLI at the emulator that DATABRICKS_HOST names: each `postgres` and `database` command, and psql.

    main.py PATH/TO/databricks

It prints a line for each check, as those of ../README.md do, and fails if one does or if the CLI has a command without one.
Our own program `lakebase` does the same by that name; it has commands beyond them.
"""

import functools
import os
import re
import sys

import commands
import instances
import targets
from cli import Cli, Wrong, one_line


def check_step(cli, no_wait, command, arguments, body, name):
    """Runs a command that succeeds. A name must be that of what it prints, or be in the list that it prints."""
    printed = cli.postgres(command, *arguments, *["--no-wait"] * no_wait, body=body)
    if no_wait:
        printed = cli.finish(printed)
    elif command.startswith(("delete-", "undelete-")) and printed is not None:
        raise Wrong(f"it prints {printed}")
    if name:
        names = [each["name"] for each in (printed if isinstance(printed, list) else [printed])]
        if name not in names:
            raise Wrong(f"it prints {names} without {name}")


def life_checks(cli, project_id, wait):
    life = commands.Life(project_id)
    yield from step_checks(cli, wait, life.beginning())
    yield f"a table in {project_id}", lambda: make_table(cli, life.primary)
    yield from step_checks(cli, wait, life.registration() + life.end())


def step_checks(cli, wait, steps):
    for command, *rest in steps:
        no_wait = commands.starts_operation(command) and not wait
        yield command + (" --no-wait" if no_wait else ""), functools.partial(check_step, cli, no_wait, command, *rest)


def make_table(cli, endpoint):
    done = targets.psql(cli, [endpoint], "-c", "CREATE TABLE listed (n int); ALTER TABLE listed REPLICA IDENTITY FULL")
    if done.returncode != 0:
        raise Wrong(one_line(done.stderr))


def error_checks(cli):
    project = "projects/cli-errors"
    yield "a project for errors", lambda: cli.postgres("create-project", project.split("/")[1])
    for command, (arguments, body, message) in commands.errors(project).items():
        yield f"{command}, error", functools.partial(cli.expect_failure, message, "postgres", command, *arguments, body=body)
    for arguments, body, message in commands.refused_by_the_cli(project):
        yield f"{' '.join(arguments)}, refused", functools.partial(
            cli.expect_failure, message, "postgres", *arguments, body=body, begins=True)
    for arguments in commands.told_apart(project):
        yield f"{' '.join(arguments)}, one way or the other", functools.partial(cli.run, "postgres", *arguments)
    yield "unknown field", lambda: unknown_field(cli, project)
    yield "no project for errors", lambda: cli.postgres("delete-project", project, "--purge")


def unknown_field(cli, project):
    """It is warned of and dropped, and text is printed where no JSON is asked for."""
    done = cli.run("postgres", "update-project", project, "spec.display_name", "--json",
                   '{"spec": {"display_name": "Text", "no_such": 1}}')
    if done.returncode != 0 or "no_such" not in done.stderr or "Text" not in done.stdout:
        raise Wrong(one_line(done.stdout + done.stderr))


def account_checks(cli):
    yield "current-user me", lambda: expect_words(cli, '"userName": ', "current-user", "me")
    yield "auth env", lambda: expect_words(cli, os.environ["DATABRICKS_TOKEN"], "auth", "env")
    yield "auth describe", lambda: expect_words(cli, "Authenticated with: pat", "auth", "describe")
    yield "auth describe -o json", lambda: expect_words(cli, '"auth_type": "pat"', "auth", "describe", "-o", "json")


def expect_words(cli, words, *arguments):
    done = cli.run(*arguments)
    if done.returncode != 0 or words not in done.stdout:
        raise Wrong(f"exit code {done.returncode}: {one_line(done.stdout + done.stderr)}")


def all_named(cli):
    """Whether each command that the CLI shows is among those that are checked."""
    shown = set(re.findall(r"^  ((?:create|get|list|update|delete|undelete|generate)-[a-z-]+) ",
                           cli.run("postgres", "--help").stdout, re.MULTILINE))
    known = set(commands.errors("projects/x"))
    if cli.is_ours():
        if known - shown:
            raise Wrong(f"not there: {sorted(known - shown)}")
    elif not shown or shown - known:
        raise Wrong(f"not checked: {sorted(shown - known) or 'any'}")


def run(cli):
    """Prints a line for each check, and returns how many failed."""
    print(one_line(cli.run("version").stdout), flush=True)
    checks = [
        ("all commands", lambda: all_named(cli)),
        *account_checks(cli),
        *targets.checks(cli),  # which want their project to be the only one
        *life_checks(cli, "cli-waits", True),
        *life_checks(cli, "cli-does-not-wait", False),
        *error_checks(cli),
        *instances.checks(cli),
    ]
    failed = 0
    for name, check in checks:
        try:
            check()
            print(f"ok {name}", flush=True)
        except Exception as error:
            failed += 1
            print(f"FAIL {name}: {error if isinstance(error, Wrong) else repr(error)}", flush=True)
    print(f"{len(checks) - failed} of {len(checks)} are ok")
    return failed


if __name__ == "__main__":
    sys.exit(run(Cli(sys.argv[1])) != 0)
