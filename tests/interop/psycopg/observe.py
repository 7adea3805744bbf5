"""What psycopg, which brings libpq 18, sees of the server that the PG variables name."""

import asyncio
import logging
import threading

import psycopg
from psycopg import pq

ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"


class Complaints(logging.Handler):
    """What the driver logs: it does not raise that a cancel failed."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.seen = []

    def emit(self, record):
        self.seen.append(record.getMessage())


complaints = Complaints()
logging.getLogger("psycopg").addHandler(complaints)


def observe(what, seen):
    print(f"{what}: {seen}", flush=True)


def refusal(**settings):
    try:
        psycopg.connect(connect_timeout=30, **settings).close()
    except psycopg.OperationalError as error:
        return str(error).split("FATAL:", 1)[-1].strip()
    return "connected"


def protocols():
    for version in "3.0", "3.2", "latest":
        for negotiation in "postgres", "direct":
            if negotiation == "direct" and not takes_direct_tls():
                continue
            with psycopg.connect(max_protocol_version=version, sslnegotiation=negotiation) as conn:
                who = conn.execute("SELECT session_user = current_user, current_database()").fetchone()
                observe(f"{version}, {negotiation}", (conn.info.full_protocol_version, who, bool(conn.pgconn.ssl_in_use)))


def takes_direct_tls():
    """PostgreSQL does so from 17 on, the emulator always."""
    with psycopg.connect() as conn:
        return conn.info.server_version >= 170000


def refusals():
    observe("replication", refusal(replication="true"))
    observe("replication of a database", refusal(replication="database"))
    observe("no replication", refusal(replication="off"))
    observe("wrong replication", refusal(replication="maybe"))
    observe("an unknown setting", refusal(options="-c no_such_setting=1"))
    observe("an unknown option", refusal(options="--no-such-option"))
    observe("another's role", refusal(options="-c role=pg_write_server_files"))
    observe("another's session", refusal(options="-c session_authorization=pg_monitor"))
    observe("a missing database", refusal(dbname="missing"))
    with psycopg.connect(options="-c app.words=a\\ b\\\\c -c geqo=off --work-mem=1MB") as conn:
        names = "app.words", "geqo", "work_mem"
        observe("options", [conn.execute(f"SHOW {name}").fetchone()[0] for name in names])


def await_sleeper():
    with psycopg.connect(autocommit=True) as watcher:
        while watcher.execute(ASLEEP).fetchone()[0] == 0:
            pass


def cancels():
    for version in "3.0", "latest":
        with psycopg.connect(autocommit=True, max_protocol_version=version) as conn:
            canceller = threading.Thread(target=lambda: (await_sleeper(), conn.cancel_safe(timeout=30)))
            canceller.start()
            try:
                conn.execute("SELECT pg_sleep(60)")
                observe("cancel_safe", "slept")
            except psycopg.errors.QueryCanceled as error:
                observe("cancel_safe", error.diag.message_primary)
            canceller.join()
            observe("afterwards", conn.execute("SELECT 1").fetchone())


async def cancelled_task(version):
    conn = await psycopg.AsyncConnection.connect(autocommit=True, max_protocol_version=version)
    async with conn:
        task = asyncio.create_task(conn.execute("SELECT pg_sleep(60)"))
        await asyncio.to_thread(await_sleeper)
        task.cancel()
        try:
            await task
            observe("task.cancel", "slept")
        except asyncio.CancelledError:
            observe("task.cancel", "cancelled")
        observe("afterwards", (conn.info.transaction_status.name, await (await conn.execute("SELECT 1")).fetchone()))


def main():
    assert pq.version() >= 180000, pq.version()
    protocols()
    refusals()
    cancels()
    for version in "3.0", "latest":
        asyncio.run(cancelled_task(version))
    observe("complaints", complaints.seen)


main()
