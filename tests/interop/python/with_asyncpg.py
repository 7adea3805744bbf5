"""The checks with asyncpg, whose password may be a function, and with its pool."""

import asyncio
import os
import ssl

import asyncpg

from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, ROWS, SESSIONS, WRONG_TOKEN, control, failure, main,
                    not_named, not_trusted, refused)


async def connect(**settings):
    """Takes what it is not given from the PG variables."""
    return await asyncpg.connect(**{"timeout": 30, **settings})


def check(run):
    return lambda: asyncio.run(asyncio.wait_for(run(), 60))


def refusal(**settings):
    async def attempt():
        await (await connect(**settings)).close()
    return failure(asyncio.run, attempt())


async def once(**settings):
    conn = await connect(**settings)
    assert await conn.fetchval("SELECT 1") == 1
    await conn.close()


async def fresh_token():
    async with asyncpg.create_pool(password=lambda: control("token"), min_size=1, max_size=1) as pool:
        assert await pool.fetchval("SELECT 1") == 1


async def wake():
    async with asyncpg.create_pool(min_size=1, max_size=1) as pool:
        await pool.fetchval("SELECT 1")
        lost = asyncio.Event()
        async with pool.acquire() as conn:
            conn.add_termination_listener(lambda _: lost.set())
            await asyncio.to_thread(control, "suspend")
            await lost.wait()
        assert await pool.fetchval("SELECT 1") == 1


async def crash():
    conn = await connect()
    await conn.execute("CREATE TABLE crashes (n int)")
    await conn.execute("BEGIN")
    await conn.execute("INSERT INTO crashes VALUES (1)")
    await asyncio.to_thread(control, "crash")
    try:
        await conn.execute("SELECT 1")
        raise AssertionError("it did not fail")
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
        assert conn.is_closed()
    again = await connect()
    assert await again.fetchval("SELECT count(*) FROM crashes") == 0
    await again.close()


async def cancelled_task(conn):
    task = asyncio.create_task(conn.execute("SELECT pg_sleep(60)"))
    await asyncio.to_thread(control, "asleep")
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"


async def timeout(conn):
    try:
        await conn.execute("SELECT pg_sleep(60)", timeout=0.2)
    except TimeoutError:
        return "timeout"


async def cancel():
    conn = await connect()
    seen = []
    for way in cancelled_task, timeout:
        how = await way(conn)
        assert how is not None and await conn.fetchval("SELECT 1") == 1
        seen.append(f"{how} and goes on")
    try:
        await conn.execute("SET statement_timeout = 200; SELECT pg_sleep(60)")
    except asyncpg.QueryCanceledError as error:
        seen.append(f"with statement_timeout {error.sqlstate}")
    await conn.close()
    return ", ".join(seen)


async def at_once():
    everyone = asyncio.Barrier(SESSIONS)
    async with asyncpg.create_pool(min_size=SESSIONS, max_size=SESSIONS) as pool:
        async def ask(number):
            async with pool.acquire() as conn:
                await everyone.wait()
                return await conn.fetchval("SELECT $1::int", number)
        return f"sum {sum(await asyncio.gather(*map(ask, range(SESSIONS))))}"


async def copy_in():
    conn = await connect()
    await conn.execute("CREATE TABLE copied (n int, word text)")
    tag = await conn.copy_records_to_table("copied", records=((n, f"word {n}") for n in range(ROWS)))
    await conn.close()
    return tag


async def copy_out():
    conn = await connect()
    lines = 0

    async def count(data):
        nonlocal lines
        lines += data.count(b"\n")

    tag = await conn.copy_from_table("copied", output=count)
    await conn.close()
    return f"{tag}, {lines} lines"


async def prepared():
    """It keeps the statements that it prepares by itself."""
    conn, other = await connect(), await connect()
    await other.execute("CREATE TABLE migrated AS SELECT 1 AS a")
    seen = []
    for times in range(4):
        if times == 2:
            await other.execute("ALTER TABLE migrated ADD COLUMN b int")
        try:
            seen.append(str(len((await conn.fetch("SELECT * FROM migrated"))[0])))
        except asyncpg.PostgresError as error:
            seen.append(error.sqlstate)
    await conn.close()
    await other.close()
    return ", ".join(seen)


def verified(ca):
    return ssl.create_default_context(cafile=ca)


main({
    "verify-full": check(once),
    "another CA": lambda: not_trusted(refusal(ssl=verified(OTHER_CA))),
    "another host name": lambda: not_named(refusal(host=OTHER_HOST, port=OTHER_PORT,
                                                   ssl=verified(os.environ["PGSSLROOTCERT"]))),
    "plaintext": lambda: getattr(refusal(ssl=False), "sqlstate", None) or "no SQLSTATE",
    "wrong token": lambda: refused(refusal(password=WRONG_TOKEN)),
    "expired token": lambda: refused(refusal(password=EXPIRED_TOKEN)),
    "fresh token": check(fresh_token),
    "wake": check(wake),
    "crash in a transaction": check(crash),
    "cancel": check(cancel),
    "50 at once": check(at_once),
    "COPY in": check(copy_in),
    "COPY out": check(copy_out),
    "prepared over a migration": check(prepared),
})
