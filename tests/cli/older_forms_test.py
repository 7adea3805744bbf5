#!/usr/bin/env python3
"""Commands of older samples run, with one line that names today's form.

  older_forms_test.py PATH/TO/lakebase
"""

from program import ProgramTest, main

INSTANCES = "/api/2.0/database/instances"


class OlderForms(ProgramTest):
    def run_older(self, note, *arguments):
        done = self.run_program(*arguments, "-o", "json")
        self.assertEqual((done.returncode, done.stderr), (0, f"Note: {note}\n"), arguments)

    def test_create_project_with_its_id_as_a_flag(self):
        self.workspace.on("POST", "/api/2.0/postgres/projects", {"name": "projects/p/operations/1", "done": True,
                                                                 "response": {"name": "projects/p"}})
        self.run_older("today's form of this is: lakebase postgres create-project my-app",
                       "postgres", "create-project", "--project-id", "my-app")
        self.assertEqual(self.sent()[0][2], "project_id=my-app")

    def test_instances_with_their_name_as_a_flag(self):
        self.workspace.on("GET", f"{INSTANCES}/x", {"name": "x", "state": "AVAILABLE"})
        self.workspace.on("POST", INSTANCES, {"name": "x", "state": "AVAILABLE"})
        self.run_older("today's form of this is: lakebase database get-database-instance x",
                       "database", "get-database-instance", "--name", "x")
        self.run_older("today's form of this is: lakebase database create-database-instance x",
                       "database", "create-database-instance", "--name=x", "--capacity", "CU_1")
        self.assertEqual([request[0] for request in self.sent()[:2]], ["GET", "POST"])

    def test_stop_and_start(self):
        self.workspace.on("PATCH", f"{INSTANCES}/x", {"name": "x"})
        self.run_older("today's form of this is: lakebase database update-database-instance x stopped --stopped",
                       "database", "stop-database-instance", "--name", "x")
        self.run_older("today's form of this is: lakebase database update-database-instance x stopped --stopped=false",
                       "database", "start-database-instance", "x")
        self.assertEqual([(request[2], request[3]) for request in self.sent()],
                         [("update_mask=stopped", {"stopped": True}), ("update_mask=stopped", {"stopped": False})])

    def test_stop_without_a_name(self):
        done = self.run_program("database", "stop-database-instance")
        self.assertEqual(done.returncode, 1)
        self.assertIn("update-database-instance NAME stopped --stopped", done.stderr)

    def test_spec_type(self):
        parent = "projects/p/branches/b"
        self.workspace.on("POST", f"/api/2.0/postgres/{parent}/endpoints",
                          {"name": "projects/p/operations/1", "done": True, "response": {"name": f"{parent}/endpoints/e"}})
        self.run_older("today's name of 'spec.type' is 'spec.endpoint_type'.", "postgres", "create-endpoint", parent, "e",
                       "--json", '{"spec": {"type": "ENDPOINT_TYPE_READ_ONLY"}}')
        self.assertEqual(self.sent()[0][3], {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}})


if __name__ == "__main__":
    main()
