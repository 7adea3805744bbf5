#!/usr/bin/env python3
"""`lakebase emulator` and `lakebase --emulator`: the emulator in the background, and the one that is found.

  emulator_test.py PATH/TO/lakebase PATH/TO/lakebase-emulator
"""

import json
import pathlib
import shutil
import sys

from program import LAKEBASE, ProgramTest, main

EMULATOR = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None


class Emulators(ProgramTest):
    def setUp(self):
        super().setUp()
        self.home.chmod(0o755)  # for the account of PostgreSQL
        # Programs side by side, as they are installed.
        self.lakebase = self.home / "bin" / "lakebase"
        self.lakebase.parent.mkdir()
        shutil.copy(LAKEBASE, self.lakebase)
        self.environment.update(XDG_STATE_HOME=str(self.home), PGHOST="elsewhere", DATABRICKS_CONFIG_PROFILE="other",
                                PGDATABASE="other", LAKEBASE_ENDPOINT="other")

    def install(self):
        (self.lakebase.parent / "lakebase-emulator").symlink_to(EMULATOR)

    def test_the_one_that_is_up(self):
        self.install()
        options = {"program": self.lakebase}
        self.addCleanup(self.run_program, "emulator", "down", **options)
        self.assertEqual(self.run_program("emulator", "status", **options).returncode, 3)
        up = self.run_program("emulator", "up", "--http", "127.0.0.1:0", "--postgres-port", "0", **options)
        self.assertIn("export DATABRICKS_HOST=", up.stdout, up.stderr)
        self.assertIn("serves: ", self.succeed("emulator", "status", **options))
        made = self.succeed("--emulator", "postgres", "create-project", "shop", "-o", "json", **options)
        self.assertEqual(json.loads(made)["name"], "projects/shop")
        self.assertEqual(len(self.json_of("postgres", "list-projects", "--emulator", **options)), 1)
        query = ["--", "psql", "-XAtc", "SELECT current_database()"]
        self.assertEqual(self.succeed("exec", "--emulator", "projects/shop", *query, **options), "databricks_postgres\n")
        self.assertEqual(self.workspace.requests, [])
        self.run_program("emulator", "down", **options)
        done = self.run_program("--emulator", "postgres", "list-projects", **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"^Error: --emulator: lakebase-emulator: no emulator serves \S+; 'lakebase-emulator up' ")

    def test_what_follows_is_the_emulators(self):
        self.install()
        command = ["sh", "-c", 'echo "$DATABRICKS_HOST"; exit 7']
        done = self.run_program("emulator", "exec", "--http", "127.0.0.1:0", "--postgres-port", "0", "--", *command,
                                program=self.lakebase)
        self.assertEqual(done.returncode, 7)
        self.assertRegex(done.stdout, r"^http://127\.0\.0\.1:\d+\n$")
        self.assertEqual(self.run_program("emulator", "up", "--no-such", program=self.lakebase).returncode, 2)

    def test_one_of_the_path(self):
        folder = self.home / "elsewhere"
        folder.mkdir()
        tool = folder / "lakebase-emulator"
        tool.write_text("#!/bin/sh\necho \"$@\"\n")
        tool.chmod(0o755)
        path = f"{folder}:{self.environment['PATH']}"
        self.assertEqual(self.succeed("emulator", "up", "--seed", "1", program=self.lakebase, PATH=path), "up --seed 1\n")

    def test_none_is_installed(self):
        message = ("cannot run lakebase-emulator: there is no such program on the PATH, nor beside this one; it is built with "
                   "this one by LAKEBASE_BUILD_EMULATOR")
        for arguments in (["emulator", "status"], ["--emulator", "postgres", "list-projects"]):
            self.fail_with(message, *arguments, program=self.lakebase, PATH="/nowhere")

    def test_help(self):
        for arguments in (["emulator"], ["emulator", "--help"]):
            self.assertIn("  up      Serve in the background", self.succeed(*arguments))
        self.assertIn("lakebase emulator exec -- ctest", self.succeed("emulator", "exec", "-h"))


if __name__ == "__main__":
    main()
