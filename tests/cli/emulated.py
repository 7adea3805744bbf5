"""The program `lakebase` at an emulator: one for all tests of a file, which make projects of their own."""

import json
import pathlib
import subprocess
import sys
import tempfile

from program import ProgramTest

EMULATOR = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
LONGEST_START = 60  # seconds


class EmulatorTest(ProgramTest):
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.errors = tempfile.TemporaryFile()
        cls.addClassCleanup(cls.errors.close)
        cls.emulator = subprocess.Popen([EMULATOR, "--postgres-port", "0", *cls.OPTIONS], stdout=subprocess.PIPE,
                                        stderr=cls.errors, text=True)
        cls.addClassCleanup(cls.stop_emulator)
        cls.exported = {}
        for line in cls.emulator.stdout:
            if line.startswith("ready"):
                break
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                cls.exported[name] = value.strip("'")
        else:
            cls.errors.seek(0)
            raise RuntimeError(f"the emulator did not start: {cls.errors.read().decode()}")

    @classmethod
    def stop_emulator(cls):
        cls.emulator.terminate()
        cls.emulator.wait(LONGEST_START)
        cls.emulator.stdout.close()

    def setUp(self):
        super().setUp()
        self.environment.update(self.exported)

    def make_project(self, name, **spec):
        self.json_of("postgres", "create-project", name, "--json", json.dumps({"spec": spec}))
        self.addCleanup(self.run_program, "postgres", "delete-project", f"projects/{name}", "--purge")
        return f"projects/{name}"

    def sql(self, target, statement, database="databricks_postgres"):
        """What psql prints for a statement on a target, as the emulator's user."""
        done = self.run_program("exec", target, "--", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement,
                                PGDATABASE=database)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()
