"""The checks with psql, and the main path with it and nothing of the SDK."""

import os
import pathlib
import signal
import subprocess

import tools
from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, WRONG_TOKEN, control, main, not_named, not_trusted,
                    refused, when_asleep)
from tools import PSQL, Terminal, refusal, sql

SELECT = [*PSQL, "-c", "SELECT 1"]


def connects(**variables):
    assert sql("SELECT 1", **variables) == "1"


def plaintext():
    refusal(*SELECT, PGSSLMODE="disable")
    return "no SQLSTATE"


def wake():
    with Terminal() as terminal:
        assert terminal.ask("SELECT 1;") == "1"
        control("suspend")
        lost = terminal.ask("SELECT 1;")
        assert "Attempting reset: Succeeded." in lost, lost
        assert terminal.ask("SELECT 1;") == "1"


def crash():
    sql("CREATE TABLE crashes (n int)")
    with Terminal() as terminal:
        assert terminal.ask("BEGIN; INSERT INTO crashes VALUES (1);") == ""
        control("crash")
        lost = terminal.ask("SELECT 1;")
        assert "The connection to the server was lost. Attempting reset: Succeeded." in lost, lost
        assert terminal.ask("SELECT count(*) FROM crashes;") == "0"


def cancel():
    with Terminal() as terminal:
        terminal.ask("SELECT 1;")
        canceller = when_asleep(lambda: terminal.process.send_signal(signal.SIGINT))
        seen = terminal.ask("SELECT pg_sleep(60);")
        canceller.join()
        assert terminal.ask("SELECT 1;") == "1"
        return f"{seen.split()[-1]} and goes on"


def main_path():
    path = pathlib.Path(__file__).with_name("psql_path.sh")
    subprocess.run([path], check=True, stdout=subprocess.PIPE)


checks = {
    "verify-full": connects,
    "another CA": lambda: not_trusted(refusal(*SELECT, PGSSLROOTCERT=OTHER_CA)),
    "another host name": lambda: not_named(refusal(*SELECT, PGHOST=OTHER_HOST, PGPORT=str(OTHER_PORT))),
    "plaintext": plaintext,
    "wrong token": lambda: refused(refusal(*SELECT, PGPASSWORD=WRONG_TOKEN)),
    "expired token": lambda: refused(refusal(*SELECT, PGPASSWORD=EXPIRED_TOKEN)),
    "fresh token": lambda: connects(PGPASSWORD=control("token")),
    "wake": wake,
    "crash in a transaction": crash,
    "cancel": cancel,
    "50 at once": tools.sum_at_once,
    "COPY in": tools.copy_in,
    "COPY out": tools.copy_out,
    "prepared over a migration": tools.prepared,
}
if "LAKEBASE_ENDPOINT" in os.environ:
    checks["main path"] = main_path
main(checks)
