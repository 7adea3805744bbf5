"""The checks with PgBouncer, which is the client of the server, and has psql as its own."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time

import tools
from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, WRONG_TOKEN, control, main, not_named, not_trusted,
                    refused, when_asleep)
from tools import PSQL, Terminal, refusal, sql, started

ACCOUNT = "postgres"  # it does not run as root


class PgBouncer:
    """One with a server behind it; `variables` are for its clients."""

    def __init__(self, token=os.environ["PGPASSWORD"], host=os.environ["PGHOST"], port=os.environ["PGPORT"],
                 ca=os.environ["PGSSLROOTCERT"], tls="verify-full", mode="session"):
        self.temporary = tools.folder()
        self.folder = pathlib.Path(self.temporary.name)
        self.folder.chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            own_port = free.getsockname()[1]
        shutil.copy(ca, self.folder / "ca.pem")
        (self.folder / "ca.pem").chmod(0o644)
        self.log = self.folder / "log"
        self.log.touch()
        self.write_token(token)
        (self.folder / "ini").write_text(f"""
[databases]
{os.environ["PGDATABASE"]} = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
logfile = {self.log}
auth_type = trust
auth_file = {self.folder}/users
pool_mode = {mode}
default_pool_size = 50
server_tls_sslmode = {tls}
server_tls_ca_file = {self.folder}/ca.pem
admin_users = {os.environ["PGUSER"]}
ignore_startup_parameters = extra_float_digits
""")
        user = []
        if os.geteuid() == 0:
            user = ["--user", ACCOUNT]
            account = pwd.getpwnam(ACCOUNT)
            for path in self.folder, *self.folder.iterdir():
                os.chown(path, account.pw_uid, account.pw_gid)
        self.process = subprocess.Popen(["pgbouncer", "--quiet", *user, self.folder / "ini"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.variables = {"PGHOST": "127.0.0.1", "PGPORT": str(own_port), "PGSSLMODE": "disable", "PGPASSWORD": ""}
        self.await_log("process up")

    def write_token(self, token):
        """As another file, for it does not read one again that has the same size and the same second."""
        written = self.folder / "written"
        written.write_text(f'"{os.environ["PGUSER"]}" "{token}"\n')
        written.replace(self.folder / "users")

    def await_log(self, pattern):
        """The line of its log."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for line in self.log.read_text().splitlines():
                if re.search(pattern, line):
                    return line
            time.sleep(0.01)
        raise AssertionError(self.log.read_text())

    def reload(self, token):
        self.write_token(token)
        tools.done(*PSQL, "-c", "RELOAD", "pgbouncer", **self.variables)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.temporary.cleanup()


def fails(**settings):
    """What its client is told."""
    with PgBouncer(**settings) as bouncer:
        return refusal(*PSQL, "-c", "SELECT 1", **bouncer.variables)


def logs(pattern, **settings):
    """The line of its log; its client is left waiting."""
    with PgBouncer(**settings) as bouncer, started(*PSQL, "-c", "SELECT 1", **bouncer.variables):
        return bouncer.await_log(pattern)


def connects():
    with PgBouncer() as bouncer:
        assert sql("SELECT 1", **bouncer.variables) == "1"


def plaintext():
    fails(tls="disable")
    return "no SQLSTATE"


def fresh_token():
    with PgBouncer(token=EXPIRED_TOKEN) as bouncer:
        bouncer.reload(control("token"))
        sql("SELECT 1", **bouncer.variables)


def wake():
    """Its clients do not notice between two transactions."""
    with PgBouncer(mode="transaction") as bouncer, Terminal(**bouncer.variables) as terminal:
        assert terminal.ask("SELECT 1;") == "1"
        control("suspend")
        bouncer.await_log("closing because: (server conn crashed|server closed|unexpected message|server login|"
                          "got FATAL|.*terminating connection)")
        assert terminal.ask("SELECT 1;") == "1"


def crash():
    sql("CREATE TABLE crashes (n int)")
    with PgBouncer() as bouncer, Terminal(**bouncer.variables) as terminal:
        assert terminal.ask("BEGIN; INSERT INTO crashes VALUES (1);") == ""
        control("crash")
        lost = terminal.ask("SELECT 1;")
        assert "The connection to the server was lost. Attempting reset: Succeeded." in lost, lost
        assert terminal.ask("SELECT count(*) FROM crashes;") == "0"


def cancel():
    with PgBouncer() as bouncer, Terminal(**bouncer.variables) as terminal:
        terminal.ask("SELECT 1;")
        canceller = when_asleep(lambda: terminal.process.send_signal(signal.SIGINT))
        seen = terminal.ask("SELECT pg_sleep(60);")
        canceller.join()
        assert terminal.ask("SELECT 1;") == "1"
        return f"{seen.split()[-1]} and goes on"


def through(check):
    """A check of psql, through a PgBouncer."""
    def run():
        with PgBouncer() as bouncer:
            return check(**bouncer.variables)
    return run


main({
    "verify-full": connects,
    "another CA": lambda: not_trusted(logs("TLS handshake error", ca=OTHER_CA)),
    "another host name": lambda: not_named(logs("TLS handshake error|does not match|not present", host=OTHER_HOST,
                                                port=OTHER_PORT)),
    "plaintext": plaintext,
    "wrong token": lambda: refused(fails(token=WRONG_TOKEN)),
    "expired token": lambda: refused(fails(token=EXPIRED_TOKEN)),
    "fresh token": fresh_token,
    "wake": wake,
    "crash in a transaction": crash,
    "cancel": cancel,
    "50 at once": through(tools.sum_at_once),
    "COPY in": through(tools.copy_in),
    "COPY out": through(tools.copy_out),
    "prepared over a migration": through(tools.prepared),
})
