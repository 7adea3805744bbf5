"""What the checks of PostgreSQL's programs share: they take what they are not given from the PG variables."""

import contextlib
import os
import pathlib
import pty
import subprocess
import tempfile
import termios
import time

from checks import ROWS, SESSIONS

LONGEST = 60  # seconds
PSQL = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate"]


def run(*command, stdin=None, **variables):
    return subprocess.run(command, env={**os.environ, **variables}, input=stdin, capture_output=True, text=True,
                          timeout=LONGEST)


def done(*command, **more):
    """What a program that succeeds prints."""
    ended = run(*command, **more)
    assert ended.returncode == 0, f"{command[0]} ended with {ended.returncode}: {ended.stderr}"
    return ended.stdout


def refusal(*command, **variables):
    """What a program that does not succeed prints as its error."""
    ended = run(*command, **variables)
    assert ended.returncode != 0, f"{command[0]} succeeded"
    return ended.stderr


def sql(statement, **variables):
    return done(*PSQL, "-c", statement, **variables).strip()


def wait_for(statement, wanted):
    deadline = time.monotonic() + 30
    while (seen := sql(statement)) != wanted:
        assert time.monotonic() < deadline, f"{statement}: {seen}"


@contextlib.contextmanager
def started(*command, **variables):
    """A program that runs meanwhile; `communicate` gives what it printed."""
    with subprocess.Popen(command, env={**os.environ, **variables}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def folder():
    """A temporary folder."""
    return tempfile.TemporaryDirectory(prefix="interop-")


@contextlib.contextmanager
def file(text):
    with folder() as where:
        path = pathlib.Path(where) / "file"
        path.write_text(text)
        yield str(path)


class Terminal:
    """psql at a terminal, where it goes on after an error, a cancel and the end of a session."""

    def __init__(self, **variables):
        self.ours, theirs = pty.openpty()
        attributes = termios.tcgetattr(theirs)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, attributes)
        prompts = ["-v", "PROMPT1=", "-v", "PROMPT2=", "-v", "PROMPT3="]
        self.process = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-n", "-v", "VERBOSITY=sqlstate", *prompts],
                                        env={**os.environ, "PAGER": "", **variables},
                                        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)

    def ask(self, line):
        """What it prints."""
        os.write(self.ours, f"{line}\n\\echo done\n".encode())
        seen = ""
        while not seen.endswith("done\r\n"):
            try:
                seen += os.read(self.ours, 65536).decode()
            except OSError as error:  # so a terminal tells that its program has ended
                raise AssertionError(f"psql has ended: {seen}") from error
        return seen.removesuffix("done\r\n").strip()


def sum_at_once(**variables):
    """The sum of what as many sessions of psql say, all of which are open when the first is asked."""
    with contextlib.ExitStack() as all_of_them:
        sessions = [all_of_them.enter_context(started(*PSQL, **variables)) for _ in range(SESSIONS)]
        for session in sessions:
            session.stdin.write("SELECT 'open';\n")
            session.stdin.flush()
        for session in sessions:
            assert session.stdout.readline() == "open\n", session.communicate()[1]
        return f"sum {sum(int(session.communicate(f'SELECT {n};')[0]) for n, session in enumerate(sessions))}"


def copy_in(**variables):
    sql("CREATE TABLE copied (n int, word text)", **variables)
    lines = "".join(f"{n}\tword {n}\n" for n in range(ROWS))
    done(*PSQL, "-c", "\\copy copied FROM STDIN", stdin=lines, **variables)
    return f"{sql('SELECT count(*) FROM copied', **variables)} rows"


def copy_out(**variables):
    lines = done(*PSQL, "-c", "\\copy copied TO STDOUT", **variables).splitlines()
    return f"{len(lines)} rows"


def prepared(**variables):
    sql("CREATE TABLE migrated AS SELECT 1 AS a")
    seen = []
    with Terminal(**variables) as terminal:
        terminal.ask("PREPARE every AS SELECT * FROM migrated;")
        for times in range(4):
            if times == 2:
                sql("ALTER TABLE migrated ADD COLUMN b int")
            row = terminal.ask("EXECUTE every;")
            seen.append(row.removeprefix("ERROR:").strip() if row.startswith("ERROR") else str(len(row.split("|"))))
    return ", ".join(seen)
