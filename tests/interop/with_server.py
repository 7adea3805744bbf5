#!/usr/bin/env python3
"""Runs a command against a server that the PG variables name, under TLS and with a password:

    with_server.py emulator VERSION_FILE COMMAND...   at an endpoint of the emulator that DATABRICKS_HOST names
    with_server.py bare VERSION_FILE COMMAND...       at a PostgreSQL of its own, on loopback, which ends afterwards

The first writes PostgreSQL's major version into the file, of which the second then is.
"""

import os
import pathlib
import subprocess
import sys

from servers import BarePostgres, EmulatorEndpoint, major_version


def main():
    kind, version_file, *command = sys.argv[1:]
    version_file = pathlib.Path(version_file)
    server = EmulatorEndpoint() if kind == "emulator" else BarePostgres()
    try:
        variables = server.start(os.environ.get("INTEROP_PG_VERSION") if kind == "emulator" else version_file.read_text())
        if kind == "emulator":
            version_file.write_text(major_version(variables))
        status = subprocess.run(command, env=dict(os.environ, **variables)).returncode
    finally:
        server.stop()
    raise SystemExit(status)


main()
