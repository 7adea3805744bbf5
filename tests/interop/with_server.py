#!/usr/bin/env python3
"""Runs a command against a server that the PG variables name, under TLS and with a password:

    with_server.py emulator VERSION_FILE COMMAND...   at an endpoint of the emulator that DATABRICKS_HOST names
    with_server.py bare VERSION_FILE COMMAND...       at a PostgreSQL of its own, on loopback, which ends afterwards

The first writes PostgreSQL's major version into the file, of which the second then is.
"""

import json
import os
import pathlib
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

USER = "dev@example.com"
DATABASE = "databricks_postgres"
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def call(method, path, body=None):
    request = urllib.request.Request(
        f"{os.environ['DATABRICKS_HOST']}/api/2.0/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {os.environ['DATABRICKS_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def finish(operation):
    for _ in range(600):
        if operation.get("done"):
            return
        time.sleep(0.1)
        operation = call("GET", f"postgres/{operation['name']}")
    raise SystemExit(f"{operation['name']} does not end")


def emulator(version_file):
    """Makes a project, and returns the variables of its endpoint."""
    wanted = os.environ.get("INTEROP_PG_VERSION")
    spec = {"pg_version": wanted} if wanted else {}
    finish(call("POST", "postgres/projects?project_id=interop", {"spec": spec}))
    endpoint = "projects/interop/branches/production/endpoints/primary"
    variables = {
        "PGHOST": call("GET", f"postgres/{endpoint}")["status"]["hosts"]["host"],
        "PGUSER": call("GET", "preview/scim/v2/Me")["userName"],
        "PGDATABASE": DATABASE,
        "PGPASSWORD": call("POST", "postgres/credentials", {"endpoint": endpoint})["token"],
        "PGSSLMODE": "verify-full",
    }
    query = ["psql", "-X", "-A", "-t", "-c", "SHOW server_version_num"]
    number = subprocess.run(query, env=dict(os.environ, **variables), check=True, capture_output=True, text=True)
    version_file.write_text(str(int(number.stdout) // 10000))
    return variables


def programs(major):
    """The folder of this major version's programs."""
    named = os.environ.get("LAKEBASE_POSTGRES_BIN", "").split(":")
    usual = [f"/usr/lib/postgresql/{major}/bin", f"{REPOSITORY}/build/postgres/{major}/bin"]
    for folder in [name for name in named if name] + usual:
        postgres = pathlib.Path(folder) / "postgres"
        if postgres.exists():
            version = subprocess.run([postgres, "--version"], check=True, capture_output=True, text=True).stdout
            if version.split()[2].split(".")[0] == major:
                return pathlib.Path(folder)
    raise SystemExit(f"the programs of PostgreSQL {major} are not found")


class BarePostgres:
    """A server with one role and its database, which takes passwords under TLS only."""

    def __init__(self, major):
        self.programs = programs(major)
        # PostgreSQL does not run as root.
        self.account = "postgres" if os.geteuid() == 0 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bare-postgres-"))
        self.password = secrets.token_hex(8)
        self.server = None

    def run(self, *command):
        subprocess.run(command, check=True, user=self.account, cwd=self.folder, stdout=subprocess.DEVNULL)

    def start(self):
        if self.account:
            account = pwd.getpwnam(self.account)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        data = self.folder / "data"
        (self.folder / "password").write_text(self.password)
        (self.folder / "password").chmod(0o644)
        self.run(self.programs / "initdb", "-D", data, "-U", "admin", "-E", "UTF8", "--no-sync", "--auth=trust")
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=bare", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "server.key", "-out", "server.crt")
        port = self.configure(data)
        self.server = subprocess.Popen([self.programs / "postgres", "-D", data], user=self.account, cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=open(self.folder / "log", "w"))
        self.make_role()
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self.password,
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(self.folder / "server.crt"),
        }

    def configure(self, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with open(data / "postgresql.conf", "a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{self.folder}'\n"
                       f"ssl = on\nssl_cert_file = '{self.folder}/server.crt'\nssl_key_file = '{self.folder}/server.key'\n"
                       "fsync = off\ntimezone = UTC\nmax_wal_senders = 4\n")
        (data / "pg_hba.conf").write_text("local all admin trust\nhostssl all all 127.0.0.1/32 password\n"
                                          "hostssl replication all 127.0.0.1/32 password\n")
        self.port = port
        return port

    def make_role(self):
        statements = [f"CREATE ROLE \"{USER}\" LOGIN PASSWORD '{self.password}'", f'CREATE DATABASE {DATABASE} OWNER "{USER}"']
        environment = dict(os.environ, PGHOST=str(self.folder), PGPORT=str(self.port), PGUSER="admin", PGDATABASE="postgres")
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        for statement in statements:
            command += ["-c", statement]
        for attempt in range(300):
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode == 0:
                return
            if done.returncode != 2 or self.server.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"a bare PostgreSQL does not start: {done.stderr}{(self.folder / 'log').read_text()}")

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(30)
            except subprocess.TimeoutExpired:
                self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    kind, version_file, *command = sys.argv[1:]
    version_file = pathlib.Path(version_file)
    if kind == "emulator":
        raise SystemExit(subprocess.run(command, env=dict(os.environ, **emulator(version_file))).returncode)
    bare = BarePostgres(version_file.read_text())
    try:
        variables = bare.start()
        status = subprocess.run(command, env=dict(os.environ, **variables)).returncode
    finally:
        bare.stop()
    raise SystemExit(status)


main()
