#!/usr/bin/env python3
"""The program as a whole: help, version, output, its other name, and the login.

  program_test.py PATH/TO/lakebase
"""

import json
import re
import subprocess

from program import LAKEBASE, PASSWORD, TOKEN, ProgramTest, main

PROJECT = {"name": "projects/p", "status": {"display_name": "Shop", "pg_version": 17, "owner": "alice"}}
ME = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "alice@example.com", "active": True}


class Program(ProgramTest):
    def setUp(self):
        super().setUp()
        self.workspace.on("GET", "/api/2.0/postgres/projects/p", PROJECT)
        self.workspace.on("GET", "/api/2.0/preview/scim/v2/Me", ME)

    def test_version(self):
        self.assertRegex(self.succeed("--version"), r"^lakebase \d+\.\d+\.\d+\n$")
        self.assertEqual(self.succeed("version"), self.succeed("--version"))

    def check_help(self, *words):
        """It has an example; the same is so of the commands that it lists. Returns how many there are."""
        text = self.succeed(*words, "--help")
        name = " ".join(("lakebase", *words))
        self.assertIn(f"Usage:\n  {name}", text)
        self.assertRegex(text, f"\nExample:\n  {name} *")
        listed = re.search(r"\nCommands:\n((?:  .*\n)+)", text)
        commands = re.findall(r"^  (\S+)  ", listed[1], re.MULTILINE) if listed else []
        return 1 + sum(self.check_help(*words, command) for command in commands)

    def test_each_command_has_a_help_with_an_example(self):
        self.assertGreater(self.check_help(), 120)

    def test_groups_show_their_commands(self):
        for arguments in ([], ["--help"], ["help"], ["postgres"], ["database", "-h"], ["auth"], ["current-user"]):
            self.assertIn("Commands:\n", self.succeed(*arguments), arguments)

    def test_output(self):
        printed = self.succeed("postgres", "get-project", "projects/p", "-o", "json")
        self.assertEqual(printed, json.dumps(json.loads(printed), indent=2) + "\n")
        self.assertEqual(json.loads(printed), PROJECT)
        for arguments in (["-ojson"], ["--output=json"], ["-o=json"], ["--output", "json"]):
            self.assertEqual(self.succeed("postgres", "get-project", "projects/p", *arguments), printed)
        self.assertEqual(self.succeed("-o", "json", "postgres", "get-project", "projects/p"), printed)
        self.assertEqual(self.succeed("postgres", "get-project", "projects/p", DATABRICKS_OUTPUT_FORMAT="json"), printed)
        self.assertEqual(self.succeed("postgres", "get-project", "projects/p").splitlines(), [
            "name:                 projects/p", "status.display_name:  Shop", "status.owner:         alice",
            "status.pg_version:    17"])

    def test_lists_are_printed_as_arrays(self):
        self.workspace.on("GET", "/api/2.0/postgres/projects", {"projects": [PROJECT, PROJECT]})
        printed = self.succeed("postgres", "list-projects", "-o", "json")
        self.assertEqual(printed, json.dumps(json.loads(printed), indent=2) + "\n")
        self.assertEqual(json.loads(printed), [PROJECT, PROJECT])

    def test_help_of_a_command(self):
        self.assertEqual(self.succeed("help", "psql"), self.succeed("psql", "--help"))
        self.assertEqual(self.succeed("help", "postgres", "get-project"), self.succeed("postgres", "get-project", "--help"))
        self.fail_with('unknown command "psq" for "lakebase"; did you mean psql?', "help", "psq")

    def test_output_that_cannot_be_written(self):
        for arguments in ("--help", "--version", "postgres get-project projects/p", "completion bash"):
            done = subprocess.run(["sh", "-c", f'"{LAKEBASE}" {arguments} >&-'], env=self.environment, capture_output=True,
                                  text=True)
            self.assertEqual((done.returncode, done.stderr), (1, "Error: cannot write to standard output: Bad file descriptor\n"))

    def test_its_other_name(self):
        with self.other_name("databricks") as databricks:
            self.assertEqual(json.loads(self.succeed("postgres", "get-project", "projects/p", program=databricks)), PROJECT)
            self.assertEqual(json.loads(self.succeed("current-user", "me", program=databricks)), ME)
            self.assertTrue(self.succeed("auth", "describe", program=databricks).startswith("Host: "))
            self.fail_with('unknown command "clusters" for "databricks"', "clusters", program=databricks)

    def test_a_closed_pipe_is_no_error(self):
        many = [{"name": f"projects/p{number}"} for number in range(20000)]
        self.workspace.on("GET", "/api/2.0/postgres/projects", {"projects": many})
        script = f'"{LAKEBASE}" postgres list-projects -o json; echo $? >"$HOME/status"'
        done = subprocess.run(["sh", "-c", f"({script}) | head -n 1"], env=self.environment, capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr), ("[\n", ""))
        self.assertEqual((self.home / "status").read_text(), "0\n")

    def test_current_user(self):
        self.assertEqual(self.json_of("current-user", "me"), ME)
        self.assertIn("userName:  alice@example.com\n", self.succeed("current-user", "me"))

    def test_auth_describe_masks_secrets(self):
        text = self.succeed("auth", "describe")
        self.assertIn(f"Host: {self.workspace.host}\nUser: alice@example.com\n", text)
        self.assertIn("token: ******** (from DATABRICKS_TOKEN environment variable)", text)
        self.assertIn("Authenticated with: pat\n", text)
        found = self.json_of("auth", "describe")
        self.assertEqual((found["status"], found["username"], found["details"]["auth_type"]),
                         ("success", "alice@example.com", "pat"))
        self.assertEqual(found["details"]["configuration"]["host"], {
            "value": self.workspace.host, "source": {"type": "environment variable", "name": "DATABRICKS_HOST"}})
        self.assertIn(f"token: {TOKEN} ", self.succeed("auth", "describe", "--sensitive"))

    def test_auth_describe_says_why_a_login_fails(self):
        self.workspace.on("GET", "/api/2.0/preview/scim/v2/Me", {"error_code": "PERMISSION_DENIED", "message": "not you"},
                          status=403)
        self.assertTrue(self.succeed("auth", "describe").startswith("Unable to authenticate: not you\n-----\n"))

    def test_auth_env_has_them(self):
        self.assertEqual(json.loads(self.succeed("auth", "env"))["env"]["DATABRICKS_TOKEN"], TOKEN)

    def test_flags_of_the_databricks_cli_that_have_no_effect(self):
        done = self.run_program("postgres", "get-project", "projects/p", "-t", "dev", "--log-file", "x", "-o", "json")
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, PROJECT))
        self.assertEqual(done.stderr, "Note: --target names a bundle of the Databricks CLI, and has no effect here.\n")

    def test_a_profile(self):
        for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
            del self.environment[name]
        (self.home / ".databrickscfg").write_text(f"[shop]\nhost = {self.workspace.host}\ntoken = {TOKEN}\n")
        self.assertEqual(self.json_of("postgres", "get-project", "projects/p", "-p", "shop"), PROJECT)
        self.assertEqual(self.json_of("--profile", "shop", "postgres", "get-project", "projects/p"), PROJECT)
        done = self.run_program("postgres", "get-project", "projects/p", "-p", "missing")
        self.assertEqual(done.returncode, 1)
        self.assertIn("missing", done.stderr)

    def test_debug_shows_requests_without_secrets(self):
        done = self.run_program("postgres", "get-project", "projects/p", "--debug")
        self.assertEqual(done.returncode, 0)
        self.assertIn("GET /api/2.0/postgres/projects/p", done.stderr)
        self.assertNotIn("planted", done.stderr)

    def test_debug_hides_secrets_of_responses(self):
        role = "projects/p/branches/b/roles/r"
        self.workspace.on("POST", f"/api/2.0/postgres/{role}/password", {"password": PASSWORD})
        self.workspace.on("POST", "/api/2.0/postgres/credentials", {"token": PASSWORD})
        for arguments in (["reveal-role-password", role], ["generate-database-credential", "e"]):
            done = self.run_program("postgres", *arguments, "-o", "json", "--debug")
            self.assertEqual(done.returncode, 0)
            self.assertIn(PASSWORD, done.stdout)
            self.assertNotIn("planted", done.stderr)

    def test_errors_say_what_to_do(self):
        def refuse(status, message):
            self.workspace.on("PATCH", "/api/2.0/postgres/projects/p/branches/b",
                              {"error_code": "INVALID_PARAMETER_VALUE", "message": message}, status=status)

        update = ["postgres", "update-branch", "projects/p/branches/b", "spec.ttl", "--json", '{"spec": {"ttl": "60s"}}']
        for status, message, what in (
                (400, "Unknown field path in update_mask: 'spec.ttl'", "name that group in the mask, and fill in ttl."),
                (400, "The autoscaling range is too wide", "The two limits may be at most 16 CU apart"),
                (400, "Cannot delete a protected branch", "Set spec.is_protected = false on the branch first."),
                (400, "no storage catalog", "new_pipeline_spec.storage_catalog"),
                (400, 'invalid byte sequence for encoding "UTF8": 0x00', "holds no zero byte"),
                (403, "User does not have permission 'Can Use'", "Ask an owner of the project for the permission 'Can Use'.")):
            refuse(status, message)
            done = self.run_program(*update)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            first, second = done.stderr.splitlines()
            self.assertEqual(first, f"Error: {message}")
            self.assertTrue(second.startswith("  what to do: "), second)
            self.assertIn(what, second)
        with self.other_name("databricks") as databricks:
            self.assertEqual(self.run_program(*update, program=databricks).stderr, f"Error: {message}\n")
        refuse(400, "something else")
        self.fail_with("something else", *update)
        self.assertEqual(self.run_program(*update).stderr, "Error: something else\n")

    def test_errors_do_not_command_the_terminal(self):
        self.workspace.on("GET", "/api/2.0/postgres/projects/p", {"message": "no\x1b]0;x\x07\nsecond"}, status=400)
        self.fail_with("no ]0;x  second", "postgres", "get-project", "projects/p")
        self.fail_with('unknown command "?[2J" for "lakebase"', "\x1b[2J")

    def test_errors_hide_the_token(self):
        self.workspace.on("GET", "/api/2.0/postgres/projects/p", {"error_code": "BAD_REQUEST", "message": f"no: {TOKEN}"},
                          status=400)
        done = self.run_program("postgres", "get-project", "projects/p")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("planted", done.stderr)


if __name__ == "__main__":
    main()
