"""A run of the emulator as a program: started, called over plain HTTP, stopped or killed, started again on its folder."""

import ctypes
import http.client
import json
import signal
import subprocess
import time
import urllib.parse

BASE = "/api/2.0/postgres/"


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


class Life:
    """One process of the emulator. Its log is FOLDER.log, which all lives of the folder write to."""

    def __init__(self, program, folder, arguments=()):
        self.log = folder + ".log"
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
            self.process.wait()
            raise SystemExit(f"the emulator does not start; see {self.log}")
        self.address = self.environment["DATABRICKS_HOST"].removeprefix("http://")
        self.connection = None

    def call(self, verb, path, query=(), body=None):
        """One request. A connection that the server closed meanwhile is replaced."""
        target = BASE + urllib.parse.quote(path, safe="/:@+=") + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Authorization": "Bearer " + self.environment["DATABRICKS_TOKEN"]}
        data = None if body is None else body.encode("utf-8", "surrogatepass")
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address, timeout=300)
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

    def wait(self, name, patience):
        """The operation of that name when it is done, or None if it is not after `patience` seconds."""
        end = time.monotonic() + patience
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
        status = self.process.wait(60)
        self.process.stdout.close()
        return status
