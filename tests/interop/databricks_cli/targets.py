"""`databricks psql` by each kind of target, and what it refuses."""

import contextlib
import functools
import json
import os
import pty
import select
import subprocess
import time
import urllib.request

from cli import Wrong, one_line

PROJECT = "cli-psql"
BRANCH = f"projects/{PROJECT}/branches/production"
ENDPOINT = f"{BRANCH}/endpoints/primary"

FOUND = f"Project: {PROJECT} Branch: production Endpoint: primary"

# Of the project, the only one, with one branch and one endpoint.
TARGETS = {
    "a project": [f"projects/{PROJECT}"],
    "a branch": [BRANCH],
    "an endpoint": [ENDPOINT],
    "--project": ["--project", PROJECT],
    "--project --branch": ["--project", PROJECT, "--branch", "production"],
    "--project --branch --endpoint": ["--project", PROJECT, "--branch", "production", "--endpoint", "primary"],
    "a project and --branch": [f"projects/{PROJECT}", "--branch", "production"],
    "a branch and --endpoint": [BRANCH, "--endpoint", "primary"],
    "--autoscaling": ["--autoscaling"],
    "--max-retries 0": [ENDPOINT, "--max-retries", "0"],
}

# Arguments and the message.
REFUSED = [
    (["an-instance", "--project", "p"],
     "cannot use --project, --branch, or --endpoint flags with a provisioned instance name"),
    (["--provisioned", "--project", "p"], "cannot use --project, --branch, or --endpoint flags with --provisioned"),
    ([ENDPOINT, "--provisioned"], "cannot use --provisioned flag with an autoscaling resource path"),
    (["an-instance", "--autoscaling"], "cannot use --autoscaling flag with a provisioned instance name"),
    ([ENDPOINT, "--project", "other"], f"--project flag conflicts with project in path: other vs {PROJECT}"),
    ([ENDPOINT, "--branch", "other"], "--branch flag conflicts with branch in path: other vs production"),
    ([ENDPOINT, "--endpoint", "other"], "--endpoint flag conflicts with endpoint in path: other vs primary"),
    (["--branch", "production"], "--project is required when using --branch or --endpoint"),
    (["projects/"], "invalid resource path: missing project ID"),
    ([f"projects/{PROJECT}/branches/"], "invalid resource path: missing branch ID"),
    ([f"{BRANCH}/endpoints/"], "invalid resource path: missing endpoint ID"),
    (["one", "two"], "expected at most one positional argument for target"),
    (["projects/missing"], "failed to get project: project id not found"),
    ([f"projects/{PROJECT}/branches/missing"], "failed to get branch: branch id not found"),
    ([f"{BRANCH}/endpoints/missing"], "failed to get endpoint: endpoint id not found"),
]

# While there is no database instance.
NO_INSTANCE = {
    "an instance": (["an-instance"], "failed to get database instance: Database instance 'an-instance' not found"),
    "--provisioned": (["--provisioned"], "no Lakebase Provisioned instances found in workspace"),
}


def port():
    """The CLI takes 5432 unless told otherwise."""
    return [] if os.environ["PGPORT"] == "5432" else [f"--port={os.environ['PGPORT']}"]


def psql(cli, target, *arguments):
    return cli.run("psql", *target, "--", *port(), "-X", "-A", "-t", *arguments)


def answers(cli, target, words):
    """Whether a session is opened, and the CLI says these words before."""
    done = psql(cli, target, "-c", "SELECT current_database()")
    if done.returncode != 0 or done.stdout.strip() != "databricks_postgres":
        raise Wrong(f"exit code {done.returncode}: {one_line(done.stdout + done.stderr)}")
    if one_line(done.stderr) != words:
        raise Wrong(f"it says {one_line(done.stderr)}")


def chosen(cli):
    """Without a target the CLI asks at the terminal for one; Enter takes the first, which is the only one."""
    terminal, side = pty.openpty()
    command = [cli.program, "psql", "--", *port(), "-X", "-A", "-t", "-c", "SELECT 'ans' || 'wer'"]
    with subprocess.Popen(command, env=dict(cli.environment, TERM="xterm"), stdin=side, stdout=side, stderr=side) as program:
        os.close(side)
        seen = b""
        with contextlib.suppress(OSError):  # which reading ends with when the program does
            while select.select([terminal], [], [], 30)[0]:
                answered = b"Select database" in seen
                seen += os.read(terminal, 65536)
                if b"Select database" in seen and not answered:
                    os.write(terminal, b"\r")
        os.close(terminal)
        program.kill()
    if b"answer" not in seen:
        raise Wrong(f"it shows {seen}")


def suspend():
    request = urllib.request.Request(f"{os.environ['DATABRICKS_HOST']}/emulator/suspend", method="POST",
                                     data=json.dumps({"endpoint": ENDPOINT}).encode(),
                                     headers={"Authorization": f"Bearer {os.environ['DATABRICKS_TOKEN']}"})
    urllib.request.urlopen(request, timeout=60).close()


def idle(cli):
    suspend()
    answers(cli, [ENDPOINT], f"{FOUND} Connecting to read-write endpoint (idle, waking up)...")


def other_database(cli):
    cli.postgres("create-database", BRANCH, "--database-id", "orders", body={"spec": {
        "postgres_database": "orders", "role": cli.postgres("list-roles", BRANCH)[0]["name"]}})
    done = psql(cli, [ENDPOINT], "-d", "orders", "-c", "SELECT current_database()")
    if done.stdout.strip() != "orders":
        raise Wrong(one_line(done.stdout + done.stderr))


def failing_psql(cli, words, *arguments):
    done = psql(cli, [ENDPOINT], *arguments)
    if done.returncode != 1 or words not in one_line(done.stderr):
        raise Wrong(f"exit code {done.returncode}: {one_line(done.stderr)}")


def make_project(cli):
    """Its compute may start a moment after the operation; psql says whether it wakes one."""
    cli.postgres("create-project", PROJECT)
    deadline = time.monotonic() + 60
    with cli.polls():
        while cli.postgres("get-endpoint", ENDPOINT)["status"]["current_state"] != "ACTIVE":
            if time.monotonic() > deadline:
                raise Wrong("the endpoint does not become ready")
            time.sleep(0.05)


def checks(cli):
    """Name and function, in an order in which each finds what it needs."""
    yield "a project for psql", lambda: make_project(cli)
    for name, target in TARGETS.items():
        yield f"psql, {name}", functools.partial(answers, cli, target, f"{FOUND} Connecting to read-write endpoint...")
    yield "psql, no target", lambda: chosen(cli)
    yield "psql, an idle endpoint", lambda: idle(cli)
    yield "psql, another database", lambda: other_database(cli)
    yield "psql, a failing statement", lambda: failing_psql(cli, "Error: exit status 1", "-c", "SELECT nothing")
    yield "psql, no such database", lambda: failing_psql(
        cli, 'database "nowhere" does not exist Error: connection failed: psql exited with code 2', "-d", "nowhere")
    for arguments, message in REFUSED:
        yield f"psql {' '.join(arguments)}, refused", functools.partial(cli.expect_failure, message, "psql", *arguments)
    for name, (arguments, message) in NO_INSTANCE.items():
        yield f"psql, there is none: {name}", functools.partial(cli.expect_failure, message, "psql", *arguments)
    yield "no project for psql", lambda: cli.postgres("delete-project", f"projects/{PROJECT}", "--purge")
