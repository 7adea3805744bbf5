#!/usr/bin/env python3
"""`lakebase exec`, `env`, `url` and `token`: connections for other programs.

  exec_test.py PATH/TO/lakebase
"""

import subprocess
import urllib.parse

from fake_psql import FakePsql
from program import LAKEBASE, PASSWORD, ProgramTest, main

API = "/api/2.0/postgres"
ENDPOINT = "projects/shop/branches/production/endpoints/primary"
HOST = "ep-1.database.example.com"


class Connections(ProgramTest):
    def setUp(self):
        super().setUp()
        roots = self.home / "roots.pem"
        roots.write_text("")
        self.environment["PGSSLROOTCERT"] = str(roots)
        self.workspace.on("GET", f"{API}/{ENDPOINT}", {"name": ENDPOINT, "status": {
            "current_state": "ACTIVE", "endpoint_type": "ENDPOINT_TYPE_READ_WRITE", "hosts": {"host": HOST}}})
        self.workspace.on("GET", "/api/2.0/preview/scim/v2/Me", {"userName": "o'hara@example.com"})
        self.workspace.on("POST", f"{API}/credentials", {"token": PASSWORD, "expire_time": "2099-01-01T00:00:00Z"})
        self.wanted = {"PGHOST": HOST, "PGPORT": "5432", "PGUSER": "o'hara@example.com", "PGDATABASE": "databricks_postgres",
                       "PGPASSWORD": PASSWORD, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(roots)}

    def check_url(self, url):
        parts = urllib.parse.urlsplit(url)
        self.assertEqual((urllib.parse.unquote(parts.username), parts.password, parts.hostname, parts.path),
                         ("o'hara@example.com", PASSWORD, HOST, "/databricks_postgres"))
        self.assertIn("sslmode=verify-full", parts.query)

    def test_exec_becomes_the_command(self):
        tool = FakePsql(self.home / "bin", "pg_dump")
        tool.end(7)
        with subprocess.Popen([LAKEBASE, "exec", ENDPOINT, "--", "pg_dump", "--schema-only", "-o", "json"],
                              env={**self.environment, "PATH": tool.path, "PGPASSWORD": "old"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            printed, said = program.communicate(timeout=60)
        self.assertEqual((program.returncode, printed, said), (7, "a row\n", ""))
        run, = tool.runs()
        self.assertEqual(run["arguments"], ["--schema-only", "-o", "json"])
        self.assertEqual(run["pid"], program.pid)
        self.assertEqual(self.wanted, {name: run["variables"].get(name) for name in self.wanted})
        self.check_url(run["variables"]["DATABASE_URL"])

    def test_env_is_for_a_shell(self):
        lines = self.succeed("env", ENDPOINT)
        self.assertTrue(all(line.startswith("export ") for line in lines.splitlines()), lines)
        names = " ".join(f'"${name}"' for name in self.wanted)
        shell = subprocess.run(["sh", "-c", f"{lines}\nprintf '%s\\n' {names}"], capture_output=True, text=True, check=True)
        self.assertEqual(shell.stdout.splitlines(), list(self.wanted.values()))

    def test_url_and_token(self):
        self.check_url(self.succeed("url", ENDPOINT).rstrip("\n"))
        self.assertEqual(self.succeed("token", ENDPOINT), PASSWORD + "\n")

    def test_what_is_refused(self):
        self.fail_with("accepts 1 arg(s), received 0", "url")
        self.fail_with("the command to run is missing: write it after --", "exec", ENDPOINT)
        self.fail_with("nothing can follow --", "token", ENDPOINT, "--", "x")
        self.fail_with("accepts 1 arg(s), received 2", "exec", ENDPOINT, "psql", "--", "x")
        self.fail_with("the command to run has to stand after --", "exec", ENDPOINT, "psql")
        self.assertEqual(self.workspace.requests, [])

    def test_a_command_that_is_not_there(self):
        self.fail_with("cannot run no-such-program: there is no such program on the PATH",
                       "exec", ENDPOINT, "--", "no-such-program", status=127)


if __name__ == "__main__":
    main()
