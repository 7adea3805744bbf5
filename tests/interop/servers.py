"""Servers that the PG variables name, under TLS and with a password: an endpoint of the emulator, and a bare PostgreSQL.

Both can do the same: `start` returns the variables; `token` gives a password for the next login, and `expired_token` one
that is none any more; `suspend` and `crash` end all sessions, and the next login works; so does `failover` after `group`, where a
standby takes the server's place if it can have one; `stop`.
"""

import json
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

USER = "dev@example.com"
DATABASE = "databricks_postgres"
ENDPOINT = "projects/interop/branches/production/endpoints/primary"
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def psql(variables, *arguments):
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments]
    return subprocess.run(command, env=dict(os.environ, **variables), capture_output=True, text=True)


def major_version(variables):
    """That of the server which the variables name."""
    done = psql(variables, "-c", "SHOW server_version_num")
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return str(int(done.stdout) // 10000)


class EmulatorEndpoint:
    """An endpoint of the emulator that DATABRICKS_HOST names, in a project of its own."""

    refusal = "Invalid authorization for databricks identity login"

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            f"{os.environ['DATABRICKS_HOST']}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {os.environ['DATABRICKS_TOKEN']}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def finish(self, operation):
        for _ in range(600):
            if operation.get("done"):
                return
            time.sleep(0.1)
            operation = self.call("GET", f"api/2.0/postgres/{operation['name']}")
        raise SystemExit(f"{operation['name']} does not end")

    def start(self, major=None):
        """Makes the project, of this major version of PostgreSQL or of the emulator's choice."""
        spec = {"pg_version": major} if major else {}
        self.finish(self.call("POST", "api/2.0/postgres/projects?project_id=interop", {"spec": spec}))
        return {
            "PGHOST": self.call("GET", f"api/2.0/postgres/{ENDPOINT}")["status"]["hosts"]["host"],
            "PGPORT": os.environ["PGPORT"],
            "PGUSER": self.call("GET", "api/2.0/preview/scim/v2/Me")["userName"],
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self.token(),
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": os.environ["PGSSLROOTCERT"],
            "LAKEBASE_ENDPOINT": ENDPOINT,
        }

    def token(self):
        return self.call("POST", "api/2.0/postgres/credentials", {"endpoint": ENDPOINT})["token"]

    def expired_token(self):
        self.call("POST", "emulator/token-life", {"life": "0.001s"})
        token = self.token()
        self.call("POST", "emulator/token-life", {})
        return token

    def suspend(self):
        self.call("POST", "emulator/suspend", {"endpoint": ENDPOINT})

    def crash(self):
        self.call("POST", "emulator/crash", {"endpoint": ENDPOINT})

    def group(self):
        spec = {"no_suspension": True, "group": {"min": 2, "max": 2}}
        self.finish(self.call("PATCH", f"api/2.0/postgres/{ENDPOINT}?update_mask=spec.suspension,spec.group", {"spec": spec}))

    def failover(self):
        self.call("POST", "emulator/failover", {"endpoint": ENDPOINT})

    def stop(self):
        """The emulator ends with the command that `exec` runs."""


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
    """A server of its own with one role and its database, on loopback, which takes passwords under TLS only."""

    refusal = "password authentication failed for user"
    folder = None
    server = None

    def run(self, *command):
        subprocess.run(command, check=True, user=self.account, cwd=self.folder, stdout=subprocess.DEVNULL)

    def start(self, major):
        self.programs = programs(major)
        # PostgreSQL does not run as root.
        self.account = "postgres" if os.geteuid() == 0 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bare-postgres-"))
        self.password = secrets.token_hex(8)
        if self.account:
            account = pwd.getpwnam(self.account)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        data = self.folder / "data"
        self.run(self.programs / "initdb", "-D", data, "-U", "admin", "-E", "UTF8", "--no-sync", "--auth=trust")
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=bare", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                 "-keyout", "server.key", "-out", "server.crt")
        self.configure(data)
        self.run_server()
        self.make_role()
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self.password,
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(self.folder / "server.crt"),
        }

    def configure(self, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        with open(data / "postgresql.conf", "a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = '{self.folder}'\n"
                       f"ssl = on\nssl_cert_file = '{self.folder}/server.crt'\nssl_key_file = '{self.folder}/server.key'\n"
                       "fsync = off\ntimezone = UTC\nmax_wal_senders = 4\n")
        (data / "pg_hba.conf").write_text("local all admin trust\nhostssl all all 127.0.0.1/32 password\n"
                                          "hostssl replication all 127.0.0.1/32 password\n")

    def run_server(self):
        self.server = subprocess.Popen([self.programs / "postgres", "-D", self.folder / "data"], user=self.account,
                                       cwd=self.folder, stdout=subprocess.DEVNULL, stderr=open(self.folder / "log", "a"))
        for attempt in range(300):
            done = self.as_admin("-c", "SELECT 1")
            if done.returncode == 0:
                return
            if self.server.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"a bare PostgreSQL does not start: {done.stderr}{(self.folder / 'log').read_text()}")

    def as_admin(self, *arguments):
        variables = dict(PGHOST=str(self.folder), PGPORT=str(self.port), PGUSER="admin", PGDATABASE="postgres")
        return psql(variables, *arguments)

    def make_role(self):
        done = self.as_admin("-c", f"CREATE ROLE \"{USER}\" LOGIN PASSWORD '{self.password}'",
                             "-c", f'CREATE DATABASE {DATABASE} OWNER "{USER}"')
        if done.returncode != 0:
            raise SystemExit(done.stderr)

    def token(self):
        return self.password

    def expired_token(self):
        return self.password[::-1] + "x"

    def suspend(self):
        self.end_server()
        self.run_server()

    def crash(self):
        # A child sees the end of its parent when it next waits, and then says a word of it to its client.
        children = subprocess.run(["ps", "--ppid", str(self.server.pid), "-o", "pid="], capture_output=True, text=True)
        self.server.kill()
        for pid in children.stdout.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.server.wait()
        self.run_server()

    def group(self):
        """It is one server."""

    def failover(self):
        self.crash()

    def end_server(self):
        self.server.send_signal(signal.SIGINT)
        try:
            self.server.wait(30)
        except subprocess.TimeoutExpired:
            self.server.kill()

    def stop(self):
        if self.server and self.server.poll() is None:
            self.end_server()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
