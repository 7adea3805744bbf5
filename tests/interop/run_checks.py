#!/usr/bin/env python3
"""Runs a client's checks at the emulator that DATABRICKS_HOST names and at a bare PostgreSQL of the same version.

    run_checks.py CLIENT COMMAND...

README.md says what the command finds, and what it prints.
"""

import contextlib
import difflib
import http.server
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

from servers import BarePostgres, EmulatorEndpoint, major_version, psql

CHECKS = [
    "verify-full",
    "another CA",
    "another host name",
    "plaintext",
    "wrong token",
    "expired token",
    "fresh token",
    "wake",
    "crash in a transaction",
    "cancel",
    "50 at once",
    "COPY in",
    "COPY out",
    "prepared over a migration",
]

# What a client checks besides.
MORE = {
    "pgjdbc": ["protocols", "startup packets", "failover"],
    "psycopg": ["protocols", "startup packets", "cancel by protocol", "failover"],
}

# What it checks of the emulator alone.
OF_THE_EMULATOR = {
    "psql": ["main path"],
    "databricks-sdk": ["main path", "each method", "each method's error"],
}

# A client of the workspace, which the checks of a server say nothing to.
OF_WORKSPACE = {"databricks-sdk"}

# What a client has no word for.
NONE = {
    "pg_dump": {"prepared over a migration"},
    "pgbench": {"COPY out"},
    "pq": {"COPY out"},
}

SKIPPED = 77  # the exit status of a test that skips itself

LONGEST_RUN = 120  # seconds
LINE = re.compile(r"(ok|FAIL|none) ([^:]+)(?:: (.*))?")
ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


class Controls(http.server.ThreadingHTTPServer):
    """What the checks ask of a server, by GET: /token, /suspend, /crash, /group, /failover, and /asleep, which waits for a
    pg_sleep.
    """

    daemon_threads = True

    def __init__(self, server, variables):
        super().__init__(("127.0.0.1", 0), ControlRequest)
        self.server_at_hand = server
        self.variables = variables

    def act(self, what):
        if what == "asleep":
            return self.await_sleeper()
        return {"token": self.server_at_hand.token, "suspend": self.server_at_hand.suspend,
                "crash": self.server_at_hand.crash, "group": self.server_at_hand.group,
                "failover": self.server_at_hand.failover}[what]() or ""

    def await_sleeper(self):
        deadline = time.monotonic() + 30
        while psql(self.variables, "-c", ASLEEP).stdout.strip() == "0":
            if time.monotonic() > deadline:
                raise TimeoutError("no statement sleeps")
        return ""


class ControlRequest(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status, text = 200, self.server.act(self.path.strip("/"))
        except Exception as error:
            status, text = 500, f"{self.path}: {error!r}"
            print(text, file=sys.stderr)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class OtherName:
    """An address that no certificate names, from which all bytes go to a server."""

    def __init__(self, variables):
        self.target = variables["PGHOST"], int(variables["PGPORT"])
        self.listener = socket.create_server(("127.99.99.99", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                server = socket.create_connection(self.target)
                for source, sink in (client, server), (server, client):
                    threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    @staticmethod
    def pass_on(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def other_ca(folder):
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=other", "-keyout", f"{folder}/other.key", "-out", f"{folder}/other.pem"]
    subprocess.run(make, check=True, capture_output=True)
    return f"{folder}/other.pem"


def environment(server, variables, folder):
    controls = Controls(server, variables)
    threading.Thread(target=controls.serve_forever, daemon=True).start()
    host, port = OtherName(variables).listener.getsockname()
    return dict(
        os.environ,
        **variables,
        INTEROP_CONTROL=f"http://127.0.0.1:{controls.server_address[1]}",
        INTEROP_OTHER_CA=other_ca(folder),
        INTEROP_OTHER_HOST=host,
        INTEROP_OTHER_PORT=str(port),
        INTEROP_EXPIRED_TOKEN=server.expired_token(),
        INTEROP_REFUSAL=server.refusal,
    )


def run(server, major, command):
    """The lines that the command prints at a server, and the version of that."""
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        try:
            variables = server.start(major)
            began = time.monotonic()
            done = subprocess.run(command, env=environment(server, variables, folder), stdout=subprocess.PIPE, text=True,
                                  timeout=LONGEST_RUN)
            print(f"== {type(server).__name__}, PostgreSQL {major_version(variables)}, {time.monotonic() - began:.1f} s",
                  done.stdout, sep="\n", flush=True)
            if done.returncode == SKIPPED and not os.environ.get("CI"):
                raise SystemExit(SKIPPED)
            if done.returncode not in (0, 1):
                raise SystemExit(f"the checks ended with {done.returncode}")
            return done.stdout.splitlines(), major_version(variables)
        finally:
            server.stop()


def complaints(client, lines):
    wanted = [*OF_THE_EMULATOR.get(client, ())]
    if client not in OF_WORKSPACE:
        wanted = [*CHECKS, *MORE.get(client, ()), *wanted]
    seen = []
    for line in lines:
        match = LINE.fullmatch(line)
        if not match:
            yield f"not a line of a check: {line}"
            continue
        verdict, name, _ = match.groups()
        seen.append(name)
        if verdict == "FAIL":
            yield line
        if (verdict == "none") != (name in NONE.get(client, ())):
            yield f"{'not' if verdict == 'none' else 'still'} in the list of what {client} has no word for: {line}"
    if seen != wanted:
        yield from difflib.unified_diff(wanted, seen, "the checks", "those made", lineterm="")


def differences(client, at_emulator, at_bare):
    alone = OF_THE_EMULATOR.get(client, ())
    compared = [line for line in at_emulator if LINE.fullmatch(line)[2] not in alone]
    return difflib.unified_diff(at_bare, compared, "bare PostgreSQL", "the emulator", lineterm="")


def main():
    client, *command = sys.argv[1:]
    wanted = os.environ.get("INTEROP_PG_VERSION")
    at_emulator, major = run(EmulatorEndpoint(), wanted, command)
    if wanted not in (None, major):
        raise SystemExit(f"PostgreSQL {wanted} was wanted, and {major} is there")
    problems = [*complaints(client, at_emulator)]
    if client not in OF_WORKSPACE and not problems:
        at_bare, _ = run(BarePostgres(), major, command)
        problems += differences(client, at_emulator, at_bare)
    if problems:
        raise SystemExit("\n".join(problems))


main()
