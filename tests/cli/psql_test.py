#!/usr/bin/env python3
"""`lakebase psql` with a psql that only writes down how it was run.

  psql_test.py PATH/TO/lakebase
"""

import pty
import os
import select
import subprocess
import time

from fake_psql import FakePsql
from program import LAKEBASE, PASSWORD, ProgramTest, main

API = "/api/2.0/postgres"
PROJECT = "projects/shop"
BRANCH = f"{PROJECT}/branches/production"
ENDPOINT = f"{BRANCH}/endpoints/primary"
HOST = "ep-1.database.example.com"
FOUND = "Project: Shop\nBranch: production\nEndpoint: primary\n"
SAID = FOUND + "Connecting to read-write endpoint...\n"


class Psql(ProgramTest):
    def setUp(self):
        super().setUp()
        self.psql = FakePsql(self.home / "bin")
        self.roots = self.home / "roots.pem"
        self.roots.write_text("")
        self.environment.update(PATH=self.psql.path, PGSSLROOTCERT=str(self.roots))
        on = self.workspace.on
        on("GET", f"{API}/{PROJECT}", {"name": PROJECT, "status": {"display_name": "Shop"}})
        on("GET", f"{API}/{PROJECT}/branches", {"branches": [{"name": BRANCH}]})
        on("GET", f"{API}/{BRANCH}", {"name": BRANCH})
        on("GET", f"{API}/{BRANCH}/endpoints", {"endpoints": [{"name": ENDPOINT}]})
        self.endpoint("ACTIVE")
        on("GET", "/api/2.0/preview/scim/v2/Me", {"userName": "alice@example.com"})
        on("POST", f"{API}/credentials", {"token": PASSWORD})
        on("POST", "/api/2.0/database/credentials", {"token": PASSWORD})
        self.instance("AVAILABLE")

    def endpoint(self, state, kind="ENDPOINT_TYPE_READ_WRITE"):
        self.workspace.on("GET", f"{API}/{ENDPOINT}", {"name": ENDPOINT, "status": {
            "current_state": state, "endpoint_type": kind, "hosts": {"host": HOST}}})

    def instance(self, state):
        self.workspace.on("GET", "/api/2.0/database/instances/old",
                          {"name": "old", "state": state, "read_write_dns": "old.example.com"})

    def connect(self, said, *arguments, status=0):
        done = self.run_program("psql", *arguments, text="SELECT 1")
        self.assertEqual((done.returncode, done.stderr), (status, said), arguments)
        return done.stdout

    def test_each_target_leads_to_the_endpoint(self):
        for target in ([PROJECT], [BRANCH], [ENDPOINT], ["--project", "shop"], ["--project=shop", "--branch=production"],
                       ["--project", "shop", "--branch", "production", "--endpoint", "primary"],
                       [PROJECT, "--branch", "production"], [BRANCH, "--endpoint", "primary"], [PROJECT, "--autoscaling"]):
            self.assertEqual(self.connect(SAID, *target), "a row\n")
        run = self.psql.runs()[0]
        self.assertEqual(run["arguments"], [f"--host={HOST}", "--username=alice@example.com", "--port=5432",
                                            "--dbname=databricks_postgres"])
        self.assertEqual(run["input"], "SELECT 1")
        wanted = {"PGPASSWORD": PASSWORD, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(self.roots)}
        self.assertEqual(wanted, {name: run["variables"].get(name) for name in wanted})

    def test_the_sequence(self):
        self.connect(SAID, PROJECT)
        self.assertEqual([request[:2] for request in self.workspace.requests], [
            ("GET", f"{API}/{PROJECT}"), ("GET", f"{API}/{PROJECT}/branches"), ("GET", f"{API}/{BRANCH}"),
            ("GET", f"{API}/{BRANCH}/endpoints"), ("GET", f"{API}/{ENDPOINT}"), ("GET", "/api/2.0/preview/scim/v2/Me"),
            ("POST", f"{API}/credentials")])
        self.assertEqual(self.workspace.requests[-1][3], {"endpoint": ENDPOINT})

    def test_an_instance(self):
        self.connect("Instance: old\nConnecting to database instance...\n", "old")
        self.assertEqual(self.psql.runs()[0]["arguments"][0], "--host=old.example.com")
        self.assertEqual(self.workspace.requests[-1][3]["instance_names"], ["old"])

    def test_more_arguments(self):
        def run_with(*extra):
            self.connect(SAID, ENDPOINT, "--", *extra)
            return self.psql.runs()[-1]["arguments"][2:]

        self.assertEqual(run_with("-c", "SELECT '[1]'"),
                         ["--port=5432", "--dbname=databricks_postgres", "-c", "SELECT '[1]'"])
        self.assertEqual(run_with("-d", "sales"), ["--port=5432", "-d", "sales"])
        self.assertEqual(run_with("--dbname=sales", "--port=1"), ["--dbname=sales", "--port=1"])
        self.assertEqual(run_with("-p", "1"), ["--dbname=databricks_postgres", "-p", "1"])
        self.assertEqual(run_with("--help"), ["--port=5432", "--dbname=databricks_postgres", "--help"])

    def test_the_port_of_the_environment(self):
        self.environment["PGPORT"] = "6543"
        self.connect(SAID, ENDPOINT)
        self.assertIn("--port=6543", self.psql.runs()[0]["arguments"])

    def test_states(self):
        self.endpoint("IDLE", "ENDPOINT_TYPE_READ_ONLY")
        self.connect(FOUND + "Connecting to read-only endpoint (idle, waking up)...\n", ENDPOINT)
        self.endpoint("INIT")
        self.fail_with("endpoint is not ready for accepting connections", "psql", ENDPOINT)
        self.instance("STARTING")
        said = self.fail_with("database instance is not ready for accepting connections", "psql", "old")
        self.assertIn("Instance status: STARTING\nPlease retry when the instance becomes available\n", said)
        self.assertEqual(len(self.psql.runs()), 1)

    def test_what_is_refused(self):
        for arguments, message in [
            (["old", "--project", "p"],
             "cannot use --project, --branch, or --endpoint flags with a provisioned instance name"),
            (["--provisioned", "--branch", "p"],
             "cannot use --project, --branch, or --endpoint flags with --provisioned"),
            ([ENDPOINT, "--provisioned"], "cannot use --provisioned flag with an autoscaling resource path"),
            (["old", "--autoscaling"], "cannot use --autoscaling flag with a provisioned instance name"),
            ([ENDPOINT, "--project", "other"], "--project flag conflicts with project in path: other vs shop"),
            ([ENDPOINT, "--branch", "other"], "--branch flag conflicts with branch in path: other vs production"),
            ([ENDPOINT, "--endpoint", "other"], "--endpoint flag conflicts with endpoint in path: other vs primary"),
            (["--endpoint", "primary"], "--project is required when using --branch or --endpoint"),
            (["projects/"], "invalid resource path: missing project ID"),
            ([f"{PROJECT}/branches/"], "invalid resource path: missing branch ID"),
            ([f"{BRANCH}/endpoints/"], "invalid resource path: missing endpoint ID"),
            ([f"{PROJECT}/twigs/x"], "invalid resource path: expected 'branches' after project"),
            (["one", "two"], "expected at most one positional argument for target"),
            (["--provisioned", "--autoscaling"],
             "if any flags in the group [provisioned autoscaling] are set none of the others can be; "
             "[autoscaling provisioned] were all set"),
        ]:
            self.fail_with(message, "psql", *arguments)
        self.assertEqual(self.workspace.requests, [])

    def test_what_is_not_found(self):
        missing = f"{API}/projects/missing"
        self.fail_with(f"failed to get project: GET {missing} is not there", "psql", "projects/missing")
        self.fail_with("failed to get database instance: GET /api/2.0/database/instances/missing is not there",
                       "psql", "missing")

    def test_statuses_pass_through(self):
        self.psql.end(3, "ERROR:  no\n")
        self.connect(SAID + "ERROR:  no\nError: exit status 3\n", ENDPOINT, status=3)
        self.assertEqual(len(self.psql.runs()), 1)

    def test_errors_that_stay_are_not_repeated(self):
        for error in ('database "x" does not exist', 'password authentication failed for user "x"'):
            self.psql.end(2, error + "\n")
            self.connect(f"{SAID}{error}\nError: connection failed: psql exited with code 2\n", ENDPOINT, status=1)
        self.assertEqual(len(self.psql.runs()), 2)

    def test_retries_pause_for_longer_each_time(self):
        self.psql.end(2, "connection refused\n")
        failed = "connection refused\nConnection failed with retryable error: connection failed: psql exited with code 2\n"
        start = time.monotonic()
        self.connect(SAID + failed + "Connection attempt 1/3 failed, retrying in 1s...\n"
                     "Retrying connection (attempt 2/3)...\n" + failed +
                     "Connection attempt 2/3 failed, retrying in 2s...\nRetrying connection (attempt 3/3)...\n" + failed +
                     "Error: failed to connect after 3 attempts, last error: connection failed: psql exited with code 2\n",
                     ENDPOINT, status=1)
        self.assertGreaterEqual(time.monotonic() - start, 3)
        self.assertEqual(len(self.psql.runs()), 3)

    def test_without_retries_it_takes_the_place_of_the_program(self):
        self.psql.end(2, "connection refused\n")
        with subprocess.Popen([LAKEBASE, "psql", ENDPOINT, "--max-retries", "0"], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            _, said = program.communicate(timeout=60)
        self.assertEqual((program.returncode, said), (2, SAID + "connection refused\n"))
        self.assertEqual(self.psql.runs()[0]["pid"], program.pid)

    def test_no_psql(self):
        self.environment["PATH"] = "/nowhere"
        done = self.run_program("psql", ENDPOINT)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Error: cannot run psql: there is no such program on the PATH\n", done.stderr)

    def test_several_branches_without_a_terminal(self):
        self.workspace.on("GET", f"{API}/{PROJECT}/branches", {"branches": [{"name": BRANCH}, {"name": BRANCH + "2"}]})
        done = self.run_program("psql", PROJECT)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there are 2 to choose from, and no terminal to ask at", done.stderr)

    def test_the_terminal_is_asked_for_a_target(self):
        self.workspace.on("GET", f"{API}/projects", {"projects": [{"name": PROJECT, "status": {"display_name": "Shop"}}]})
        self.workspace.on("GET", "/api/2.0/database/instances", {"database_instances": [{"name": "old"}]})
        terminal, side = pty.openpty()
        with subprocess.Popen([LAKEBASE, "psql"], env={**self.environment, "TERM": "xterm"}, stdin=side, stdout=side,
                              stderr=side) as program:
            os.close(side)
            seen = b""
            while select.select([terminal], [], [], 30)[0]:
                before = b"[1]: " in seen
                try:
                    seen += os.read(terminal, 65536)
                except OSError:
                    break
                if b"[1]: " in seen and not before:
                    os.write(terminal, b"2\r\x04")  # and the end of what psql reads
            os.close(terminal)
        self.assertIn(b"1) old (provisioned)", seen)
        self.assertIn(b"2) Shop (autoscaling)", seen)
        self.assertIn(b"Connecting to read-write endpoint...", seen)
        self.assertEqual(program.returncode, 0)

    def test_no_secrets_in_the_log(self):
        done = self.run_program("psql", ENDPOINT, "--debug")
        self.assertIn("/credentials", done.stderr)
        self.assertNotIn("planted", done.stderr)


if __name__ == "__main__":
    main()
