"""The program `lakebase` as it is typed, and a workspace of canned responses for it."""

import contextlib
import fcntl
import http.server
import json
import os
import pathlib
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

TOKEN = "planted-token"  # which must be in nothing that is printed
PASSWORD = "planted-password"
LAKEBASE = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
LONGEST_RUN = 60  # seconds


class Workspace:
    """A server on loopback: requests to (method, path) get what `on` was told, several in turn; each is written down."""

    def __init__(self):
        self.responses = {}
        self.requests = []
        workspace = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, query = self.path.partition("?")
                workspace.requests.append((self.command, path, query, json.loads(body) if body else None))
                status, content = workspace.next_response(self.command, path)
                text = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = respond

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next_response(self, method, path):
        found = self.responses.get((method, path))
        if not found:
            return 404, {"error_code": "NOT_FOUND", "message": f"{method} {path} is not there"}
        return found.pop(0) if len(found) > 1 else found[0]

    def on(self, method, path, *contents, status=200):
        self.responses[method, path] = [(status, content) for content in contents]

    @property
    def host(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class ProgramTest(unittest.TestCase):
    """Each test has a workspace and a home of its own."""

    def setUp(self):
        self.workspace = Workspace()
        self.addCleanup(self.workspace.close)
        home = tempfile.TemporaryDirectory(prefix="lakebase-cli-")
        self.addCleanup(home.cleanup)
        self.home = pathlib.Path(home.name)
        self.environment = {"PATH": os.environ["PATH"], "HOME": home.name, "DATABRICKS_HOST": self.workspace.host,
                            "DATABRICKS_TOKEN": TOKEN}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def run_program(self, *arguments, text="", program=LAKEBASE, **variables):
        return subprocess.run([program, *arguments], env={**self.environment, **variables}, input=text,
                              capture_output=True, text=True, timeout=LONGEST_RUN)

    def at_terminal(self, *arguments, press=None, columns=80, output=None, **variables):
        """Runs it at a terminal, and returns its status and what the terminal showed. `press` is asked after each piece of that
        for keys. `output`, if given, is the standard output instead of the terminal."""
        terminal, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        with subprocess.Popen([LAKEBASE, *arguments], env={**self.environment, "TERM": "xterm", **variables}, stdin=side,
                              stdout=side if output is None else output, stderr=side, start_new_session=True,
                              preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) as program:
            os.close(side)
            seen = b""
            while select.select([terminal], [], [], LONGEST_RUN)[0]:
                try:
                    seen += os.read(terminal, 65536)
                except OSError:
                    break
                if press and (keys := press(seen)):
                    os.write(terminal, keys)
            os.close(terminal)
            return program.wait(LONGEST_RUN), seen

    def interrupt(self, *arguments, after, **options):
        """Presses Ctrl-C as soon as the terminal shows `after`; it has to end soon. Returns its status and what comes then."""
        pressed = []

        def press(seen):
            if pressed or after not in seen:
                return None
            pressed.append(time.monotonic())
            return b"\x03"

        status, seen = self.at_terminal(*arguments, press=press, **options)
        self.assertTrue(pressed, seen)
        self.assertLess(time.monotonic() - pressed[0], 5)
        return status, seen.partition(b"^C")[2].replace(b"\r\x1b[K", b"").decode().replace("\r\n", "\n")

    def succeed(self, *arguments, **options):
        """What it prints; it must say nothing on standard error."""
        done = self.run_program(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def json_of(self, *arguments, **options):
        return json.loads(self.succeed(*arguments, "-o", "json", **options))

    def fail_with(self, message, *arguments, status=1, **options):
        """It must print nothing, and this error, perhaps with how it is used or what to do below."""
        done = self.run_program(*arguments, **options)
        self.assertEqual((done.returncode, done.stdout), (status, ""), (arguments, done.stderr))
        error = done.stderr[done.stderr.index("Error: "):].removeprefix("Error: ")
        error = error.partition("\n\nUsage:")[0].partition("\n  what to do: ")[0].rstrip("\n")
        self.assertEqual(error, message, arguments)
        return done.stderr

    def sent(self):
        """What has been sent so far, without the polls of operations: method, path, query and body."""
        return [request for request in self.workspace.requests if "/operations/" not in request[1]]

    @contextlib.contextmanager
    def other_name(self, name):
        """A symbolic link to the program."""
        link = self.home / name
        link.symlink_to(LAKEBASE)
        yield link


def main():
    unittest.main()
