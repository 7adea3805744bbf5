"""The checks with psycopg, which brings libpq 18, and with its pool; and what it sees of the protocol's versions."""

import asyncio
import logging
import threading
import time

import psycopg
import psycopg_pool
from psycopg import pq

from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, ROWS, SESSIONS, WRONG_TOKEN, at_once, control,
                    failure, main, not_named, not_trusted, over_migration, refused, when_asleep)


class Complaints(logging.Handler):
    """What the driver logs: it does not raise that a cancel failed."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.seen = []

    def emit(self, record):
        self.seen.append(record.getMessage())


complaints = Complaints()
logging.getLogger("psycopg").addHandler(complaints)


def connect(**settings):
    """Takes what it is not given from the PG variables."""
    return psycopg.connect(**{"connect_timeout": 30, "autocommit": True, **settings})


def refusal(**settings):
    return failure(lambda: connect(**settings).close())


class FreshToken(psycopg.Connection):
    """Asks for a token as it connects."""

    @classmethod
    def connect(cls, conninfo="", **settings):
        return super().connect(conninfo, **{**settings, "password": control("token")})


def pool(**more):
    settings = {"min_size": 1, "open": True, "timeout": 30, "kwargs": {"autocommit": True}, **more}
    return psycopg_pool.ConnectionPool("", **settings)


def verify_full():
    with connect() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
        assert conn.pgconn.ssl_in_use


def fresh_token():
    with pool(connection_class=FreshToken, kwargs={"password": EXPIRED_TOKEN}) as fresh, fresh.connection() as conn:
        conn.execute("SELECT 1")


def wake():
    with pool(max_size=1, check=psycopg_pool.ConnectionPool.check_connection) as checked:
        with checked.connection() as conn:
            conn.execute("SELECT 1")
        control("suspend")
        with checked.connection() as conn:
            conn.execute("SELECT 1")


def crash():
    with connect() as conn:
        conn.execute("CREATE TABLE crashes (n int)")
    conn = connect(autocommit=False)
    conn.execute("INSERT INTO crashes VALUES (1)")
    control("crash")
    error = failure(conn.execute, "SELECT 1")
    assert isinstance(error, psycopg.OperationalError) and conn.broken, error
    with connect() as again:
        assert again.execute("SELECT count(*) FROM crashes").fetchone() == (0,)


def cancelled(cancel, **settings):
    """What becomes of a statement and its session if another thread cancels it."""
    with connect(**settings) as conn:
        canceller = when_asleep(lambda: cancel(conn))
        error = failure(conn.execute, "SELECT pg_sleep(60)")
        canceller.join()
        conn.execute("SELECT 1")
        return error.sqlstate, error.diag.message_primary


def cancel():
    sqlstate, _ = cancelled(lambda conn: conn.cancel_safe(timeout=30))
    return f"{sqlstate} and goes on"


def fifty_at_once():
    with pool(min_size=SESSIONS, max_size=SESSIONS) as large:
        def ask(number, wait):
            with large.connection() as conn:
                wait()
                return conn.execute("SELECT %s::int", [number]).fetchone()[0]
        return at_once(ask)


def copy_in():
    with connect() as conn, conn.cursor() as cursor:
        cursor.execute("CREATE TABLE copied (n int, word text)")
        with cursor.copy("COPY copied FROM STDIN") as copy:
            for n in range(ROWS):
                copy.write_row((n, f"word {n}"))
        return f"{cursor.rowcount} rows"


def copy_out():
    with connect() as conn, conn.cursor().copy("COPY copied TO STDOUT") as copy:
        return f"{sum(1 for _ in copy.rows())} rows"


def prepared():
    with connect() as conn, connect() as other:
        other.execute("CREATE TABLE migrated AS SELECT 1 AS a")
        return over_migration(lambda: len(conn.execute("SELECT * FROM migrated", prepare=True).description),
                              lambda: other.execute("ALTER TABLE migrated ADD COLUMN b int"),
                              lambda error: error.sqlstate)


def takes_direct_tls():
    """PostgreSQL does so from 17 on, the emulator always."""
    with connect() as conn:
        return conn.info.server_version >= 170000


def protocols():
    assert pq.version() >= 180000, pq.version()
    seen = []
    for version in "3.0", "3.2", "latest":
        for negotiation in "postgres", "direct":
            if negotiation == "direct" and not takes_direct_tls():
                continue
            with connect(max_protocol_version=version, sslnegotiation=negotiation) as conn:
                who = conn.execute("SELECT session_user = current_user, current_database()").fetchone()
                seen.append((version, negotiation, conn.info.full_protocol_version, who, bool(conn.pgconn.ssl_in_use)))
    return seen


def refused_or_connected(**settings):
    try:
        connect(**settings).close()
    except psycopg.OperationalError as error:
        return str(error).split("FATAL:", 1)[-1].strip()
    return "connected"


def startup_packets():
    packets = {
        "replication": {"replication": "true"},
        "replication of a database": {"replication": "database"},
        "no replication": {"replication": "off"},
        "wrong replication": {"replication": "maybe"},
        "an unknown setting": {"options": "-c no_such_setting=1"},
        "an unknown option": {"options": "--no-such-option"},
        "another's role": {"options": "-c role=pg_write_server_files"},
        "another's session": {"options": "-c session_authorization=pg_monitor"},
        "a missing database": {"dbname": "missing"},
    }
    seen = {name: refused_or_connected(**settings) for name, settings in packets.items()}
    with connect(options="-c app.words=a\\ b\\\\c -c geqo=off --work-mem=1MB") as conn:
        seen["options"] = [conn.execute(f"SHOW {name}").fetchone()[0] for name in ("app.words", "geqo", "work_mem")]
    return seen


async def cancelled_task(version):
    conn = await psycopg.AsyncConnection.connect(autocommit=True, max_protocol_version=version)
    async with conn:
        task = asyncio.create_task(conn.execute("SELECT pg_sleep(60)"))
        await asyncio.to_thread(control, "asleep")
        task.cancel()
        try:
            await task
            end = "slept"
        except asyncio.CancelledError:
            end = "cancelled"
        return end, conn.info.transaction_status.name, await (await conn.execute("SELECT 1")).fetchone()


def cancel_by_protocol():
    complaints.seen.clear()
    seen = []
    for version in "3.0", "latest":
        seen.append(cancelled(lambda conn: conn.cancel_safe(timeout=30), max_protocol_version=version))
        seen.append(asyncio.run(cancelled_task(version)))
    return seen, f"complaints {complaints.seen}"


def again(deadline=30):
    """A new connection, as soon as there can be one."""
    end = time.monotonic() + deadline
    while True:
        try:
            return connect()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise


def failover():
    control("group")
    conn = connect()
    conn.execute("CREATE TABLE kept (n int PRIMARY KEY)")
    failing = None
    for n in range(60):
        if n % 20 == 10:
            failing = threading.Thread(target=control, args=("failover",))
            failing.start()
        while True:
            try:
                conn.execute("INSERT INTO kept VALUES (%s) ON CONFLICT DO NOTHING", [n])
                break
            except psycopg.OperationalError:
                conn = again()
        if failing and n % 20 == 19:
            failing.join()
    rows = again().execute("SELECT n FROM kept ORDER BY n").fetchall()
    assert rows == [(n,) for n in range(60)], rows


main({
    "verify-full": verify_full,
    "another CA": lambda: not_trusted(refusal(sslrootcert=OTHER_CA)),
    "another host name": lambda: not_named(refusal(host=OTHER_HOST, port=OTHER_PORT)),
    "plaintext": lambda: refusal(sslmode="disable").sqlstate or "no SQLSTATE",
    "wrong token": lambda: refused(refusal(password=WRONG_TOKEN)),
    "expired token": lambda: refused(refusal(password=EXPIRED_TOKEN)),
    "fresh token": fresh_token,
    "wake": wake,
    "crash in a transaction": crash,
    "cancel": cancel,
    "50 at once": fifty_at_once,
    "COPY in": copy_in,
    "COPY out": copy_out,
    "prepared over a migration": prepared,
    "protocols": protocols,
    "startup packets": startup_packets,
    "cancel by protocol": cancel_by_protocol,
    "failover": failover,
})
