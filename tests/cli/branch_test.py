#!/usr/bin/env python3
"""`lakebase branch` at an emulator.

  branch_test.py PATH/TO/lakebase PATH/TO/lakebase-emulator
"""

import json
import subprocess

from emulated import EmulatorTest
from program import LAKEBASE, main


class Branches(EmulatorTest):
    def setUp(self):
        super().setUp()
        self.project = self.make_project("shop")

    def id_of(self, *arguments):
        return self.json_of("branch", "create", *arguments)["name"].rpartition("/")[2]

    def test_list_is_a_tree(self):
        self.id_of("dev", "--ttl", "7d")
        self.id_of("staging")
        self.id_of("feature", "--from", "staging")
        plain = self.succeed("branch", "list", "shop")
        rows = plain.splitlines()
        self.assertEqual(rows[0].split(), ["BRANCH", "STATE", "AGE", "SIZE", "EXPIRES"])
        self.assertEqual([row[:rows[0].index("STATE")].rstrip() for row in rows[1:]],
                         ["production", "|- dev", "`- staging", "   `- feature"])
        self.assertRegex(rows[1], r"READY +\d+ s +\S+( [kM]B)? +never +default$")
        self.assertRegex(rows[2], r"READY .* in [67] d$")
        drawn = self.succeed("branch", "list", LC_ALL="C.UTF-8").splitlines()
        self.assertEqual([row.split("  ")[0].rstrip() for row in drawn[1:3]], ["production", "├─ dev"])
        listed = self.json_of("branch", "list", self.project)
        self.assertEqual([branch["name"].rpartition("/")[2] for branch in listed],
                         ["production", "dev", "staging", "feature"])

    def test_create(self):
        made = self.json_of("branch", "create", "dev", "--project", "shop", "--ttl", "1h")
        self.assertEqual(made["name"], f"{self.project}/branches/dev")
        self.assertEqual(made["status"]["source_branch"], f"{self.project}/branches/production")
        self.assertIn("expire_time", made["status"])
        done = self.run_program("branch", "create", "Feature/Login", "-o", "json")
        name = json.loads(done.stdout)["name"].rpartition("/")[2]
        self.assertRegex(name, r"^feature-login-[0-9a-f]{8}$")
        self.assertEqual(done.stderr, f"The branch's name is {name}.\n")
        self.assertNotIn("expire_time", json.loads(done.stdout)["status"])

    def test_the_name_comes_from_git(self):
        folder = self.home / "work" / "inner"
        folder.mkdir(parents=True)
        git = self.home / "work" / ".git"
        git.mkdir()
        (git / "HEAD").write_text("ref: refs/heads/topic\n")

        def create(where):
            return subprocess.run([LAKEBASE, "branch", "create", "-o", "json"], env=self.environment, cwd=where,
                                  capture_output=True, text=True, timeout=60)

        self.assertEqual(json.loads(create(folder).stdout)["name"], f"{self.project}/branches/topic")
        tree = self.home / "tree"
        tree.mkdir()
        (tree / ".git").write_text(f"gitdir: {git}/worktrees/tree\n")
        (git / "worktrees" / "tree").mkdir(parents=True)
        (git / "worktrees" / "tree" / "HEAD").write_text("ref: refs/heads/other\n")
        self.assertEqual(json.loads(create(tree).stdout)["name"], f"{self.project}/branches/other")
        (git / "HEAD").write_text("0123456789\n")
        self.assertEqual(create(folder).stderr, "Error: no NAME is given, and this folder is at no branch of git that "
                         "could give one\n")

    def test_create_from_an_earlier_state(self):
        self.sql(self.project, "CREATE TABLE early (id int)")
        position = self.sql(self.project, "SELECT pg_current_wal_lsn()")
        now = self.sql(self.project, "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        self.sql(self.project, "CREATE TABLE late (id int)")
        for name, moment in (("by-lsn", position), ("by-time", now)):
            self.id_of(name, "--at", moment)
            tables = self.sql(f"{self.project}/branches/{name}", "SELECT string_agg(tablename, ' ') FROM pg_tables "
                              "WHERE schemaname = 'public'")
            self.assertEqual(tables, "early", name)

    def test_diff(self):
        self.id_of("dev")
        dev = f"{self.project}/branches/dev"
        self.assertEqual(self.run_program("branch", "diff", "dev").stderr,
                         f"The schemas of {self.project}/branches/production and {dev} are equal.\n")
        self.sql(dev, "CREATE TABLE added (id int NOT NULL)")
        self.assertEqual(self.succeed("branch", "diff", "dev"),
                         "+ column public.added.id: integer NOT NULL\n+ table public.added\n")
        self.assertEqual(self.succeed("branch", "diff", "dev", "production"),
                         "- column public.added.id: integer NOT NULL\n- table public.added\n")
        found = self.json_of("branch", "diff", dev)
        self.assertEqual([each["name"] for each in found["added"]], ["public.added.id", "public.added"])
        self.assertEqual((found["removed"], found["changed"], found["after"]), ([], [], dev))
        self.fail_with(f"{self.project}/branches/production is a root branch; name another one to compare it with",
                       "branch", "diff", "production")

    def test_reset(self):
        self.id_of("dev", "--ttl", "7d")
        dev = f"{self.project}/branches/dev"
        self.sql(dev, "CREATE TABLE added (id int)")
        self.sql(self.project + "/branches/production", "CREATE TABLE newer (id int)")
        before = self.json_of("postgres", "get-branch", dev)
        refused = self.run_program("branch", "reset", "dev")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("Error: this has to be confirmed, and there is no terminal to ask at: add --yes\n", refused.stderr)
        self.assertEqual(self.json_of("postgres", "get-branch", dev)["uid"], before["uid"])
        for form in (("branch", "reset", "dev"), ("postgres", "reset-branch", dev)):
            done = self.run_program(*form, "--yes", "-o", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"{dev} is deleted with its data, and made anew from the newest state of "
                          f"{self.project}/branches/production", done.stderr)
            host = self.json_of("postgres", "list-endpoints", dev)[0]["status"]["hosts"]["host"]
            self.assertIn(f"The host is now {host}.\n", done.stderr)
            after = json.loads(done.stdout)
            self.assertNotEqual(after["uid"], before["uid"])
            self.assertEqual(after["status"]["expire_time"], before["status"]["expire_time"])
            before = after
        self.assertEqual(self.sql(dev, "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'"), "newer")

    def test_what_cannot_be_reset(self):
        self.id_of("dev")
        self.id_of("child", "--from", "dev")
        dev = f"{self.project}/branches/dev"
        root = f"{self.project}/branches/production"
        for name, why in ((dev, "it has children; delete them first: child"),
                          (root, "it is a root branch, so there is no parent to take the state from")):
            self.fail_with(f"cannot reset {name}: {why}", "branch", "reset", name, "--yes")
        self.succeed("branch", "delete", "child", "--purge")
        self.json_of("postgres", "update-branch", dev, "spec.is_protected", "--json", '{"spec": {"is_protected": true}}')
        self.fail_with(f"cannot reset {dev}: it is protected; set spec.is_protected to false first",
                       "branch", "reset", dev, "--yes")
        self.json_of("postgres", "update-branch", dev, "spec.is_protected", "--json", '{"spec": {"is_protected": false}}')

    def test_the_terminal_is_asked(self):
        self.id_of("dev")
        uid = self.json_of("postgres", "get-branch", f"{self.project}/branches/dev")["uid"]
        for word, changes in ((b"n", False), (b"y", True)):
            asked = []

            def answer(seen):
                if asked or b"[y/N]: " not in seen:
                    return None
                asked.append(True)
                return word + b"\r"

            status, seen = self.at_terminal("branch", "reset", "dev", press=answer)
            self.assertEqual(status, 0 if changes else 1, seen)
            self.assertEqual(b"Error: nothing was changed" in seen, not changes)
        self.assertNotEqual(self.json_of("postgres", "get-branch", f"{self.project}/branches/dev")["uid"], uid)

    def test_delete_and_open(self):
        self.id_of("dev")
        done = self.run_program("branch", "open", "dev", "--", "-XAtc", "SELECT 'a row'")
        self.assertEqual((done.returncode, done.stdout), (0, "a row\n"), done.stderr)
        self.succeed("branch", "delete", "dev")
        self.assertEqual(len(self.json_of("branch", "list")), 1)

    def test_several_projects(self):
        self.make_project("other")
        done = self.run_program("branch", "list")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there are 2 to choose from, and no terminal to ask at", done.stderr)
        self.assertIn("production", self.succeed("branch", "list", "other"))

    def test_what_is_refused(self):
        self.fail_with("accepts between 1 and 2 arg(s), received 0", "branch", "diff")
        self.fail_with('unknown command "rest" for "lakebase branch"; did you mean reset?', "branch", "rest")
        self.fail_with("'yesterday' is neither a time (2026-01-31T12:00:00Z) nor a position of the log (0/1A2B3C)",
                       "branch", "create", "dev", "--at", "yesterday")
        self.fail_with(f"{self.project} does not name a branch: projects/…/branches/…", "branch", "delete", self.project)


if __name__ == "__main__":
    main()
