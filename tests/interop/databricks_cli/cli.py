"""One run of the Databricks CLI, and what is expected of it."""

import contextlib
import json
import os
import re
import subprocess
import tempfile
import time

LONGEST_RUN = 120  # seconds


class Wrong(Exception):
    """What is not as expected, in one line."""


class Cli:
    def __init__(self, program):
        self.program = program
        self.home = tempfile.TemporaryDirectory(prefix="databricks-cli-")
        self.environment = dict(os.environ, HOME=self.home.name)
        self.runs = []  # of commands; without polls, of which there are more or less
        self.is_polling = False

    def is_ours(self):
        return self.run("version").stdout.startswith("lakebase ")

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LONGEST_RUN)
        if not self.is_polling and arguments != ("version",) and "--help" not in arguments:
            self.runs.append(done)
        return done

    @contextlib.contextmanager
    def polls(self):
        self.is_polling = True
        try:
            yield
        finally:
            self.is_polling = False

    def postgres(self, command, *arguments, body=None):
        return self.printed("postgres", command, *arguments, body=body)

    def database(self, command, *arguments, body=None):
        return self.printed("database", command, *arguments, body=body)

    def printed(self, group, command, *arguments, body=None):
        """What a command prints as JSON, or None if it prints nothing."""
        done = self.run(group, command, *arguments, *with_body(body), "-o", "json")
        if done.returncode != 0:
            raise Wrong(f"exit code {done.returncode}: {one_line(done.stderr)}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def expect_failure(self, message, *arguments, body=None, begins=False):
        """A run that must fail with exit code 1 and this message, or one that begins so, without the id of a trace."""
        done = self.run(*arguments, *with_body(body))
        if done.returncode != 1:
            raise Wrong(f"exit code {done.returncode}, where 1 is expected: {one_line(done.stdout + done.stderr)}")
        seen = done.stderr[done.stderr.find("Error: "):].removeprefix("Error: ")
        seen = one_line(re.sub(r" \[TraceId: [0-9a-f]{32}\]", "", seen))
        if seen != message and not (begins and seen.startswith(message)):
            raise Wrong(f"the message is {seen}")

    def finish(self, operation):
        """Asks for an operation by get-operation until it is done; what it made."""
        deadline = time.monotonic() + LONGEST_RUN
        while True:
            with self.polls():
                operation = self.postgres("get-operation", operation["name"])
            if "error" in operation:
                raise Wrong(one_line(json.dumps(operation["error"])))
            if operation.get("done"):
                return operation["response"]
            if time.monotonic() > deadline:
                raise Wrong(f"{operation['name']} does not end")
            time.sleep(0.05)


def with_body(body):
    return [] if body is None else ["--json", json.dumps(body)]


def one_line(text):
    return " ".join(text.split())
