"""The checks with pg_dump and pg_restore, of the major version that is installed: an older one refuses a newer server."""

import pathlib
import re
import signal
import sys

from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, ROWS, SESSIONS, WRONG_TOKEN, NoWord, control, main,
                    not_named, not_trusted, refused)
from tools import done, folder, refusal, sql, started, wait_for

DUMP = ["pg_dump", "--schema-only"]
RESTORE = ["pg_restore", "--dbname="]
SLEEPERS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
# What is written to the table waits, if the setting says so.
SLOW = """
CREATE SCHEMA slow;
CREATE FUNCTION slow.slowly() RETURNS bool LANGUAGE plpgsql AS $$BEGIN
  IF current_setting('app.slow', true) = 'on' THEN PERFORM pg_sleep(60); END IF;
  RETURN true;
END$$;
CREATE TABLE slow.crashes (n int CHECK (slow.slowly()));
INSERT INTO slow.crashes VALUES (1);
"""


def plaintext():
    refusal(*DUMP, PGSSLMODE="disable")
    return "no SQLSTATE"


def dumps(**variables):
    assert "PostgreSQL database dump complete" in done(*DUMP, **variables)


def wake():
    control("suspend")
    dumps()


def slow_restore(where):
    """A restore in a transaction, which sleeps at the table's row."""
    return started(*RESTORE, "--clean", "--single-transaction", str(where), PGOPTIONS="-c app.slow=on")


def crash():
    sql(SLOW)
    with folder() as where:
        dump = pathlib.Path(where) / "dump"
        done("pg_dump", "--format=custom", "--schema=slow", f"--file={dump}")
        sql("TRUNCATE slow.crashes")
        with slow_restore(dump) as restore:
            wait_for(SLEEPERS, "1")
            control("crash")
            complaint = restore.communicate()[1]
            assert restore.returncode != 0 and re.search("closed|EOF detected|reset", complaint), complaint
    assert sql("SELECT count(*) FROM slow.crashes") == "0"


def cancel():
    with folder() as where:
        dump = pathlib.Path(where) / "dump"
        done("pg_dump", "--format=custom", "--schema=slow", f"--file={dump}")
        sql("INSERT INTO slow.crashes VALUES (1)")
        done("pg_dump", "--format=custom", "--schema=slow", f"--file={dump}")
        with slow_restore(dump) as restore:
            wait_for(SLEEPERS, "1")
            restore.send_signal(signal.SIGINT)
            complaint = restore.communicate()[1]
            assert "terminated by user" in complaint, complaint
            wait_for(SLEEPERS, "0")
    return "terminated by user, and so is the statement"


def fifty_at_once():
    """The leader of pg_dump, and a session for each of its jobs."""
    tables = " ".join(f"CREATE TABLE numbers.n{n} AS SELECT {n} AS n;" for n in range(SESSIONS))
    sql(f"CREATE SCHEMA numbers; {tables}")
    with folder() as where:
        done("pg_dump", "--format=directory", f"--jobs={SESSIONS - 1}", "--schema=numbers", f"--file={where}/dump")
        sql("DROP SCHEMA numbers CASCADE")
        done(*RESTORE, f"--jobs={SESSIONS}", f"{where}/dump")
    return "sum " + sql("SELECT sum(n) FROM (%s) AS all_of_them" % " UNION ALL ".join(
        f"SELECT n FROM numbers.n{n}" for n in range(SESSIONS)))


def copy_in():
    sql(f"CREATE TABLE copied AS SELECT n, 'word ' || n AS word FROM generate_series(1, {ROWS}) AS n")
    with folder() as where:
        done("pg_dump", "--format=custom", "--table=copied", f"--file={where}/dump")
        sql("DROP TABLE copied")
        done(*RESTORE, f"{where}/dump")
    return sql("SELECT count(*) FROM copied") + " rows"


def copy_out():
    lines = done("pg_dump", "--data-only", "--table=copied").splitlines()
    return f"{sum(1 for line in lines if '	word ' in line)} rows"


def prepared():
    raise NoWord("they ask nothing twice")


if int(sql("SHOW server_version_num")) // 10000 > int(re.search(r"\) (\d+)", done("pg_dump", "--version"))[1]):
    print("pg_dump is older than the server", file=sys.stderr)
    sys.exit(77)
main({
    "verify-full": dumps,
    "another CA": lambda: not_trusted(refusal(*DUMP, PGSSLROOTCERT=OTHER_CA)),
    "another host name": lambda: not_named(refusal(*DUMP, PGHOST=OTHER_HOST, PGPORT=str(OTHER_PORT))),
    "plaintext": plaintext,
    "wrong token": lambda: refused(refusal(*DUMP, PGPASSWORD=WRONG_TOKEN)),
    "expired token": lambda: refused(refusal(*DUMP, PGPASSWORD=EXPIRED_TOKEN)),
    "fresh token": lambda: dumps(PGPASSWORD=control("token")),
    "wake": wake,
    "crash in a transaction": crash,
    "cancel": cancel,
    "50 at once": fifty_at_once,
    "COPY in": copy_in,
    "COPY out": copy_out,
    "prepared over a migration": prepared,
})
