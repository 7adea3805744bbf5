#!/usr/bin/env python3
"""`lakebase doctor` at an emulator: a way without faults, and faults inside of the database.

  doctor_test.py PATH/TO/lakebase PATH/TO/lakebase-emulator
"""

import json

from emulated import EmulatorTest
from program import main

STEPS = ["settings", "caller", "target", "project", "branch", "endpoint", "token", "dns", "tcp", "tls", "role", "database",
         "query", "writes", "limits", "schema"]


class Doctor(EmulatorTest):
    def setUp(self):
        super().setUp()
        self.project = self.make_project("shop")

    def examine(self, *arguments, status=0, **variables):
        done = self.run_program("doctor", *arguments, "--json", **variables)
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        self.assertNotIn(self.exported["DATABRICKS_TOKEN"], done.stdout)
        result = json.loads(done.stdout)
        self.assertEqual(result["ok"], status == 0)
        return result["steps"]

    def crosses(self, step, detail, remedy, *arguments, **variables):
        *before, last = self.examine(*arguments, status=1, **variables)
        self.assertTrue(all(each["ok"] for each in before))
        self.assertEqual((last["step"], last["ok"]), (step, False), last)
        self.assertIn(detail, last["detail"])
        self.assertIn(remedy, last["remedy"])

    def test_all_is_well(self):
        self.assertEqual([step["step"] for step in self.examine()], STEPS)
        plain = self.succeed("doctor", self.project).splitlines()
        self.assertEqual([line.split()[:2] for line in plain], [["ok", step] for step in STEPS if step != "target"])
        self.assertIn("SELECT 1; PostgreSQL ", plain[-4])
        self.assertRegex(plain[-2], r"\d+ of \d+ connections; one ends after 24 h without use or 3 days in all: a pool has to "
                         "renew them$")

    def test_limits_of_sessions(self):
        self.sql(self.project, "ALTER DATABASE databricks_postgres SET idle_session_timeout = '5min'")
        self.assertIn("3 days in all: a pool has to renew them, and idle_session_timeout is 5min",
                      next(step["detail"] for step in self.examine() if step["step"] == "limits"))

    def test_sizes_of_the_compute(self):
        self.json_of("postgres", "update-endpoint", f"{self.project}/branches/production/endpoints/primary",
                     "spec.autoscaling_limit_min_cu,spec.autoscaling_limit_max_cu", "--json",
                     '{"spec": {"autoscaling_limit_min_cu": 0.5, "autoscaling_limit_max_cu": 4}}')
        self.assertRegex(next(step["detail"] for step in self.examine() if step["step"] == "endpoint"), ", 0.5 to 4 CU$")
        self.json_of("postgres", "update-endpoint", f"{self.project}/branches/production/endpoints/primary",
                     "spec.autoscaling_limit_min_cu", "--json", '{"spec": {"autoscaling_limit_min_cu": 4}}')
        self.assertRegex(next(step["detail"] for step in self.examine() if step["step"] == "endpoint"), "ACTIVE, 4 CU$")

    def test_schema_of_another_owner(self):
        self.sql(self.project, 'CREATE ROLE other; CREATE SCHEMA theirs; GRANT ALL ON SCHEMA theirs TO other')
        self.sql(self.project, 'GRANT other TO CURRENT_USER; ALTER SCHEMA theirs OWNER TO other; REVOKE other FROM CURRENT_USER')
        self.crosses("schema", "theirs is owned by other, and you may not create anything in it",
                     'GRANT USAGE, CREATE ON SCHEMA "theirs" TO', "--schema", "theirs")
        self.examine("--schema", "theirs", "--read-only")

    def test_schema_missing(self):
        self.crosses("schema", "there is no schema nowhere", 'CREATE SCHEMA "nowhere"', "--schema", "nowhere")

    def test_extension(self):
        self.crosses("extension", "pg_trgm is not in this database", 'CREATE EXTENSION "pg_trgm"', "--extensions", "pg_trgm")
        self.crosses("extension", "nothing is not offered by this server", "pg_available_extensions", "--extensions", "nothing")
        self.examine("--extensions", "plpgsql")

    def test_database_missing(self):
        self.crosses("database", "nowhere", "list-databases shows both", "--database", "nowhere")

    def test_another_user(self):
        self.crosses("role", "", "Unset PGUSER unless it is that identity", PGUSER="bob@example.com")

    def test_sessions_that_only_read(self):
        self.sql(self.project, "ALTER DATABASE databricks_postgres SET default_transaction_read_only = on")
        self.crosses("writes", "sessions of this role only read", "default_transaction_read_only")
        self.examine("--read-only")

    def test_replica(self):
        endpoint = self.json_of("postgres", "create-endpoint", f"{self.project}/branches/production", "reader", "--json",
                                '{"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}}')["name"]
        self.crosses("endpoint", "reader only reads", "add --read-only", endpoint)
        self.examine(endpoint, "--read-only")

    def test_stopped_instance(self):
        self.json_of("database", "create-database-instance", "old", "--capacity", "CU_1")
        self.addCleanup(self.run_program, "database", "delete-database-instance", "old", "--purge")
        self.assertEqual([step["step"] for step in self.examine("old")],
                         ["settings", "caller", "instance"] + STEPS[STEPS.index("token"):])
        self.json_of("database", "update-database-instance", "old", "stopped", "--stopped")
        self.crosses("instance", "old is stopped", "--stopped=false", "old")


if __name__ == "__main__":
    main()
