#!/usr/bin/env python3
"""Runs a command at a bare PostgreSQL of a major version that the PG variables name, under TLS and with a password:

    with_server.py MAJOR COMMAND...
"""

import os
import subprocess
import sys

from servers import BarePostgres


def main():
    major, *command = sys.argv[1:]
    server = BarePostgres()
    try:
        status = subprocess.run(command, env=dict(os.environ, **server.start(major))).returncode
    finally:
        server.stop()
    raise SystemExit(status)


main()
