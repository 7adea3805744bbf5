#!/usr/bin/env python3
"""Waiting for operations: what is printed, the line on a terminal, the limit, and Ctrl-C.

  wait_test.py PATH/TO/lakebase
"""

import signal
import subprocess
import time

from program import LAKEBASE, ProgramTest, main

OPERATION = "projects/p/operations/1"
RUNNING = {"name": OPERATION, "done": False}
DONE = {"name": OPERATION, "done": True, "response": {"name": "projects/p", "uid": "u"}}
CREATE = ["postgres", "create-project", "p"]
GOES_ON = f"The operation goes on. To see how far it is: lakebase postgres get-operation {OPERATION}"


class Wait(ProgramTest):
    def setUp(self):
        super().setUp()
        self.workspace.on("POST", "/api/2.0/postgres/projects", RUNNING)

    def polls(self, *contents):
        self.workspace.on("GET", f"/api/2.0/postgres/{OPERATION}", *contents)

    def test_prints_the_resource(self):
        self.polls(RUNNING, RUNNING, DONE)
        self.assertEqual(self.json_of(*CREATE), DONE["response"])

    def test_without_waiting_prints_the_operation(self):
        self.polls(RUNNING)
        self.assertEqual(self.json_of(*CREATE, "--no-wait"), RUNNING)

    def test_deletions_print_nothing_or_the_operation(self):
        self.workspace.on("DELETE", "/api/2.0/postgres/projects/p", RUNNING)
        self.polls(RUNNING, {"name": OPERATION, "done": True, "response": {}})
        self.assertEqual(self.succeed("postgres", "delete-project", "projects/p"), "")
        self.polls(RUNNING)
        self.assertEqual(self.json_of("postgres", "delete-project", "projects/p", "--no-wait"), RUNNING)

    def test_an_operation_that_fails(self):
        self.polls(RUNNING, {"name": OPERATION, "done": True, "error": {"error_code": "BAD_REQUEST", "message": "too many"}})
        self.fail_with("too many", *CREATE)

    def test_a_limit(self):
        self.polls(RUNNING)
        error = self.run_program(*CREATE, "--timeout", "200ms")
        self.assertEqual(error.returncode, 1)
        self.assertTrue(error.stderr.endswith(GOES_ON + "\n"), error.stderr)

    def test_ctrl_c_ends_a_wait_at_once(self):
        self.polls(RUNNING)
        with subprocess.Popen([LAKEBASE, *CREATE], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as program:
            deadline = time.monotonic() + 30
            while len(self.workspace.requests) < 3 and time.monotonic() < deadline:
                time.sleep(0.01)
            start = time.monotonic()
            program.send_signal(signal.SIGINT)
            printed, said = program.communicate(timeout=30)
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual((program.returncode, printed, said), (130, "", f"Error: interrupted\n{GOES_ON}\n"))

    def test_ctrl_c_at_a_terminal(self):
        self.polls(RUNNING)
        self.assertEqual(self.interrupt(*CREATE, after=b"waiting for"), (130, f"Error: interrupted\n{GOES_ON}\n"))

    def test_ctrl_c_while_a_branch_is_made_or_deleted(self):
        self.polls(RUNNING)
        self.workspace.on("POST", "/api/2.0/postgres/projects/p/branches", RUNNING)
        self.workspace.on("DELETE", "/api/2.0/postgres/projects/p/branches/dev", RUNNING)
        for arguments, shown in ((["create", "dev"], b"making dev"), (["delete", "dev"], b"deleting projects/p/branches/dev")):
            status, said = self.interrupt("branch", *arguments, "--project", "p", after=shown)
            self.assertEqual((status, said), (130, f"Error: interrupted\n{GOES_ON}\n"))

    def test_ctrl_c_at_a_question(self):
        self.workspace.on("GET", "/api/2.0/postgres/projects", {"projects": [{"name": "projects/p"}, {"name": "projects/q"}]})
        for words in (["create", "dev"], ["delete", "dev"], ["diff", "dev"], ["list"]):
            status, said = self.interrupt("branch", *words, after=b"Select project [1]: ")
            self.assertEqual((status, said), (-signal.SIGINT, ""), words)

    def on_terminal(self, **options):
        """What a terminal shows during a wait of half a second."""
        self.polls(*[RUNNING] * 8, DONE)
        status, seen = self.at_terminal(*CREATE, "-o", "json", output=subprocess.DEVNULL, **options)
        self.assertEqual(status, 0)
        return seen

    def test_a_narrow_terminal_has_one_line_only(self):
        name = f"projects/{'p' * 60}/operations/1"
        self.workspace.on("POST", "/api/2.0/postgres/projects", {"name": name, "done": False})
        self.workspace.on("GET", f"/api/2.0/postgres/{name}", *[{"name": name, "done": False}] * 8, {**DONE, "name": name})
        status, seen = self.at_terminal(*CREATE, columns=40, output=subprocess.DEVNULL)
        lines = seen.decode().split("\r\x1b[K")
        self.assertEqual((status, lines[0], lines[-1]), (0, "", ""))
        self.assertRegex(lines[1], r"^\| waiting for pr\.\.\.p/operations/1 \(0 s\)$")
        self.assertLess(max(map(len, lines)), 40)

    def test_a_terminal_shows_what_is_waited_for_and_then_a_clean_line(self):
        seen = self.on_terminal(NO_COLOR="1")
        self.assertIn(f"waiting for {OPERATION} (0 s)".encode(), seen)
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen)
        self.assertNotIn(b"\x1b[3", seen)  # no colours

    def test_a_terminal_that_cannot_erase_shows_nothing(self):
        self.assertEqual(self.on_terminal(TERM="dumb"), b"")


if __name__ == "__main__":
    main()
