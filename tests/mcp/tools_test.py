#!/usr/bin/env python3
"""The tools of lakebase-mcp at an emulator: tools_test.py PATH/TO/lakebase-mcp. Run with the emulator's environment."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

from client import Client

PROGRAM = sys.argv.pop(1)
PRODUCTION = "projects/tools/branches/production"
FORM = {"elicitation": {}}
YES = {"action": "accept", "content": {"confirm": True}}
NO = {"action": "decline"}


def setUpModule():
    with Client(PROGRAM) as client:
        made, failed = client.call("manage_lakebase_database", action="create_or_update", name="tools", type="autoscale")
        assert not failed, made
        progress = [note["params"] for note in client.notifications if note["method"] == "notifications/progress"]
        assert any(each["message"].startswith("creating the project tools: ") for each in progress), client.notifications


class ToolsTest(unittest.TestCase):
    def setUp(self):
        self.client = self.enterContext(Client(PROGRAM))

    def done(self, tool, /, **arguments):
        result, failed = self.client.call(tool, **arguments)
        self.assertFalse(failed, result)
        return result

    def refused(self, tool, /, **arguments):
        result, failed = self.client.call(tool, **arguments)
        self.assertTrue(failed, result)
        return result["error"]


class Databases(ToolsTest):
    def test_a_project_is_shown_with_its_branches_and_endpoints(self):
        shown = self.done("manage_lakebase_database", action="GET", name="projects/tools")
        self.assertEqual((shown["type"], shown["display_name"]), ("autoscale", "tools"))
        production = next(each for each in shown["branches"] if each["name"] == PRODUCTION)
        self.assertEqual((production["state"], production["is_default"]), ("READY", True))
        self.assertEqual(production["endpoints"][0]["endpoint_type"], "ENDPOINT_TYPE_READ_WRITE")
        self.assertEqual(self.done("get_lakebase_database", name="projects/tools")["name"], "projects/tools")

    def test_a_project_is_created_changed_and_deleted(self):
        made = self.done("create_or_update_lakebase_database", name="short-lived", type="Autoscale", display_name="Short")
        self.assertEqual((made["name"], made["status"], made["created"]), ("projects/short-lived", "CREATED", True))
        same = self.done("manage_lakebase_database", action="create_or_update", name="short-lived", type="autoscale")
        self.assertEqual((same["status"], same["error"]), ("NO_CHANGES", "No fields specified for update"))
        renamed = self.done("manage_lakebase_database", action="create_or_update", name="projects/short-lived",
                            display_name="New")
        self.assertEqual((renamed["status"], renamed["display_name"]), ("UPDATED", "New"))
        gone = self.done("delete_lakebase_database", name="projects/short-lived")
        self.assertEqual(gone["status"], "deleted")

    def test_an_instance_is_created_changed_and_deleted(self):
        made = self.done("manage_lakebase_database", action="create_or_update", name="till")
        self.assertEqual((made["status"], made["capacity"], made["type"]), ("CREATING", "CU_1", "provisioned"))
        changed = self.done("manage_lakebase_database", action="create_or_update", name="till", capacity="CU_2")
        self.assertEqual((changed["status"], changed["capacity"], changed["created"]), ("UPDATED", "CU_2", False))
        listed = self.done("manage_lakebase_database", action="list")["databases"]
        self.assertEqual({each["type"] for each in listed}, {"provisioned", "autoscale"})
        only = self.done("manage_lakebase_database", action="list", type="provisioned")["databases"]
        self.assertEqual([each["name"] for each in only], ["till"])
        self.assertEqual(self.done("manage_lakebase_database", action="delete", name="till")["status"], "deleted")
        gone, failed = self.client.call("manage_lakebase_database", action="delete", name="till")
        self.assertEqual((gone["status"], gone["error"], failed), ("NOT_FOUND", "Database 'till' not found.", True))

    def test_wrong_arguments_are_told_in_the_words_of_the_tools(self):
        cases = [
            ({"action": "drop"}, "Invalid action 'drop'. Valid actions: create_or_update, get, list, delete"),
            ({"action": "get"}, "get requires: name"),
            ({"action": "get", "name": "x", "type": "serverless"},
             "Invalid type 'serverless'. Use 'provisioned' or 'autoscale'."),
            ({"action": "get", "name": "none", "type": "autoscale"}, "Database 'none' not found."),
            ({"action": "get", "name": 5}, "name must be a string."),
            ({}, "action is missing."),
            ({"action": "list", "nme": "x"}, "there is no argument nme."),
        ]
        for arguments, message in cases:
            with self.subTest(arguments):
                self.assertEqual(self.refused("manage_lakebase_database", **arguments), message)

    def test_the_name_of_a_part_is_not_taken_for_the_project(self):
        for tool, arguments in (
                ("manage_lakebase_database", {"action": "delete", "name": "projects/tools/branches/dev"}),
                ("delete_lakebase_database", {"name": "tools/branches/dev", "type": "autoscale"}),
                ("manage_lakebase_database", {"action": "get", "name": PRODUCTION}),
                ("manage_lakebase_branch", {"action": "create_or_update", "project_name": PRODUCTION, "branch_id": "x"})):
            with self.subTest(tool, **arguments):
                self.assertIn("a project is named projects/tools", self.refused(tool, **arguments))
        self.assertEqual(self.done("manage_lakebase_database", action="get", name="projects/tools")["name"], "projects/tools")

    def test_an_id_brings_no_further_parts_along(self):
        endpoint = PRODUCTION + "/endpoints/primary"
        for tool, arguments, sign in (
                ("manage_lakebase_branch", {"action": "delete", "name": endpoint}, "full branch name"),
                ("manage_lakebase_branch", {"action": "create_or_update", "project_name": "tools", "is_protected": True,
                                            "branch_id": "production/endpoints/primary"}, "branch_id must be an id alone"),
                ("snapshot_lakebase", {"action": "delete", "project_name": "tools", "snapshot_id": "a/b"},
                 "snapshot_id must be an id alone")):
            with self.subTest(tool, **arguments):
                self.assertIn(sign, self.refused(tool, **arguments))
        self.done("generate_lakebase_credential", endpoint=endpoint)

    def test_an_error_of_the_service_comes_with_what_to_do(self):
        message = self.refused("manage_lakebase_database", action="create_or_update", name="Not_Valid", type="autoscale")
        self.assertTrue(message.startswith("Failed to create project 'Not_Valid': "), message)
        self.assertIn("change what the message names", message)
        self.assertNotIn("support of Databricks", message)

    def test_what_is_not_found_comes_with_the_tool_that_shows_what_there_is(self):
        for tool, arguments in (
                ("describe_lakebase", {"target": "projects/none"}),
                ("query_lakebase", {"target": PRODUCTION + "x", "statement": "SELECT 1"}),
                ("try_lakebase_change", {"target": PRODUCTION + "x", "script": "SELECT 1"}),
                ("generate_lakebase_credential", {"endpoint": PRODUCTION + "/endpoints/none"})):
            with self.subTest(tool, **arguments):
                self.assertIn("manage_lakebase_database shows", self.refused(tool, **arguments))

    def test_a_remedy_is_told_once(self):
        message = self.refused("describe_lakebase", target="foo/bar")
        self.assertEqual(message.count("or the name of an instance"), 1, message)


class Branches(ToolsTest):
    def test_a_branch_is_created_with_its_endpoint_changed_and_deleted(self):
        made = self.done("manage_lakebase_branch", action="create_or_update", project_name="tools", branch_id="dev",
                         source_branch="production", ttl_seconds=3600, autoscaling_limit_min_cu=1,
                         autoscaling_limit_max_cu=2, scale_to_zero_seconds=120)
        self.assertEqual((made["status"], made["created"]), ("CREATED", True))
        self.assertIn("expire_time", made)
        endpoint = made["endpoint"]
        self.assertTrue(endpoint["name"].endswith("/endpoints/primary"), endpoint)
        self.assertEqual((endpoint["status"], endpoint["max_cu"]), ("UPDATED", 2))
        kept = self.done("create_or_update_lakebase_branch", project_name="projects/tools", branch_id="dev",
                         no_expiry=True, scale_to_zero_seconds=0)
        self.assertEqual((kept["status"], kept["created"]), ("UPDATED", False))
        self.assertNotIn("expire_time", kept)
        name = "projects/tools/branches/dev"
        self.assertEqual(self.done("manage_lakebase_branch", action="delete", name=name)["status"], "deleted")
        gone, failed = self.client.call("delete_lakebase_branch", name=name)
        self.assertEqual((gone["status"], failed), ("NOT_FOUND", True))

    def test_what_is_missing_is_told(self):
        self.assertEqual(self.refused("manage_lakebase_branch", action="create_or_update", project_name="tools"),
                         "create_or_update requires: project_name, branch_id")
        self.assertEqual(self.refused("manage_lakebase_branch", action="delete"),
                         "delete requires: name (full branch name)")
        self.assertEqual(self.refused("manage_lakebase_branch", action="create_or_update", project_name="tools",
                                      branch_id="x", ttl_seconds=2592001), "ttl_seconds must be 1 to 2592000.")


class SyncedTables(ToolsTest):
    def test_catalog_and_table_are_made_and_deleted(self):
        self.done("manage_lakebase_database", action="create_or_update", name="sink")
        for _ in range(600):
            if self.done("manage_lakebase_database", action="get", name="sink")["state"] == "AVAILABLE":
                break
        wanted = {"instance_name": "sink", "source_table_name": "main.raw.orders",
                  "target_table_name": "sink_catalog.public.orders", "primary_key_columns": ["id"]}
        made = self.done("manage_lakebase_sync", action="create_or_update", **wanted)
        self.assertEqual((made["created"], made["catalog"]["status"]), (True, "created"))
        self.assertEqual(made["synced_table"]["scheduling_policy"], "TRIGGERED")
        again = self.done("manage_lakebase_sync", action="create_or_update", **wanted)
        self.assertEqual((again["created"], again["synced_table"]["table_name"]), (False, wanted["target_table_name"]))
        gone = self.done("manage_lakebase_sync", action="delete", table_name=wanted["target_table_name"],
                         catalog_name="sink_catalog")
        self.assertEqual((gone["synced_table"]["status"], gone["catalog"]["status"]), ("deleted", "deleted"))

    def test_what_is_missing_is_told(self):
        self.assertEqual(self.refused("manage_lakebase_sync", action="create_or_update", instance_name="sink"),
                         "create_or_update requires: instance_name, source_table_name, target_table_name")
        self.assertEqual(self.refused("manage_lakebase_sync", action="delete"), "delete requires: table_name")

    def test_no_catalog_is_made_for_a_table_that_cannot_be(self):
        self.done("manage_lakebase_database", action="create_or_update", name="bare")
        for source, target, message in (("abc", "left_behind.b.c", "source_table_name must be catalog.schema.table, and not 'abc'."),
                                        ("a.b.c", "left_behind.b", "target_table_name must be catalog.schema.table, and not 'left_behind.b'.")):
            self.assertEqual(self.refused("manage_lakebase_sync", action="create_or_update", instance_name="bare",
                                          source_table_name=source, target_table_name=target), message)
        gone, _ = self.client.call("manage_lakebase_sync", action="delete", table_name="left_behind.b.c", catalog_name="left_behind")
        self.assertEqual(gone["catalog"]["status"], "NOT_FOUND")


class Credentials(ToolsTest):
    def test_a_token_is_for_an_endpoint(self):
        made = self.done("generate_lakebase_credential", endpoint=PRODUCTION + "/endpoints/primary")
        self.assertIn("expire_time", made)
        self.assertTrue(made["token"])

    def test_one_of_two_is_needed(self):
        self.assertEqual(self.refused("generate_lakebase_credential"),
                         "Provide either instance_names (provisioned) or endpoint (autoscale).")


class Queries(ToolsTest):
    def query(self, statement, **more):
        return self.done("query_lakebase", statement=statement, target="projects/tools", **more)

    def test_values_keep_their_types_and_all_digits(self):
        result = self.query("SELECT 1, 'x', 9007199254740993::bigint, 1.10::numeric, 1.5::float8, true, NULL, "
                            "'{\"a\": [1]}'::jsonb, 'NaN'::float8")
        self.assertEqual(result["rows"], [[1, "x", "9007199254740993", "1.10", 1.5, True, None, {"a": [1]}, "NaN"]])
        self.assertEqual([each["type"] for each in result["columns"]][:4], ["integer", "text", "bigint", "numeric"])

    def test_documents_keep_all_digits(self):
        result = self.query("SELECT '{\"a\": 1.5}'::jsonb, '{\"a\": 12345678901234567890.125}'::jsonb, '[9007199254740993]'::json")
        self.assertEqual(result["rows"], [[{"a": 1.5}, '{"a": 12345678901234567890.125}', "[9007199254740993]"]])

    def test_a_row_that_is_too_large_comes_with_what_to_do(self):
        result = self.query("SELECT repeat('x', 2000000)")
        self.assertEqual((result["rows"], result["truncated"]), ([], True))
        self.assertIn("select less of it", result["message"])
        self.assertNotIn("message", self.query("SELECT generate_series(1, 1000)", max_rows=10))

    def test_no_statement_is_told(self):
        for statement in ("", " ", ";", "-- nothing"):
            self.assertEqual(self.refused("query_lakebase", statement=statement, target="projects/tools"),
                             "the statement is empty")

    def test_an_empty_database_is_the_usual_one(self):
        self.assertEqual(self.query("SELECT current_database()", database="")["rows"], [["databricks_postgres"]])
        self.done("describe_lakebase", target="projects/tools", database="")
        self.done("try_lakebase_change", script="SELECT 1", target="projects/tools", database="", apply=False)
        self.done("diff_lakebase_schemas", before=PRODUCTION, after=PRODUCTION, database="")
        self.assertTrue(self.done("doctor_lakebase", target="projects/tools", database="")["healthy"])

    def test_parameters_are_values(self):
        result = self.query("SELECT $1::int, $2::text, $3::jsonb, $4::bool",
                            parameters=[41, "'; DROP TABLE x", {"a": 1}, None])
        self.assertEqual(result["rows"], [[41, "'; DROP TABLE x", {"a": 1}, None]])

    def test_rows_are_cut_where_asked(self):
        result = self.query("SELECT generate_series(1, 1000000)", max_rows=120)
        self.assertEqual((len(result["rows"]), result["truncated"]), (120, True))
        large = self.query("SELECT repeat('x', 100000) FROM generate_series(1, 1000)", max_rows=1000)
        self.assertTrue(large["truncated"])
        self.assertLess(len(large["rows"]), 12)
        self.assertEqual(self.query("SELECT 1 AS a WHERE false")["columns"][0]["name"], "a")

    @unittest.skipUnless(os.path.exists("/proc/self/status"), "what a process takes is read from /proc")
    def test_large_rows_are_not_held_together(self):
        result = self.query("SELECT repeat('x', 20000000) FROM generate_series(1, 50)")
        self.assertEqual((result["rows"], result["truncated"]), ([], True))
        with open(f"/proc/{self.client.process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
        self.assertLess(peak, 700_000)  # KB; together they are 1,000,000

    def test_other_statements_that_read_work(self):
        self.assertEqual(self.query("SHOW default_transaction_isolation")["rows"], [["read committed"]])
        self.assertIn("Result", self.query("EXPLAIN SELECT 1")["rows"][0][0])
        self.assertEqual(self.query("VALUES (1), (2); -- the end")["rows"], [[1], [2]])

    def test_postgresql_refuses_what_writes(self):
        refusals = [
            ("CREATE TABLE written (a int)", "25006"),
            ("WITH gone AS (DELETE FROM pg_description RETURNING 1) SELECT * FROM gone", "25006"),
            ("SELECT nextval('counted')", "25006"),
            ("SELECT writes()", "25006"),
            ("SET TRANSACTION READ WRITE", "25001"),
            ("SELECT set_config('transaction_read_only', 'off', false)", "25001"),
            ("DO $$ BEGIN COMMIT; CREATE TABLE written (a int); END $$", "2D000"),
            ("CALL commits()", "2D000"),
            ("COMMIT; CREATE TABLE written (a int)", "42601"),
            ("SELECT 1; SELECT 2", "42601"),
            ("COPY (SELECT 1) TO PROGRAM 'id'", "COPY"),
        ]
        self.run_on_target("CREATE SEQUENCE counted; CREATE TABLE notes (a int);"
                           "CREATE FUNCTION writes() RETURNS int LANGUAGE sql AS 'INSERT INTO notes VALUES (1) RETURNING a';"
                           "CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; INSERT INTO notes VALUES (1); END $$")
        for statement, sign in refusals:
            with self.subTest(statement):
                self.assertIn(sign, self.refused("query_lakebase", statement=statement, target="projects/tools"))
        for harmless in ("COMMIT", "PREPARE later AS DELETE FROM notes", "SET default_transaction_read_only = off",
                         "SELECT pg_advisory_lock(7)"):
            self.query(harmless)
        # What one call did is gone with its session.
        self.assertIn("26000", self.refused("query_lakebase", statement="EXECUTE later", target="projects/tools"))
        self.assertEqual(self.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")["rows"], [[0]])
        self.assertEqual(self.query("SELECT to_regclass('written')::text")["rows"], [[None]])
        self.assertEqual(self.query("SELECT count(*) FROM notes")["rows"], [[0]])

    def run_on_target(self, script):
        with Client(PROGRAM, capabilities=FORM, answers=[YES]) as client:
            result, failed = client.call("try_lakebase_change", script=script, target="projects/tools")
            self.assertEqual((failed, result["status"]), (False, "APPLIED"), result)

    def test_a_statement_ends_at_its_time(self):
        self.assertIn("1", self.refused("query_lakebase", statement="SELECT pg_sleep(60)", target="projects/tools",
                                        timeout_seconds=1))

    def test_a_cancelled_call_ends_at_once(self):
        number = self.client.start("tools/call", {"name": "query_lakebase", "arguments": {
            "statement": "SELECT pg_sleep(60)", "target": "projects/tools", "timeout_seconds": 60}})
        self.client.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})
        self.assertEqual(self.query("SELECT 1")["rows"], [[1]])

    def test_writes_are_made_where_allowed(self):
        with Client(PROGRAM, "--allow-writes") as client:
            for statement, rows in (("CREATE TABLE allowed (a int)", []), ("INSERT INTO allowed VALUES (1) RETURNING a", [[1]])):
                result, failed = client.call("query_lakebase", statement=statement, target="projects/tools")
                self.assertEqual((failed, result["rows"]), (False, rows), result)
        self.assertEqual(self.query("SELECT a FROM allowed")["rows"], [[1]])


class Changes(ToolsTest):
    SCRIPT = "CREATE TABLE {0} (id int PRIMARY KEY, note text); INSERT INTO {0} VALUES (1, 'a;b'); SELECT * FROM {0}"

    def branches(self):
        shown = self.done("manage_lakebase_database", action="get", name="projects/tools")
        return [each["name"] for each in shown["branches"] if "/try-" in each["name"]]

    def test_a_signal_takes_the_branch_away(self):
        client = Client(PROGRAM)
        client.start("tools/call", {"name": "try_lakebase_change", "_meta": {"progressToken": 1}, "arguments": {
            "script": "SELECT pg_sleep(60)", "target": "projects/tools"}})
        while json.loads(client.process.stdout.readline()).get("params", {}).get("message") != "running the script":
            pass
        client.process.send_signal(signal.SIGTERM)
        self.assertEqual(client.process.wait(timeout=30), 0)
        client.process.stdin.close()
        client.process.stdout.close()
        self.assertEqual(self.branches(), [])

    def has(self, table):
        return self.done("query_lakebase", statement=f"SELECT to_regclass('{table}')::text", target="projects/tools")["rows"] == [[table]]

    def test_a_script_is_tried_on_a_branch_that_goes_again(self):
        tried = self.done("try_lakebase_change", script=self.SCRIPT.format("tried"), target="projects/tools", apply=False)
        self.assertEqual(tried["status"], "TRIED")
        self.assertIn("public.tried", [each["name"] for each in tried["diff"]["added"]])
        self.assertEqual(len(tried["trial"]), 3)
        self.assertIn("actual time", tried["trial"][2]["plan"])
        self.assertFalse(self.has("tried"))
        self.assertEqual(self.branches(), [])

    def test_a_person_confirms_in_the_client(self):
        with Client(PROGRAM, capabilities=FORM, answers=[NO, YES]) as client:
            script = self.SCRIPT.format("confirmed")
            declined, failed = client.call("try_lakebase_change", script=script, target="projects/tools")
            self.assertEqual((declined["status"], failed), ("DECLINED", False))
            self.assertFalse(self.has("confirmed"))
            self.assertIn("public.confirmed", client.asked[0]["params"]["message"])
            applied, failed = client.call("try_lakebase_change", script=script, target="projects/tools")
            self.assertEqual((applied["status"], len(applied["applied"]), failed), ("APPLIED", 3, False), applied)
        self.assertTrue(self.has("confirmed"))

    def test_a_code_is_good_once_and_for_its_script(self):
        script = self.SCRIPT.format("coded")
        code = self.done("try_lakebase_change", script=script, target="projects/tools")["confirm"]
        other = self.refused("try_lakebase_change", script=script + "; SELECT 2", target="projects/tools", confirm=code)
        self.assertIn("not of this call", other)
        altered = code[:-2] + ("AA" if code[-2:] != "AA" else "BB")
        self.assertIn("not of this call", self.refused("try_lakebase_change", script=script, target="projects/tools",
                                                       confirm=altered))
        self.assertFalse(self.has("coded"))
        self.assertEqual(self.done("try_lakebase_change", script=script, target="projects/tools", confirm=code)["status"],
                         "APPLIED")
        self.assertTrue(self.has("coded"))

    def test_a_script_stays_in_its_transaction(self):
        for script, number in (("BEGIN; CREATE TABLE a (); COMMIT", 3), ("CREATE TABLE a (); COMMIT AND CHAIN; SELECT 1", 2),
                               ("CREATE TABLE a (); ROLLBACK; CREATE TABLE b ()", 2), ("ROLLBACK AND CHAIN", 1)):
            with self.subTest(script):
                message = self.refused("try_lakebase_change", script=script, target="projects/tools")
                self.assertTrue(message.startswith(f"statement {number} of "), message)
                self.assertIn("leave BEGIN, COMMIT and ROLLBACK out", message)
        kept = self.done("try_lakebase_change", target="projects/tools", apply=False,
                         script="SAVEPOINT x; SET TimeZone = 'Asia/Tokyo'; ROLLBACK TO x; ROLLBACK TO SAVEPOINT x")
        self.assertEqual(kept["status"], "TRIED")

    def test_a_script_that_fails_changes_nothing(self):
        message = self.refused("try_lakebase_change", script="CREATE TABLE half (a int); SELECT nope", target="projects/tools")
        self.assertTrue(message.startswith("statement 2 of 2 failed, and nothing of the script was kept: "), message)
        self.assertFalse(self.has("half"))
        self.assertEqual(self.branches(), [])


class Deletes(ToolsTest):
    def test_they_are_asked_for_where_wanted(self):
        self.done("manage_lakebase_branch", action="create_or_update", project_name="tools", branch_id="asked")
        name = "projects/tools/branches/asked"
        with Client(PROGRAM, "--confirm-deletes") as client:
            first, failed = client.call("manage_lakebase_branch", action="delete", name=name)
            self.assertEqual((first["status"], failed), ("CONFIRMATION_REQUIRED", False))
            last, failed = client.call("manage_lakebase_branch", action="delete", name=name, confirm=first["confirm"])
            self.assertEqual((last["status"], failed), ("deleted", False))
            again, failed = client.call("manage_lakebase_branch", action="delete", name=name, confirm=first["confirm"])
            self.assertEqual((again["status"], failed), ("NOT_CONFIRMED", True))

    def test_the_question_says_all_that_goes(self):
        for tool, arguments, question in (
                ("manage_lakebase_database", {"name": "tools", "type": "autoscale"},
                 "Delete the project projects/tools with all its branches?"),
                ("manage_lakebase_database", {"name": "tools"}, "Delete the database instance tools and its data, for good?"),
                ("delete_lakebase_branch", {"name": PRODUCTION}, f"Delete the branch {PRODUCTION}?"),
                ("manage_lakebase_sync", {"table_name": "a.b.c", "catalog_name": "a"},
                 "Delete the synced table a.b.c and the catalog a?"),
                ("snapshot_lakebase", {"project_name": "tools", "snapshot_id": "s"},
                 "Delete the snapshot projects/tools/snapshots/s?")):
            with self.subTest(tool, **arguments), Client(PROGRAM, "--confirm-deletes", capabilities=FORM, answers=[NO]) as client:
                if tool != "delete_lakebase_branch":
                    arguments["action"] = "DELETE"
                result, failed = client.call(tool, **arguments)
                self.assertEqual((result.get("status"), failed), ("DECLINED", False), result)
                self.assertEqual(client.asked[0]["params"]["message"], question)

    def test_what_cannot_be_deleted_is_not_asked_for(self):
        with Client(PROGRAM, "--confirm-deletes") as client:
            result, failed = client.call("manage_lakebase_database", action="delete", name=PRODUCTION)
            self.assertTrue(failed, result)
            self.assertNotIn("confirm", result)


class Others(ToolsTest):
    def test_a_database_is_described_and_compared(self):
        described = self.done("describe_lakebase", target="projects/tools")
        self.assertIn("public", described["schemas"])
        message = self.refused("diff_lakebase_schemas", before=PRODUCTION)
        self.assertIn("is a root branch", message)
        self.done("manage_lakebase_branch", action="create_or_update", project_name="tools", branch_id="compared")
        diff = self.done("diff_lakebase_schemas", before="projects/tools/branches/compared")["diff"]
        self.assertEqual(diff, {"equal": True, "added": [], "removed": [], "changed": []})

    def test_the_doctor_goes_to_a_row(self):
        self.assertTrue(self.done("doctor_lakebase", target="projects/tools")["healthy"])
        sick = self.done("doctor_lakebase", target="projects/nowhere")
        self.assertFalse(sick["healthy"])
        self.assertIn("lakebase postgres list-projects", sick["steps"][-1]["remedy"])

    def test_snapshots_are_taken_listed_restored_and_deleted(self):
        self.done("snapshot_lakebase", action="create", project_name="tools", snapshot_id="before")
        listed = self.done("snapshot_lakebase", action="list", project_name="tools")["snapshots"]
        self.assertEqual([each["name"] for each in listed], ["projects/tools/snapshots/before"])
        restored = self.done("snapshot_lakebase", action="restore", project_name="tools", snapshot_id="before",
                             branch_id="restored")
        self.assertEqual(restored["branch"], "projects/tools/branches/restored")
        self.assertEqual(self.done("snapshot_lakebase", action="delete", project_name="tools", snapshot_id="before")["status"],
                         "deleted")

    def test_resources_are_read_and_names_completed(self):
        for what in ("schema", "roles", "endpoints"):
            uri = f"lakebase://{PRODUCTION}/{what}"
            text = self.client.request("resources/read", {"uri": uri})["result"]["contents"][0]["text"]
            self.assertTrue(json.loads(text))
        missing = self.client.request("resources/read", {"uri": "lakebase://projects/none/branches/b/roles"})
        self.assertEqual(missing["error"]["code"], -32002)
        reference = {"type": "ref/prompt", "name": "inspect_database"}
        values = self.client.request("completion/complete", {
            "ref": reference, "argument": {"name": "target", "value": "projects/to"}})["result"]["completion"]["values"]
        self.assertEqual(values, ["projects/tools"])
        for prompt in self.client.request("prompts/list")["result"]["prompts"]:
            shown = self.client.request("prompts/get", {"name": prompt["name"], "arguments": {"change": "x"}})["result"]
            self.assertIn("describe_lakebase", shown["messages"][0]["content"]["text"])


class Confined(unittest.TestCase):
    def names(self, *options):
        with Client(PROGRAM, *options) as client:
            return {each["name"] for each in client.request("tools/list")["result"]["tools"]}

    def test_read_only_leaves_out_what_changes(self):
        self.assertEqual(self.names("--read-only"), {"query_lakebase", "describe_lakebase", "diff_lakebase_schemas",
                                                     "doctor_lakebase", "get_lakebase_database"})

    def test_tools_are_chosen(self):
        self.assertEqual(self.names("--tools", "query_lakebase,doctor_lakebase"), {"query_lakebase", "doctor_lakebase"})
        done = subprocess.run([PROGRAM, "--tools", "query"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--tools: there is no tool 'query'", done.stderr)

    def test_an_empty_option_confines_too(self):
        for options, sign in ((["--project", ""], "names no project"), (["--project", "projects/"], "names no project"),
                              (["--project", "tools/branches/x"], "is not the id of a project"),
                              (["--tools", ""], "--tools"), (["--calls-per-minute", "-1"], "a number, and 0 or more"),
                              (["--calls-per-minute", "x"], "x")):
            with self.subTest(options):
                done = subprocess.run([PROGRAM, *options], input="", capture_output=True, text=True, timeout=30)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(sign, done.stderr)
                self.assertLess(len(done.stderr), 600)

    def test_an_emulator_is_started_once(self):
        done = subprocess.run([PROGRAM, "--emulator=true"], input="", capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_project_confines_all(self):
        with Client(PROGRAM, "--project", "tools") as client:
            listed, _ = client.call("manage_lakebase_database", action="list")
            self.assertEqual([each["name"] for each in listed["databases"]], ["projects/tools"])
            for tool, arguments in (
                    ("query_lakebase", {"statement": "SELECT 1", "target": "projects/other"}),
                    ("query_lakebase", {"statement": "SELECT 1", "target": "till"}),
                    ("manage_lakebase_database", {"action": "delete", "name": "projects/other"}),
                    ("manage_lakebase_branch", {"action": "delete", "name": "projects/other/branches/x"}),
                    ("generate_lakebase_credential", {"endpoint": "projects/other/branches/b/endpoints/e"}),
                    ("generate_lakebase_credential", {"instance_names": ["till"]}),
                    ("manage_lakebase_sync", {"action": "delete", "table_name": "a.b.c"}),
                    ("doctor_lakebase", {"target": "projects/other"}),
                    ("snapshot_lakebase", {"action": "list", "project_name": "other"})):
                with self.subTest(tool, **arguments):
                    result, failed = client.call(tool, **arguments)
                    self.assertTrue(failed)
                    self.assertIn("confined to the project 'tools'", result["error"])
            result, failed = client.call("query_lakebase", statement="SELECT 1")
            self.assertEqual((failed, result["rows"]), (False, [[1]]))

    def test_calls_are_limited(self):
        with Client(PROGRAM, "--calls-per-minute", "2") as client:
            for expected in (False, False, True):
                result, failed = client.call("manage_lakebase_database", action="list")
                self.assertEqual(failed, expected, result)
            self.assertIn("the limit of this server", result["error"])


class Http(unittest.TestCase):
    def serve(self, *options, environment=None):
        process = subprocess.Popen([PROGRAM, "--http", "127.0.0.1:0", *options], stderr=subprocess.PIPE, text=True,
                                   env=dict(os.environ, **(environment or {})))
        self.addCleanup(lambda: (process.terminate(), process.wait(timeout=30), process.stderr.close()))
        return process.stderr.readline().split()[-1]

    def post(self, url, **headers):
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "manage_lakebase_database", "arguments": {"action": "list"},
            "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                      "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                      "io.modelcontextprotocol/clientCapabilities": {}}}}
        request = urllib.request.Request(url, json.dumps(body).encode(), {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "manage_lakebase_database",
            **headers})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def test_a_token_is_asked_for(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("secret-of-http\n")
            file.flush()
            url = self.serve("--token-file", file.name)
        self.assertEqual(self.post(url)[0], 401)
        status, body = self.post(url, Authorization="Bearer secret-of-http")
        self.assertEqual(status, 200, body)
        self.assertIn("projects/tools", body)
        self.assertEqual(self.post(url, Authorization="Bearer secret-of-http", Host="example.com")[0], 403)

    def test_without_a_token_it_must_be_told_so(self):
        done = subprocess.run([PROGRAM, "--http", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--no-token", done.stderr)
        self.assertEqual(self.post(self.serve("--no-token"))[0], 200)

    def test_it_serves_this_machine_only(self):
        done = subprocess.run([PROGRAM, "--http", "0.0.0.0:0", "--no-token"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no loopback address", done.stderr)


class Program(unittest.TestCase):
    def test_no_secret_is_in_its_results(self):
        with Client(PROGRAM) as client:
            shown = json.dumps([client.call("doctor_lakebase"), client.call("manage_lakebase_database", action="list")])
        self.assertNotIn(os.environ["DATABRICKS_TOKEN"], shown)

    def test_a_missing_configuration_is_told_by_the_first_tool(self):
        bare = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        process = subprocess.run([PROGRAM], input=json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}) + "\n",
            capture_output=True, text=True, timeout=30, env=bare)
        self.assertEqual((process.returncode, json.loads(process.stdout)["result"]["serverInfo"]["name"]), (0, "lakebase-mcp"))


unittest.main(verbosity=1)
