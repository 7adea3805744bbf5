"""Starts an emulator with the rows of tests/emulator/data_api, and a program of Node that the environment tells of them."""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "emulator" / "data_api"))
import run

with tempfile.TemporaryDirectory() as folder:
    emulator = run.Emulator(sys.argv[1], folder)
    try:
        url, tokens = run.prepare(emulator)
        variables = {"DATA_API": f"{url}/public", "TOKEN_ONE": tokens["one"], "TOKEN_TWO": tokens["two"]}
        done = subprocess.run(["node", sys.argv[2]], env={**os.environ, **variables}, timeout=120)
    finally:
        emulator.stop()
sys.exit(done.returncode)
