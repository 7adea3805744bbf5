"""The checks with SQLAlchemy 2 over psycopg, with a pool that looks at a connection before it lends it."""

import sqlalchemy
from sqlalchemy import event, text

from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, ROWS, SESSIONS, WRONG_TOKEN, at_once, control,
                    failure, main, not_named, not_trusted, over_migration, refused, when_asleep)


def engine(settings=None, **more):
    """Takes what it is not given from the PG variables."""
    arguments = {"connect_timeout": 30, **(settings or {})}
    return sqlalchemy.create_engine("postgresql+psycopg://", connect_args=arguments, pool_pre_ping=True, **more)


usual = engine()


def refusal(**settings):
    return failure(engine(settings).connect)


def write(statement):
    with usual.begin() as conn:
        conn.execute(text(statement))


def verify_full():
    with usual.connect() as conn:
        assert conn.scalar(text("SELECT 1")) == 1


def fresh_token():
    fresh = engine({"password": EXPIRED_TOKEN})

    @event.listens_for(fresh, "do_connect")
    def _(dialect, record, arguments, settings):
        settings["password"] = control("token")

    with fresh.connect() as conn:
        assert conn.scalar(text("SELECT 1")) == 1


def wake():
    verify_full()
    control("suspend")
    verify_full()


def crash():
    write("CREATE TABLE crashes (n int)")
    with usual.connect() as conn:
        conn.execute(text("INSERT INTO crashes VALUES (1)"))
        control("crash")
        error = failure(conn.execute, text("SELECT 1"))
        assert isinstance(error, sqlalchemy.exc.OperationalError) and error.connection_invalidated, error
    with usual.connect() as again:
        assert again.scalar(text("SELECT count(*) FROM crashes")) == 0


def cancel():
    with usual.connect() as conn:
        canceller = when_asleep(conn.connection.driver_connection.cancel_safe)
        error = failure(conn.execute, text("SELECT pg_sleep(60)"))
        canceller.join()
        conn.rollback()
        assert conn.scalar(text("SELECT 1")) == 1
        return f"{error.orig.sqlstate} and goes on"


def fifty_at_once():
    large = engine(pool_size=SESSIONS, max_overflow=0)

    def ask(number, wait):
        with large.connect() as conn:
            wait()
            return conn.scalar(text("SELECT CAST(:n AS int)"), {"n": number})

    return at_once(ask)


def copy_in():
    write("CREATE TABLE copied (n int, word text)")
    with usual.begin() as conn, conn.connection.cursor() as cursor:
        with cursor.copy("COPY copied FROM STDIN") as copy:
            for n in range(ROWS):
                copy.write_row((n, f"word {n}"))
        return f"{cursor.rowcount} rows"


def copy_out():
    with usual.connect() as conn, conn.connection.cursor() as cursor, cursor.copy("COPY copied TO STDOUT") as copy:
        return f"{sum(1 for _ in copy.rows())} rows"


def prepared():
    write("CREATE TABLE migrated AS SELECT 1 AS a")
    eager = engine({"prepare_threshold": 0}, isolation_level="AUTOCOMMIT")
    with eager.connect() as conn:
        return over_migration(lambda: len(conn.execute(text("SELECT * FROM migrated")).keys()),
                              lambda: write("ALTER TABLE migrated ADD COLUMN b int"),
                              lambda error: error.orig.sqlstate)


main({
    "verify-full": verify_full,
    "another CA": lambda: not_trusted(refusal(sslrootcert=OTHER_CA)),
    "another host name": lambda: not_named(refusal(host=OTHER_HOST, port=OTHER_PORT)),
    "plaintext": lambda: refusal(sslmode="disable").orig.sqlstate or "no SQLSTATE",
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
})
