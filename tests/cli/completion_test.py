#!/usr/bin/env python3
"""Completion: what is offered, and that bash, zsh and fish offer it when Tab is pressed.

  completion_test.py PATH/TO/lakebase
"""

import os
import pty
import select
import shutil
import subprocess
import time
import unittest

from program import LAKEBASE, ProgramTest, main

API = "/api/2.0/postgres"
DEV = '"uid": "that-of-dev"'


class Completion(ProgramTest):
    def setUp(self):
        super().setUp()
        self.workspace.on("GET", f"{API}/projects", {"projects": [{"name": "projects/shop"}, {"name": "projects/wiki"}]})
        self.workspace.on("GET", f"{API}/projects/shop/branches", {"branches": [
            {"name": "projects/shop/branches/production"}, {"name": "projects/shop/branches/dev"}]})
        self.workspace.on("GET", f"{API}/projects/shop/branches/dev", {"name": "dev", "uid": "that-of-dev"})
        self.workspace.on("GET", f"{API}/projects/shop/branches/dev/endpoints", {"endpoints": [
            {"name": "projects/shop/branches/dev/endpoints/primary"}]})
        self.workspace.on("GET", "/api/2.0/database/instances", {"database_instances": [{"name": "my-instance"}]})

    def offered(self, *words):
        return [line.partition("\t")[0] for line in self.succeed("__complete", *words).splitlines()]

    def test_commands_and_flags(self):
        self.assertEqual(self.offered("po"), ["postgres"])
        self.assertEqual(self.succeed("__complete", "postgres", "get-bra"), "get-branch\tShow a branch\n")
        self.assertEqual(self.offered("-o", "json", "branch", "d"), ["diff", "delete"])
        self.assertEqual(self.offered("postgres", "create-branch", "--repl"), ["--replace-existing"])
        self.assertEqual(self.offered("postgres", "create-branch", "--o"), ["--output"])
        self.assertEqual(self.offered("postgres", "list-projects", "--output", ""), ["json", "text"])
        self.assertEqual(self.offered("postgres", "list-projects", "--output", "=", "j"), ["json"])  # of bash
        self.assertEqual(self.offered("postgres", "list-projects", "--output", "="), ["json", "text"])
        self.assertEqual(self.offered("completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.offered("emulator", "st"), ["status"])
        self.assertEqual(self.offered("no-such", ""), [])
        self.assertEqual(self.offered("psql", "projects/shop", "--", "-"), [])
        self.assertEqual(self.workspace.requests, [])

    def test_names(self):
        self.assertEqual(self.offered("psql", ""), ["projects/shop", "projects/wiki", "my-instance"])
        self.assertEqual(self.offered("copy", "my-instance", "projects/s"), ["projects/shop"])
        self.assertEqual(self.offered("psql", "projects/shop/"),
                         ["projects/shop/branches/production", "projects/shop/branches/dev"])
        self.assertEqual(self.offered("postgres", "get-branch", "projects/"), ["projects/shop/", "projects/wiki/"])
        self.assertEqual(self.offered("postgres", "get-branch", "projects/shop/branches/d"), ["projects/shop/branches/dev"])
        self.assertEqual(self.offered("postgres", "get-endpoint", "projects/shop/branches/dev/"),
                         ["projects/shop/branches/dev/endpoints/primary"])
        self.assertEqual(self.offered("postgres", "list-branches", ""), ["projects/shop", "projects/wiki"])
        self.assertEqual(self.offered("database", "get-database-instance", "my"), ["my-instance"])
        self.assertEqual(self.offered("branch", "diff", "--project", "shop", "d"), ["dev"])
        self.assertEqual(self.offered("psql", "--project", "w"), ["wiki"])
        self.assertEqual(self.offered("postgres", "get-branch", "projects/shop/branches/dev", ""), [])

    def test_names_are_cached(self):
        self.offered("psql", "projects/")
        asked = len(self.workspace.requests)
        self.assertEqual(self.offered("psql", "projects/w"), ["projects/wiki"])
        self.assertEqual(len(self.workspace.requests), asked)
        folder = self.home / ".cache" / "lakebase"
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        files = list(folder.iterdir())
        self.assertEqual([file.stat().st_mode & 0o777 for file in files], [0o600] * len(files))
        for file in files:
            self.assertNotIn("planted", file.read_text())
            os.utime(file, (0, time.time() - 61))
        self.offered("psql", "projects/w")
        self.assertEqual(len(self.workspace.requests), asked + 1)

    def test_a_cache_of_somebody_else_is_not_read(self):
        self.offered("psql", "projects/")
        for file in (self.home / ".cache" / "lakebase").iterdir():
            moved = self.home / file.name
            moved.write_text(file.read_text().replace("wiki", "trap"))
            file.unlink()
            file.symlink_to(moved)
        self.assertEqual(self.offered("psql", "projects/"), ["projects/shop", "projects/wiki"])

    def test_a_workspace_that_does_not_respond(self):
        start = time.monotonic()
        self.assertEqual(self.offered("postgres", "get-project", "", ), ["projects/shop", "projects/wiki"])
        shutil.rmtree(self.home / ".cache")
        self.environment["DATABRICKS_HOST"] = "http://192.0.2.1"  # where nobody is
        done = self.run_program("__complete", "postgres", "get-project", "")
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.assertLess(time.monotonic() - start, 10)
        asked = time.monotonic()
        self.assertEqual(self.offered("postgres", "get-project", ""), [])  # known by now
        self.assertLess(time.monotonic() - asked, 1)

    def test_no_workspace_at_all(self):
        for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
            del self.environment[name]
        self.assertEqual(self.offered("postgres", "get-project", ""), [])

    def test_an_unknown_shell(self):
        self.fail_with('unknown shell "tcsh": there are bash, zsh and fish', "completion", "tcsh")

    # --- in shells ---

    def need(self, shell):
        if not shutil.which(shell):
            if os.environ.get("CI"):
                self.fail(f"{shell} is not installed")
            raise unittest.SkipTest(f"{shell} is not installed")
        folder = self.home / "bin"
        folder.mkdir()
        (folder / "lakebase").symlink_to(LAKEBASE)
        self.environment.update(PATH=f"{folder}:{self.environment['PATH']}", TERM="xterm", PS1="$ ")

    def typed(self, shell, preparation, keys, expected):
        """Types keys at a terminal, and then Enter; the command that stands there must print what is expected."""
        terminal, side = pty.openpty()
        with subprocess.Popen(shell, env=self.environment, stdin=side, stdout=side, stderr=side, start_new_session=True,
                              cwd=self.home) as program:
            os.close(side)
            try:
                os.write(terminal, preparation.encode() + b"; echo pre''pared\n")
                self.see(terminal, b"prepared")
                os.write(terminal, keys.encode() + b"\r")
                self.see(terminal, expected.encode())
            finally:
                program.kill()
        os.close(terminal)

    def see(self, terminal, wanted):
        seen = b""
        deadline = time.monotonic() + 30
        while wanted not in seen and time.monotonic() < deadline:
            if select.select([terminal], [], [], 1)[0]:
                seen += os.read(terminal, 65536)
        self.assertIn(wanted, seen)

    def test_bash(self):
        self.need("bash")
        shell, script = ["bash", "--norc", "-i"], "source <(lakebase completion bash)"
        self.typed(shell, script, "lakebase postgres get-bra\tprojects/s\t\td\t-o json", DEV)
        self.typed(shell, script, "lakebase postgres get-branch projects/shop/branches/dev --output=j\t", DEV)

    def test_zsh(self):
        self.need("zsh")
        script = "autoload -U compinit; compinit -u; source <(lakebase completion zsh)"
        self.typed(["zsh", "-f", "-i"], script, "lakebase postgres get-bra\tprojects/s\t\td\t -o json", DEV)

    def test_fish(self):
        self.need("fish")

        def offered(line):
            done = subprocess.run(["fish", "-c", f'lakebase completion fish | source; complete -C "{line}"'], text=True,
                                  env=self.environment, capture_output=True, timeout=60, check=True)
            return done.stdout.splitlines()

        self.assertEqual(offered("lakebase postgres get-bra"), ["get-branch\tShow a branch"])
        self.assertEqual(offered("lakebase postgres get-branch projects/s"), ["projects/shop/"])
        self.assertIn("branch\tBranches of a project: list, create, diff, reset, delete, open", offered("lakebase "))
        self.assertEqual(offered("lakebase psql projects/shop/branches/p"), ["projects/shop/branches/production"])


if __name__ == "__main__":
    main()
