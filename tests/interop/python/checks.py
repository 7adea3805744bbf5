"""What the checks of the Python clients share: see ../README.md."""

import concurrent.futures
import os
import sys
import threading
import urllib.error
import urllib.request

ROWS = 10_000
SESSIONS = 50

OTHER_HOST = os.environ["INTEROP_OTHER_HOST"]
OTHER_PORT = int(os.environ["INTEROP_OTHER_PORT"])
OTHER_CA = os.environ["INTEROP_OTHER_CA"]
WRONG_TOKEN = os.environ["PGPASSWORD"] + "x"
EXPIRED_TOKEN = os.environ["INTEROP_EXPIRED_TOKEN"]


class NoWord(Exception):
    """Of a check that the client has no word for: the reason."""


def main(checks):
    """Runs the checks, name to function, in their order, prints a line for each, and ends the program."""
    status = 0
    for name, check in checks.items():
        try:
            seen = check()
            line = f"ok {name}" if seen is None else f"ok {name}: {seen}"
        except NoWord as reason:
            line = f"none {name}: {reason}"
        except Exception as error:
            line = f"FAIL {name}: {type(error).__name__} {error}"
            status = 1
        print(" ".join(line.split()), flush=True)
    sys.exit(status)


def control(what):
    """Asks something of the server: token, suspend, crash, group, failover, or asleep."""
    try:
        with urllib.request.urlopen(f"{os.environ['INTEROP_CONTROL']}/{what}", timeout=60) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        raise RuntimeError(error.read().decode()) from None


def failure(call, *arguments, **more):
    """The error of something that must fail."""
    try:
        call(*arguments, **more)
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


def not_trusted(error, *words):
    """Whether a connect failed on the certificate, in one of these words."""
    assert any(word in str(error) for word in words or ["certificate verify failed"]), error


def not_named(error):
    """Whether a connect failed on the certificate's name, in the words of libpq, of Python or of PgBouncer."""
    assert any(words in str(error) for words in ("does not match host name", "IP address mismatch",
                                               "not present in server certificate")), error


def refused(error, sqlstate=None):
    """Whether a login was refused in the server's words; the SQLSTATE that the client tells."""
    assert os.environ["INTEROP_REFUSAL"] in str(error), error
    return sqlstate or getattr(error, "sqlstate", None) or "no SQLSTATE"


def when_asleep(cancel):
    """Starts a thread that cancels once a statement sleeps. Join it."""
    thread = threading.Thread(target=lambda: (control("asleep"), cancel()))
    thread.start()
    return thread


def at_once(ask):
    """Calls a function in as many threads as sessions are to be open, with a number and what waits for the others."""
    everyone = threading.Barrier(SESSIONS, timeout=60)
    with concurrent.futures.ThreadPoolExecutor(SESSIONS) as threads:
        return f"sum {sum(threads.map(lambda number: ask(number, everyone.wait), range(SESSIONS)))}"


def over_migration(columns, migrate, sqlstate):
    """What a statement shows before and after a migration, each time twice: its columns, or the SQLSTATE."""
    seen = []
    for times in range(4):
        if times == 2:
            migrate()
        try:
            seen.append(str(columns()))
        except Exception as error:
            seen.append(sqlstate(error))
    return ", ".join(seen)
