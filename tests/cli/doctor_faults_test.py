#!/usr/bin/env python3
"""`lakebase doctor` with a fault planted on the way to the database, each in a workspace of canned responses.

  doctor_faults_test.py PATH/TO/lakebase
"""

import json
import socket
import time

from fake_endpoint import FakeEndpoint, make_certificate
from program import PASSWORD, TOKEN, ProgramTest, main

API = "/api/2.0/postgres"
PROJECT = "projects/shop"
BRANCH = f"{PROJECT}/branches/production"
ENDPOINT = f"{BRANCH}/endpoints/primary"


class Faults(ProgramTest):
    def setUp(self):
        super().setUp()
        self.certificate, self.key = make_certificate(self.home, "localhost")
        self.environment["PGSSLROOTCERT"] = str(self.certificate)
        on = self.workspace.on
        on("GET", "/api/2.0/preview/scim/v2/Me", {"userName": "alice@example.com"})
        on("GET", f"{API}/projects", {"projects": [{"name": PROJECT}]})
        on("GET", f"{API}/{PROJECT}", {"name": PROJECT, "status": {"display_name": "Shop", "pg_version": 17}})
        on("GET", f"{API}/{PROJECT}/branches", {"branches": [{"name": BRANCH, "status": {"default": True}}]})
        self.branch("READY")
        self.endpoint()
        on("POST", f"{API}/credentials", {"token": PASSWORD, "expire_time": "2099-01-01T00:00:00Z"})

    def branch(self, state, **status):
        self.workspace.on("GET", f"{API}/{BRANCH}", {"name": BRANCH, "status": {"current_state": state, **status}})

    def endpoint(self, host="localhost", state="ACTIVE", **status):
        resource = {"name": ENDPOINT, "status": {"current_state": state, "endpoint_type": "ENDPOINT_TYPE_READ_WRITE",
                                                 "hosts": {"host": host}, **status}}
        self.workspace.on("GET", f"{API}/{BRANCH}/endpoints", {"endpoints": [resource]})
        self.workspace.on("GET", f"{API}/{ENDPOINT}", resource)

    def serve(self, code=None, message=""):
        fake = FakeEndpoint(self.certificate, self.key, code, message)
        self.addCleanup(fake.close)
        self.environment["PGPORT"] = str(fake.port)

    def refuse(self, path, status, code, message, method="GET"):
        self.workspace.on(method, path, {"error_code": code, "message": message}, status=status)

    def crosses(self, step, detail, remedy, *arguments, **variables):
        """The first cross is at that step, says this, and nothing follows; what came before is ok."""
        done = self.run_program("doctor", *arguments, "--json", **variables)
        self.assertEqual((done.returncode, done.stderr), (1, ""), done.stdout)
        self.assertNotIn("planted", done.stdout)
        result = json.loads(done.stdout)
        self.assertFalse(result["ok"])
        *before, last = result["steps"]
        self.assertEqual([each["step"] for each in before if not each["ok"]], [])
        self.assertEqual((last["step"], last["ok"]), (step, False), last)
        self.assertIn(detail, last["detail"])
        self.assertIn(remedy, last["remedy"])
        return [each["step"] for each in before]

    def test_missing_profile(self):
        (self.home / ".databrickscfg").write_text("[DEFAULT]\nhost = https://example.com\n")
        for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
            del self.environment[name]
        self.crosses("settings", "missing", "Write that section into ~/.databrickscfg, or name another: -p NAME",
                     "-p", "missing")

    def test_no_configuration(self):
        for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
            del self.environment[name]
        self.crosses("settings", "", "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or name a profile: -p NAME.")

    def test_bad_token(self):
        self.refuse("/api/2.0/preview/scim/v2/Me", 401, "UNAUTHENTICATED", "Invalid token")
        self.crosses("caller", "Invalid token", "make a new token, or log in again")

    def test_workspace_that_is_not_there(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.crosses("caller", "", "Nothing accepts connections at the workspace's host", "--timeout", "2s",
                     DATABRICKS_HOST=f"http://127.0.0.1:{port}")

    def test_no_permission(self):
        self.refuse(f"{API}/{PROJECT}", 403, "PERMISSION_DENIED", "User does not have permission")
        before = self.crosses("project", "User does not have permission", "permission 'Can Use'", PROJECT)
        self.assertEqual(before, ["settings", "caller"])

    def test_project_missing(self):
        self.refuse(f"{API}/{PROJECT}", 404, "NOT_FOUND", "project id not found")
        self.crosses("project", "project id not found", "lakebase postgres list-projects shows what there is", PROJECT)

    def test_several_projects(self):
        self.workspace.on("GET", f"{API}/projects", {"projects": [{"name": PROJECT}, {"name": "projects/other"}]})
        self.crosses("target", "there are several", "Name one of them: projects/shop, projects/other")

    def test_branch_missing(self):
        self.refuse(f"{API}/{BRANCH}", 404, "NOT_FOUND", "branch id not found")
        self.crosses("branch", "branch id not found", "lakebase branch list shows what there is", BRANCH)

    def test_branch_that_is_being_made(self):
        self.branch("INIT")
        self.crosses("branch", "production is INIT", f"Wait until it is READY: lakebase postgres get-branch {BRANCH}")

    def test_protected_branch_is_told(self):
        self.branch("READY", is_protected=True)
        self.endpoint(disabled=True)
        done = self.run_program("doctor", PROJECT)
        self.assertRegex(done.stdout, "ok +branch .*protected: set spec.is_protected to false before it is deleted")

    def test_disabled_compute(self):
        self.endpoint(disabled=True)
        self.crosses("endpoint", "is disabled, and no connection wakes it",
                     f"lakebase postgres update-endpoint {ENDPOINT} spec.disabled")

    def test_compute_that_is_being_made(self):
        self.endpoint(state="INIT")
        self.crosses("endpoint", "primary is INIT", "Wait until it is ACTIVE")

    def test_endpoint_that_only_reads(self):
        self.endpoint(endpoint_type="ENDPOINT_TYPE_READ_ONLY")
        self.crosses("endpoint", "primary only reads", "add --read-only", ENDPOINT)

    def test_no_endpoint(self):
        self.workspace.on("GET", f"{API}/{BRANCH}/endpoints", {})
        self.crosses("endpoint", "no read-write endpoint", "lakebase postgres create-endpoint")

    def test_stopped_instance(self):
        self.workspace.on("GET", "/api/2.0/database/instances/old", {"name": "old", "state": "STOPPED"})
        self.crosses("instance", "old is stopped, and no connection starts it",
                     "lakebase database update-database-instance old stopped --stopped=false", "old")

    def synced_table(self, state, message):
        self.workspace.on("GET", f"{API}/synced_tables/main.app.items",
                          {"name": "synced_tables/main.app.items", "status": {"detailed_state": state, "message": message}})

    def test_synced_table_with_null_bytes(self):
        self.synced_table("SYNCED_TABLE_OFFLINE_FAILED", 'invalid byte sequence for encoding "UTF8": 0x00')
        before = self.crosses("table", "main.app.items is SYNCED_TABLE_OFFLINE_FAILED: invalid byte", "zero byte",
                              "--synced-tables", "main.app.items")
        self.assertEqual(before[-1], "endpoint")

    def test_synced_table_without_a_storage_catalog(self):
        self.synced_table("SYNCED_TABLE_OFFLINE_FAILED", "the storage catalog does not exist")
        self.crosses("table", "storage catalog", "new_pipeline_spec.storage_catalog", "--synced-tables",
                     "main.app.items")

    def test_synced_table_without_a_change_data_feed(self):
        self.synced_table("SYNCED_TABLE_ONLINE_PIPELINE_FAILED", "Change Data Feed is not enabled")
        self.crosses("table", "not enabled", "delta.enableChangeDataFeed", "--synced-tables", "main.app.items")

    def test_synced_table_that_failed_otherwise(self):
        self.synced_table("SYNCED_TABLE_OFFLINE_FAILED", "it is lost")
        self.crosses("table", "it is lost", "Look at its pipeline", "--synced-tables", "main.app.items")

    def test_synced_table_that_is_being_filled(self):
        self.synced_table("SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT", "running")
        self.crosses("table", "PROVISIONING", "Wait until it is ONLINE", "--synced-tables", "main.app.items")

    def test_synced_table_of_an_instance(self):
        self.workspace.on("GET", "/api/2.0/database/instances/old", {"name": "old", "state": "AVAILABLE"})
        self.workspace.on("GET", "/api/2.0/database/synced_tables/main.app.items", {
            "name": "main.app.items", "data_synchronization_status": {"detailed_state": "SYNCED_TABLE_OFFLINE_FAILED",
                                                                      "message": "found a null byte"}})
        self.crosses("table", "found a null byte", "zero byte", "old", "--synced-tables", "main.app.items")

    def feed(self, state, detail):
        database, feed = f"{BRANCH}/databases/databricks-postgres", f"{BRANCH}/databases/databricks-postgres/cdf-configs/sales"
        self.workspace.on("GET", f"{API}/{BRANCH}/databases", {"databases": [
            {"name": f"{BRANCH}/databases/other", "status": {"postgres_database": "other"}},
            {"name": database, "status": {"postgres_database": "databricks_postgres"}}]})
        self.workspace.on("GET", f"{API}/{database}/cdf-configs", {"cdf_configs": [{"name": feed}]})
        self.workspace.on("GET", f"{API}/{feed}/cdf-statuses", {"cdf_statuses": [
            {"postgres_table": "sales.good", "state": "CDF_STATE_STREAMING"},
            {"postgres_table": "sales.orders", "state": state, "status_detail": detail}]})

    def test_table_that_a_feed_leaves_out(self):
        self.feed("CDF_STATE_SKIPPED", "replica identity is not FULL")
        before = self.crosses("feeds", "the feed of table sales.orders is CDF_STATE_SKIPPED: replica identity is not FULL",
                              "REPLICA IDENTITY FULL", "--feeds")
        self.assertEqual(before[-1], "endpoint")

    def test_feeds_that_run(self):
        self.feed("CDF_STATE_SNAPSHOTTING", "")
        self.refuse(f"{API}/credentials", 403, "PERMISSION_DENIED", "no", method="POST")
        self.assertEqual(self.crosses("token", "no", "", "--feeds")[-1], "feeds")
        self.assertIn("2 tables of databricks_postgres are fed", self.run_program("doctor", "--feeds").stdout)

    def test_feeds_of_an_instance(self):
        self.workspace.on("GET", "/api/2.0/database/instances/old", {"name": "old", "state": "AVAILABLE"})
        self.crosses("feeds", "an instance has no change data feeds", "leave --feeds out", "old", "--feeds")

    def test_wide_range_is_told(self):
        self.endpoint(autoscaling_limit_min_cu=1, autoscaling_limit_max_cu=32)
        self.assertIn("ACTIVE, 1 to 32 CU, a wider range than the 16 that a change of it may have\n",
                      self.run_program("doctor", PROJECT, "--timeout", "1s").stdout)

    def test_too_many_connections(self):
        self.serve("53300", "sorry, too many clients already")
        self.crosses("login", "too many clients", "All connections are in use", "--timeout", "2s")

    def test_credential_that_is_refused(self):
        self.refuse(f"{API}/credentials", 403, "PERMISSION_DENIED", "no", method="POST")
        self.crosses("token", "no", "permission 'Can Use'")

    def test_dns(self):
        self.endpoint(host="ep-1.database.invalid")
        before = self.crosses("dns", "", "look its host up again")
        self.assertEqual(before, ["settings", "caller", "target", "project", "branch", "endpoint", "token"])

    def test_tcp_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.environment["PGPORT"] = str(listener.getsockname()[1])
        self.crosses("tcp", "Connection refused", "Nothing accepts connections there: check PGPORT, firewalls")

    def test_certificate_that_is_not_trusted(self):
        self.serve("28P01", "never asked")
        other, _ = make_certificate(self.home, "other")
        self.crosses("tls", "certificate", "name the right file in PGSSLROOTCERT", PGSSLROOTCERT=str(other))

    def test_certificate_for_another_host(self):
        self.certificate, self.key = make_certificate(self.home, "elsewhere.example.com")
        self.serve("28P01", "never asked")
        self.crosses("tls", "does not match host name", "Connect by the endpoint's own host name",
                     PGSSLROOTCERT=str(self.certificate))

    def test_refused_token(self):
        for message in ("password authentication failed for user 'alice@example.com'",
                        "Invalid authorization for databricks identity login"):
            self.serve("28P01", message)
            before = self.crosses("role", message, "The token was refused: it is valid for an hour")
            self.assertEqual(before[-3:], ["dns", "tcp", "tls"])

    def test_role_missing(self):
        self.serve("28000", 'role "alice@example.com" does not exist')
        self.crosses("role", "does not exist", "Create a role of exactly this name in the branch")

    def test_database_missing(self):
        self.serve("3D000", 'database "nowhere" does not exist')
        before = self.crosses("database", "does not exist", "lakebase postgres list-databases shows both",
                              "--database", "nowhere")
        self.assertEqual(before[-2:], ["tls", "role"])

    def test_nothing_hangs(self):
        self.serve()
        start = time.monotonic()
        self.crosses("login", "", "whether the network lets TLS through", "--timeout", "1s")
        self.assertLess(time.monotonic() - start, 20)

    def test_ctrl_c(self):
        self.serve()
        self.interrupted(b"after tcp")

    def test_ctrl_c_while_nobody_accepts(self):
        with socket.socket() as listener, socket.socket() as waiting:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            waiting.connect(listener.getsockname())  # the only one that is kept; others get no response
            self.environment["PGPORT"] = str(listener.getsockname()[1])
            self.interrupted(b"after dns")

    def interrupted(self, after):
        status, said = self.interrupt("doctor", after=after)
        self.assertEqual((status, said), (130, "Error: interrupted\n"))

    def test_lines(self):
        self.endpoint(disabled=True)
        plain = self.run_program("doctor")
        self.assertEqual((plain.returncode, plain.stderr), (1, ""))
        lines = plain.stdout.splitlines()
        self.assertRegex(lines[0], r"^ok     settings +\d+ ms  host http://127\.0\.0\.1:\d+ \(from environment variable "
                         r"DATABRICKS_HOST\), token \*+ \(from environment variable DATABRICKS_TOKEN\)$")
        self.assertRegex(lines[1], r"^ok     caller +\d+ ms  you are alice@example.com$")
        self.assertRegex(lines[-2], r"^FAILED endpoint +\d+ ms  the endpoint primary is disabled")
        self.assertTrue(lines[-1].startswith("  what to do: Switch it on: "))
        self.assertNotIn(TOKEN, plain.stdout)
        drawn = self.run_program("doctor", LANG="C.UTF-8").stdout.splitlines()
        self.assertEqual((drawn[0][:2], drawn[-2][:2]), ("✓ ", "✗ "))
        self.assertTrue(self.run_program("doctor", LANG="C.UTF-8", TERM="dumb").stdout.startswith("ok "))

    def test_what_is_refused(self):
        self.fail_with("accepts at most 1 arg(s), received 2", "doctor", "a", "b")
        self.fail_with("invalid resource path: missing project ID", "doctor", "projects/")
        self.fail_with("--timeout has to be more than 0", "doctor", "--timeout", "0")
        self.assertEqual(self.workspace.requests, [])


if __name__ == "__main__":
    main()
