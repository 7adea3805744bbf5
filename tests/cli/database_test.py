#!/usr/bin/env python3
"""`lakebase database` at a workspace of canned responses: what is sent, and what is printed.

  database_test.py PATH/TO/lakebase
"""

from program import ProgramTest, main

API = "/api/2.0/database"
STARTING = {"name": "shop", "state": "STARTING", "capacity": "CU_1"}
AVAILABLE = {**STARTING, "state": "AVAILABLE", "read_write_dns": "instance-1.database.example.com"}


class Database(ProgramTest):
    def test_create_waits_until_the_instance_is_available(self):
        self.workspace.on("POST", f"{API}/instances", STARTING)
        self.workspace.on("GET", f"{API}/instances/shop", STARTING, AVAILABLE)
        self.assertEqual(self.json_of("database", "create-database-instance", "shop", "--capacity", "CU_1"), AVAILABLE)
        self.assertEqual(self.sent()[0], ("POST", f"{API}/instances", "", {"name": "shop", "capacity": "CU_1"}))

    def test_create_without_waiting(self):
        self.workspace.on("POST", f"{API}/instances", STARTING)
        self.workspace.on("GET", f"{API}/instances/shop", STARTING)
        body = '{"name": "shop", "node_count": "2", "no_such": 1}'
        done = self.run_program("database", "create-database-instance", "--json", body, "--no-wait", "-o", "json")
        self.assertEqual(done.stderr, "Warning: --json: unknown field 'no_such' is left out\n")
        self.assertEqual(self.sent()[0][3], {"name": "shop", "node_count": 2})

    def test_update_sends_the_mask_and_a_false(self):
        self.workspace.on("PATCH", f"{API}/instances/shop", AVAILABLE)
        self.json_of("database", "update-database-instance", "shop", "stopped", "--stopped=false")
        self.assertEqual(self.sent(), [("PATCH", f"{API}/instances/shop", "update_mask=stopped", {"stopped": False})])

    def test_lists_go_through_all_pages(self):
        pages = [{"database_instances": [{"name": "a"}, {"name": "b"}], "next_page_token": "next"},
                 {"database_instances": [{"name": "c"}]}]
        self.workspace.on("GET", f"{API}/instances", *pages)
        self.assertEqual(self.json_of("database", "list-database-instances", "--page-size", "2"),
                         [{"name": "a"}, {"name": "b"}, {"name": "c"}])
        self.assertEqual([request[2] for request in self.sent()], ["page_size=2", "page_size=2&page_token=next"])

    def test_a_limit_ends_a_list_and_its_requests(self):
        self.workspace.on("GET", f"{API}/instances",
                          {"database_instances": [{"name": "a"}, {"name": "b"}], "next_page_token": "next"})
        self.assertEqual(self.json_of("database", "list-database-instances", "--limit", "2"), [{"name": "a"}, {"name": "b"}])
        self.assertEqual(len(self.sent()), 1)

    def test_an_empty_list(self):
        self.workspace.on("GET", f"{API}/instances", {})
        self.assertEqual(self.json_of("database", "list-database-instances"), [])
        self.assertEqual(self.succeed("database", "list-database-instances"), "")

    def test_delete_prints_nothing(self):
        self.workspace.on("DELETE", f"{API}/instances/shop", {})
        self.assertEqual(self.succeed("database", "delete-database-instance", "shop", "--force", "--purge"), "")
        self.assertEqual(self.sent()[0][2], "force=true&purge=true")

    def test_roles_have_two_names(self):
        role = {"name": "reporter", "identity_type": "PG_ONLY"}
        self.workspace.on("POST", f"{API}/instances/shop/roles", role)
        self.workspace.on("GET", f"{API}/instances/shop/roles/reporter", role)
        self.json_of("database", "create-database-instance-role", "shop", "reporter", "--identity-type", "PG_ONLY")
        self.assertEqual(self.sent()[0][3], role)
        self.assertEqual(self.json_of("database", "get-database-instance-role", "shop", "reporter"), role)

    def test_credentials(self):
        self.workspace.on("POST", f"{API}/credentials", {"token": "t", "expiration_time": "2026-01-01T00:00:00Z"})
        found = self.json_of("database", "generate-database-credential", "--request-id", "r", "--json",
                             '{"instance_names": ["shop"]}')
        self.assertEqual(found, {"token": "t", "expiration_time": "2026-01-01T00:00:00Z"})
        self.assertEqual(self.sent()[0][3], {"instance_names": ["shop"], "request_id": "r"})

    def test_catalogs_and_tables(self):
        catalog = {"name": "c", "database_instance_name": "shop", "database_name": "sales"}
        self.workspace.on("POST", f"{API}/catalogs", catalog)
        self.json_of("database", "create-database-catalog", "c", "shop", "sales", "--create-database-if-not-exists")
        self.assertEqual(self.sent()[0][3], {**catalog, "create_database_if_not_exists": True})
        table = {"name": "a.b.c", "database_instance_name": "shop"}
        self.workspace.on("POST", f"{API}/synced_tables", table)
        self.json_of("database", "create-synced-database-table", "a.b.c", "--database-instance-name", "shop")
        self.assertEqual(self.sent()[1][3], table)

    def test_an_error_of_the_service(self):
        self.fail_with("GET /api/2.0/database/instances/missing is not there", "database", "get-database-instance", "missing")

    def test_text(self):
        self.workspace.on("GET", f"{API}/instances", {"database_instances": [AVAILABLE, STARTING]})
        self.assertEqual(self.succeed("database", "list-database-instances").splitlines(), [
            "NAME  STATE      CAPACITY  READ_WRITE_DNS",
            "shop  AVAILABLE  CU_1      instance-1.database.example.com",
            "shop  STARTING   CU_1",
        ])
        self.workspace.on("GET", f"{API}/instances/shop", STARTING)
        self.assertEqual(sorted(self.succeed("database", "get-database-instance", "shop").splitlines()),
                         ["capacity:  CU_1", "name:      shop", "state:     STARTING"])


if __name__ == "__main__":
    main()
