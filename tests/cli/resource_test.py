#!/usr/bin/env python3
"""`lakebase app-resource` and `lakebase mlflow-resource`: a database as a resource of an app and of a model.

  resource_test.py PATH/TO/lakebase
"""

from program import ProgramTest, main

API = "/api/2.0/postgres"
BRANCH = "projects/shop/branches/production"
INSTANCE = "Database instance 'none' not found"


class Resources(ProgramTest):
    def setUp(self):
        super().setUp()
        branches = {"branches": [{"name": BRANCH}]}
        self.workspace.on("GET", f"{API}/projects/shop", {"name": "projects/shop"})
        self.workspace.on("GET", f"{API}/projects/shop/branches", branches)
        self.workspace.on("GET", f"{API}/{BRANCH}", branches["branches"][0])
        self.workspace.on("GET", f"{API}/{BRANCH}/endpoints", {"endpoints": [{"name": f"{BRANCH}/endpoints/primary"}]})
        self.workspace.on("GET", f"{API}/{BRANCH}/endpoints/primary", {"name": f"{BRANCH}/endpoints/primary"})
        self.workspace.on("GET", f"{API}/{BRANCH}/databases", {"databases": [
            {"name": f"{BRANCH}/databases/databricks-postgres", "status": {"postgres_database": "databricks_postgres"}},
            {"name": f"{BRANCH}/databases/orders", "status": {"postgres_database": "Orders"}}]})
        self.workspace.on("GET", "/api/2.0/database/instances/shop", {"name": "shop"})

    def resource(self, *arguments):
        printed = self.json_of("app-resource", *arguments)
        self.assertEqual((printed["update_mask"], list(printed["app"]), len(printed["app"]["resources"])),
                         ("resources", ["resources"], 1))
        return printed["app"]["resources"][0]

    def test_of_a_branch(self):
        wanted = {"branch": BRANCH, "database": f"{BRANCH}/databases/databricks-postgres", "permission": "CAN_CONNECT_AND_CREATE"}
        for target in ("projects/shop", BRANCH):
            self.assertEqual(self.resource(target), {"name": "postgres", "postgres": wanted})
        wanted["database"] = f"{BRANCH}/databases/orders"
        self.assertEqual(self.resource(BRANCH, "--database", "Orders", "--name", "db"), {"name": "db", "postgres": wanted})
        self.fail_with(f"there is no database orders in {BRANCH}", "app-resource", BRANCH, "--database", "orders")

    def test_of_an_instance(self):
        self.assertEqual(self.resource("shop"), {"name": "database", "database": {
            "instance_name": "shop", "database_name": "databricks_postgres", "permission": "CAN_CONNECT_AND_CREATE"}})
        self.assertEqual(self.resource("shop", "--database", "x")["database"]["database_name"], "x")
        self.workspace.on("GET", "/api/2.0/database/instances/none", {"error_code": "NOT_FOUND", "message": INSTANCE}, status=404)
        for command in ("app-resource", "mlflow-resource"):
            self.fail_with(INSTANCE, command, "none")

    def test_of_a_model(self):
        def wanted(**more):
            return {"databricks": {"lakebase": [{"name": "shop", **more}]}, "api_version": "1"}

        self.assertEqual(self.json_of("mlflow-resource", "shop"), wanted())
        self.assertEqual(self.json_of("mlflow-resource", "shop", "--on-behalf-of-user"), wanted(on_behalf_of_user=True))
        self.fail_with("MLflow knows database instances only: name one, or give the model a token and a host by its environment",
                       "mlflow-resource", "projects/shop")
        self.fail_with("accepts 1 arg(s), received 0", "mlflow-resource")


if __name__ == "__main__":
    main()
