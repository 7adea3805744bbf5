"""A run of the emulator as a program: started, called over plain HTTP, stopped or killed, started again on its folder."""

import ctypes
import http.client
import json
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request

BASE = "/api/2.0/postgres/"
# Limits of time are against a hang, not about speed: a run may be slow by a sanitizer and by others on the machine.
PATIENCE = 300


class Mismatch(Exception):
    """The emulator did what the model rules out."""


def end_with_parent():
    """Before exec: the process is stopped when its parent ends, however that is ended."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Response:
    """What was answered: the status, and the body as JSON, or as text where it is none."""

    def __init__(self, status, text):
        self.status = status
        self.text = text
        try:
            self.json = json.loads(text)
        except ValueError:
            self.json = None

    @property
    def code(self):
        return self.json.get("error_code") if isinstance(self.json, dict) else None


def log_of(folder):
    """The log that all lives of a data folder write to."""
    return folder + ".log"


class Life:
    """One process of the emulator."""

    def __init__(self, program, folder, arguments=()):
        self.log = log_of(folder)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [program, "--data-dir", folder, "--postgres-port", "0", *arguments],
                stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True,
                preexec_fn=end_with_parent)
        self.environment = {}
        for line in self.process.stdout:
            if line.startswith("ready"):
                break
            name, _, value = line.strip().removeprefix("export ").partition("=")
            self.environment[name] = value.strip("'\"")
        else:
            raise Mismatch(f"the emulator does not start: it ended with {self.process.wait()}")
        self.address = self.environment["DATABRICKS_HOST"].removeprefix("http://")
        self.connection = None

    def call(self, verb, path, query=(), body=None):
        """One request. A connection that the server closed meanwhile is replaced."""
        target = BASE + urllib.parse.quote(path, safe="/:@+=") + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Authorization": "Bearer " + self.environment["DATABRICKS_TOKEN"]}
        data = None if body is None else body.encode("utf-8", "surrogatepass")
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
            try:
                self.connection.request(verb, target, data, headers)
                response = self.connection.getresponse()
                return Response(response.status, response.read().decode())
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def advance(self, span):
        """Moves the emulator's clock."""
        request = urllib.request.Request(
            f"http://{self.address}/emulator/clock", method="POST", data=json.dumps({"advance": span}).encode(),
            headers={"Authorization": "Bearer " + self.environment["DATABRICKS_TOKEN"]})
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            moved = json.load(response)
        if "still_running" in moved:
            raise Mismatch(f"after {span} there runs still {moved['still_running']}")

    def wait(self, name):
        """The operation of that name when it is done, or None if that takes too long."""
        end = time.monotonic() + PATIENCE
        pause = 0.002
        while True:
            response = self.call("GET", name)
            if response.status != 200 or response.json.get("done"):
                return response
            if time.monotonic() > end:
                return None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def end(self, how=signal.SIGTERM):
        """Stops the process, or kills it with SIGKILL; its exit status."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Mismatch(f"the emulator does not end within {PATIENCE} s of {how.name}") from None
        finally:
            self.process.stdout.close()


def last_of_log(path, size=4000):
    """The end of a log."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()[-size:]


def sanitizer_report(path, size=8000):
    """What a sanitizer has written into a log; empty if nothing."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    found = re.search("WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer|runtime error:", text)
    return text[found.start():found.start() + size] if found else ""
