"""A `psql` on the PATH that writes down its arguments and variables, and ends as it is told."""

import json
import os

SCRIPT = """#!/usr/bin/env python3
import json, os, sys
folder = os.path.dirname(os.path.abspath(sys.argv[0]))
with open(folder + "/runs", "a") as runs:
    print(json.dumps({"arguments": sys.argv[1:], "variables": dict(os.environ), "parent": os.getppid(),
                      "pid": os.getpid(), "input": sys.stdin.read()}), file=runs)
with open(folder + "/ends") as ends:
    status, errors = json.load(ends)
print("a row")
sys.stderr.write(errors)
sys.exit(status)
"""


class FakePsql:
    def __init__(self, folder, name="psql"):
        self.folder = folder
        folder.mkdir()
        program = folder / name
        program.write_text(SCRIPT)
        program.chmod(0o755)
        self.end(0)

    def end(self, status, errors=""):
        (self.folder / "ends").write_text(json.dumps([status, errors]))

    @property
    def path(self):
        return f"{self.folder}:{os.environ['PATH']}"

    def runs(self):
        file = self.folder / "runs"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
