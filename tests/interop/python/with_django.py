"""The checks with Django's backend for PostgreSQL, over psycopg; a connection of it is a thread's own."""

import os

import django
from django.conf import settings

from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, ROWS, WRONG_TOKEN, at_once, control, failure, main,
                    not_named, not_trusted, over_migration, refused, when_asleep)


def database(engine="django.db.backends.postgresql", options=None, **more):
    variables = {key: os.environ[f"PG{variable}"] for key, variable in
                 {"HOST": "HOST", "PORT": "PORT", "USER": "USER", "PASSWORD": "PASSWORD", "NAME": "DATABASE"}.items()}
    tls = {"sslmode": "verify-full", "sslrootcert": os.environ["PGSSLROOTCERT"]}
    return {"ENGINE": engine, **variables, **more, "OPTIONS": {**tls, "connect_timeout": 30, **(options or {})}}


settings.configure(DATABASES={
    "default": database(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True),
    "another CA": database(options={"sslrootcert": OTHER_CA}),
    "another host name": database(HOST=OTHER_HOST, PORT=OTHER_PORT),
    "plaintext": database(options={"sslmode": "disable"}),
    "wrong token": database(PASSWORD=WRONG_TOKEN),
    "expired token": database(PASSWORD=EXPIRED_TOKEN),
    "fresh token": database(engine="fresh_token", PASSWORD=EXPIRED_TOKEN),
    "prepared": database(options={"prepare_threshold": 0, "server_side_binding": True}),
})
django.setup()

from django.db import OperationalError, close_old_connections, connection, connections, transaction  # noqa: E402


def value(statement, parameters=None, database="default"):
    with connections[database].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def write(statement, database="default"):
    with connections[database].cursor() as cursor:
        cursor.execute(statement)


def refusal(database):
    return failure(value, "SELECT 1", database=database)


def sqlstate(error):
    return getattr(error.__cause__, "sqlstate", None) or "no SQLSTATE"


def refused_login(database):
    error = refusal(database)
    return refused(error, sqlstate(error))


def connects(database="default"):
    assert value("SELECT 1", database=database) == 1


def wake():
    """As between two requests."""
    connects()
    control("suspend")
    close_old_connections()
    connects()


def crash():
    write("CREATE TABLE crashes (n int)")

    def lost():
        with transaction.atomic():
            write("INSERT INTO crashes VALUES (1)")
            control("crash")
            connects()

    error = failure(lost)
    assert isinstance(error, OperationalError), error
    close_old_connections()
    assert value("SELECT count(*) FROM crashes") == 0


def cancel():
    connection.ensure_connection()
    canceller = when_asleep(connection.connection.cancel_safe)
    error = failure(value, "SELECT pg_sleep(60)")
    canceller.join()
    connects()
    return f"{sqlstate(error)} and goes on"


def fifty_at_once():
    def ask(number, wait):
        try:
            connection.ensure_connection()
            wait()
            return value("SELECT %s::int", [number])
        finally:
            connection.close()

    return at_once(ask)


def copy_in():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE copied (n int, word text)")
        with cursor.copy("COPY copied FROM STDIN") as copy:
            for n in range(ROWS):
                copy.write_row((n, f"word {n}"))
        return f"{cursor.rowcount} rows"


def copy_out():
    with connection.cursor() as cursor, cursor.copy("COPY copied TO STDOUT") as copy:
        return f"{sum(1 for _ in copy.rows())} rows"


def prepared():
    write("CREATE TABLE migrated AS SELECT 1 AS a")

    def columns():
        with connections["prepared"].cursor() as cursor:
            cursor.execute("SELECT * FROM migrated")
            return len(cursor.description)

    return over_migration(columns, lambda: write("ALTER TABLE migrated ADD COLUMN b int"), sqlstate)


main({
    "verify-full": connects,
    "another CA": lambda: not_trusted(refusal("another CA")),
    "another host name": lambda: not_named(refusal("another host name")),
    "plaintext": lambda: sqlstate(refusal("plaintext")),
    "wrong token": lambda: refused_login("wrong token"),
    "expired token": lambda: refused_login("expired token"),
    "fresh token": lambda: connects("fresh token"),
    "wake": wake,
    "crash in a transaction": crash,
    "cancel": cancel,
    "50 at once": fifty_at_once,
    "COPY in": copy_in,
    "COPY out": copy_out,
    "prepared over a migration": prepared,
})
