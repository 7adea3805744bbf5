"""The checks with pgbench."""

import os
import signal

from checks import (EXPIRED_TOKEN, OTHER_CA, OTHER_HOST, OTHER_PORT, SESSIONS, WRONG_TOKEN, NoWord, control, main,
                    not_named, not_trusted, refused)
from tools import done, file, refusal, run, sql, started, wait_for

BENCH = ["pgbench", "--no-vacuum", os.environ["PGDATABASE"]]


def bench(script, *options, call=done, **variables):
    with file(script) as path:
        return call(*BENCH, f"--file={path}", *(options or ["--transactions=1"]), **variables)


def fails(**variables):
    return bench("SELECT 1;", call=refusal, **variables)


def plaintext():
    fails(PGSSLMODE="disable")
    return "no SQLSTATE"


def connects(**variables):
    bench("SELECT 1;", **variables)


def wake():
    control("suspend")
    connects()


def crash():
    sql("CREATE TABLE crashes (n int)")
    with file("BEGIN;\nINSERT INTO crashes VALUES (1);\nSELECT pg_sleep(60);\nCOMMIT;\n") as path:
        with started(*BENCH, f"--file={path}", "--transactions=1") as running:
            control("asleep")
            control("crash")
            complaint = running.communicate()[1]
            assert running.returncode == 2 and "perhaps the backend died while processing" in complaint, complaint
    assert sql("SELECT count(*) FROM crashes") == "0"


def cancel():
    """It cancels what prepares its tables."""
    initialize = ["pgbench", "--initialize", os.environ["PGDATABASE"]]
    done(*initialize, "--init-steps=dt")
    with started("psql", "-X", "-q") as other:
        other.stdin.write("BEGIN; LOCK TABLE pgbench_branches; SELECT pg_sleep(60);\n")
        other.stdin.flush()
        control("asleep")
        with started(*initialize, "--init-steps=p") as running:
            wait_for("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", "1")
            running.send_signal(signal.SIGINT)
            complaint = running.communicate()[1]
        assert running.returncode == 1 and "canceling statement due to user request" in complaint, complaint
        sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        other.communicate()
    return "canceling statement due to user request"


def fifty_at_once():
    sql("CREATE TABLE numbers (n int)")
    bench("INSERT INTO numbers VALUES (:client_id);", f"--client={SESSIONS}", "--jobs=2", "--transactions=1")
    return f"sum {sql('SELECT sum(n) FROM numbers')}"


def copy_in():
    """As many rows as it makes at least."""
    done("pgbench", "--initialize", "--init-steps=dtg", os.environ["PGDATABASE"])
    return f"{sql('SELECT count(*) FROM pgbench_accounts')} rows"


def copy_out():
    raise NoWord("it only writes")


def prepared():
    sql("CREATE TABLE migrated AS SELECT 1 AS a")
    migrate = "psql -X -q -c 'ALTER TABLE migrated ADD COLUMN IF NOT EXISTS b int'"
    script = f"SELECT * FROM migrated;\n\\set n :n + 1\n\\if :n = 2\n\\shell {migrate}\n\\endif\n"
    ended = bench(script, "--define=n=0", "--protocol=prepared", "--transactions=4", call=run)
    assert ended.returncode == 2, ended
    assert "cached plan must not change result type" in ended.stderr, ended.stderr
    counted = next(line for line in ended.stdout.splitlines() if "actually processed" in line)
    return f"{counted.split(': ')[-1]}, cached plan must not change result type"


main({
    "verify-full": connects,
    "another CA": lambda: not_trusted(fails(PGSSLROOTCERT=OTHER_CA)),
    "another host name": lambda: not_named(fails(PGHOST=OTHER_HOST, PGPORT=str(OTHER_PORT))),
    "plaintext": plaintext,
    "wrong token": lambda: refused(fails(PGPASSWORD=WRONG_TOKEN)),
    "expired token": lambda: refused(fails(PGPASSWORD=EXPIRED_TOKEN)),
    "fresh token": lambda: connects(PGPASSWORD=control("token")),
    "wake": wake,
    "crash in a transaction": crash,
    "cancel": cancel,
    "50 at once": fifty_at_once,
    "COPY in": copy_in,
    "COPY out": copy_out,
    "prepared over a migration": prepared,
})
