"""Each `databricks postgres` command: what succeeds in the life of a project, and an error of each with its words."""

MISSING = "projects/missing"
MISSING_BRANCH = f"{MISSING}/branches/production"
MISSING_DATABASE = f"{MISSING_BRANCH}/databases/orders"


def starts_operation(command):
    return command.split("-")[0] in ("create", "update", "delete", "undelete")


class Life:
    """A project from its creation to its end: steps as (command, arguments, body, name of what is printed)."""

    def __init__(self, project_id):
        self.id = project_id
        self.project = f"projects/{project_id}"
        self.production = f"{self.project}/branches/production"
        self.primary = f"{self.production}/endpoints/primary"
        self.own_database = f"{self.production}/databases/databricks-postgres"
        self.feed = f"{self.own_database}/cdf-configs/public"

    def beginning(self):
        project, production = self.project, self.production
        development = f"{project}/branches/development"
        reader = f"{production}/endpoints/reader"
        role, database = f"{production}/roles/app", f"{production}/databases/orders"
        return [
            ("create-project", [self.id], {"spec": {"display_name": self.id, "pg_version": "17"}}, project),
            ("get-project", [project], None, project),
            ("list-projects", [], None, project),
            ("update-project", [project, "spec.display_name"], {"spec": {"display_name": "New"}}, project),
            ("create-branch", [project, "development"], {"spec": {"source_branch": production, "ttl": "86400s"}},
             development),
            ("get-branch", [development], None, development),
            ("list-branches", [project], None, development),
            ("update-branch", [development, "spec.is_protected"], {"spec": {"is_protected": False}}, development),
            ("create-endpoint", [production, "reader"], {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY"}}, reader),
            ("get-endpoint", [reader], None, reader),
            ("list-endpoints", [production], None, reader),
            ("update-endpoint", [self.primary, "spec.autoscaling_limit_max_cu"],
             {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_WRITE", "autoscaling_limit_max_cu": 4}}, self.primary),
            ("generate-database-credential", [self.primary, "--ttl", "900s"], None, None),
            ("create-role", [production, "--role-id", "app"], {"spec": {"postgres_role": "app"}}, role),
            ("get-role", [role], None, role),
            ("list-roles", [production], None, role),
            ("update-role", [role, "spec.attributes.createdb"], {"spec": {"attributes": {"createdb": True}}}, role),
            ("create-database", [production, "--database-id", "orders"],
             {"spec": {"postgres_database": "orders", "role": role}}, database),
            ("get-database", [database], None, database),
            ("list-databases", [production], None, database),
            ("update-database", [database, "spec.postgres_database"],
             {"spec": {"postgres_database": "new_orders", "role": role}}, database),
            *self.data_api(),
        ]

    def data_api(self):
        name = f"{self.own_database}/data-api"
        return [
            ("create-data-api", [self.own_database], {"spec": {"db_max_rows": 9}}, name),
            ("get-data-api", [name], None, name),
            ("update-data-api", [name, "spec.db_max_rows"], {"spec": {"db_max_rows": 8}}, name),
            ("delete-data-api", [name], None, None),
        ]

    def registration(self):
        """Of Unity Catalog. A feed follows the table `listed`, which is there."""
        catalog = f"{self.id}_catalog".replace("-", "_")
        table = f"main.gold.{self.id}".replace("-", "_")
        status = f"{self.feed}/cdf-statuses/listed"
        return [
            ("create-catalog", [catalog],
             {"spec": {"branch": self.production, "postgres_database": "sales", "create_database_if_missing": True}},
             f"catalogs/{catalog}"),
            ("get-catalog", [f"catalogs/{catalog}"], None, f"catalogs/{catalog}"),
            ("create-synced-table", [table],
             {"spec": {"branch": self.production, "postgres_database": "gold_db", "primary_key_columns": ["id"],
                       "source_table_full_name": "main.sales.orders", "create_database_objects_if_missing": True}},
             f"synced_tables/{table}"),
            ("get-synced-table", [f"synced_tables/{table}"], None, f"synced_tables/{table}"),
            ("create-cdf-config", [self.own_database, "main", "cdf", "public"], None, self.feed),
            ("get-cdf-config", [self.feed], None, self.feed),
            ("list-cdf-configs", [self.own_database], None, self.feed),
            ("list-cdf-statuses", [self.feed], None, status),
            ("get-cdf-status", [status], None, status),
            ("delete-cdf-config", [self.feed, "--force"], None, None),
            ("delete-synced-table", [f"synced_tables/{table}"], None, None),
            ("delete-catalog", [f"catalogs/{catalog}"], None, None),
        ]

    def end(self):
        project, production = self.project, self.production
        development = f"{project}/branches/development"
        return [
            ("delete-database", [f"{production}/databases/orders"], None, None),
            ("delete-role", [f"{production}/roles/app"], None, None),
            ("delete-endpoint", [f"{production}/endpoints/reader"], None, None),
            ("delete-branch", [development], None, None),
            ("undelete-branch", [development], None, None),
            ("delete-branch", [development, "--purge"], None, None),
            ("delete-project", [project], None, None),
            ("list-projects", ["--show-deleted"], None, project),
            ("undelete-project", [project], None, None),
            ("delete-project", [project, "--purge"], None, None),
        ]


def errors(project):
    """Command to arguments, body and the message, in a project that has nothing but what it was made with."""
    production = f"{project}/branches/production"
    role = f"{production}/roles/app"
    feed = f"{MISSING_DATABASE}/cdf-configs/public"
    no_project = "project id not found"
    return {
        "create-project": ([project.split("/")[1]], None, "project with such id already exists in the workspace"),
        "get-project": ([MISSING], None, no_project),
        "list-projects": (["--page-token", "made up"], None, "Field 'page_token' is not a token of this list."),
        "update-project": ([project, "spec.no_such"], {"spec": {"display_name": "x"}},
                           "Unknown field path in update_mask: 'spec.no_such'"),
        "delete-project": ([MISSING], None, no_project),
        "undelete-project": ([project], None, "Project 'cli-errors' is not deleted."),
        "create-branch": ([project, "other"], {"spec": {"source_branch": production}},
                          "Expiration must be specified when creating a branch"),
        "get-branch": ([f"{project}/branches/missing"], None, "branch id not found"),
        "list-branches": ([MISSING], None, no_project),
        "update-branch": ([production, "spec.is_protected"], {"spec": {}},
                          "Field 'spec.is_protected' is in update_mask but not provided in request"),
        "delete-branch": ([production], None,
                          f"Cannot delete root branch '{production}'. Root branches cannot be deleted independently."),
        "undelete-branch": ([production], None, f"Branch '{production}' is not deleted."),
        "create-endpoint": ([production, "second"], {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_WRITE"}},
                            "read_write endpoint already exists"),
        "get-endpoint": ([f"{production}/endpoints/missing"], None, "endpoint id not found"),
        "list-endpoints": ([MISSING_BRANCH], None, no_project),
        "update-endpoint": ([f"{production}/endpoints/primary", "spec.no_such"],
                            {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_WRITE"}},
                            "Unknown field path in update_mask: 'spec.no_such'"),
        "delete-endpoint": ([f"{production}/endpoints/primary"], None,
                            f"Cannot delete read-write endpoint '{production}/endpoints/primary'. "
                            "Read-write endpoints cannot be deleted."),
        "generate-database-credential": (["primary"], None,
                                         "Endpoint name expects 'projects/{project_id}/branches/{branch_id}/endpoints/"
                                         "{endpoint_id}' format"),
        "create-role": ([production, "--role-id", "Bad id"], {"spec": {"postgres_role": "app"}},
                        "Field role_id must match pattern ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$, got 'Bad id'."),
        "get-role": ([f"{production}/roles/missing"], None, 'role not found; role_id:"missing"'),
        "list-roles": ([MISSING_BRANCH], None, no_project),
        "update-role": ([f"{production}/roles/missing", "spec.attributes.createdb"],
                        {"spec": {"attributes": {"createdb": True}}}, 'role not found; role_id:"missing"'),
        "delete-role": ([f"{production}/roles/missing"], None, 'role not found; role_id:"missing"'),
        "create-database": ([production, "--database-id", "databricks-postgres"],
                            {"spec": {"postgres_database": "databricks_postgres", "role": role}},
                            "database with that name already exists"),
        "get-database": ([f"{production}/databases/missing"], None, 'database not found; database_id:"missing"'),
        "list-databases": ([MISSING_BRANCH], None, no_project),
        "update-database": ([f"{production}/databases/missing", "spec.postgres_database"],
                            {"spec": {"postgres_database": "x", "role": role}}, 'database not found; database_id:"missing"'),
        "delete-database": ([f"{production}/databases/missing"], None, 'database not found; database_id:"missing"'),
        "create-catalog": (["missing"], {"spec": {"branch": production, "postgres_database": "missing"}},
                           "database not found"),
        "get-catalog": (["catalogs/missing"], None, "catalog id not found"),
        "delete-catalog": (["catalogs/missing"], None, "catalog id not found"),
        "create-synced-table": (["no.schema"], {"spec": {"source_table_full_name": "a.b.c"}},
                                "Field synced_table_id must match pattern "
                                r"^[A-Za-z0-9_]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_]+$, got 'no.schema'."),
        "get-synced-table": (["synced_tables/main.gold.missing"], None, "synced table id not found"),
        "delete-synced-table": (["synced_tables/main.gold.missing"], None, "synced table id not found"),
        "create-cdf-config": ([MISSING_DATABASE, "main", "cdf", "public"], None, no_project),
        "get-cdf-config": ([feed], None, no_project),
        "list-cdf-configs": ([MISSING_DATABASE], None, no_project),
        "delete-cdf-config": ([feed], None, no_project),
        "get-cdf-status": ([f"{feed}/cdf-statuses/listed"], None, no_project),
        "list-cdf-statuses": ([feed], None, no_project),
        "create-data-api": ([MISSING_DATABASE], {"spec": {"db_max_rows": 9}}, no_project),
        "get-data-api": ([f"{MISSING_DATABASE}/data-api"], None, no_project),
        "update-data-api": ([f"{MISSING_DATABASE}/data-api", "spec.db_max_rows"], {"spec": {"db_max_rows": 9}}, no_project),
        "delete-data-api": ([f"{MISSING_DATABASE}/data-api"], None, no_project),
        "get-operation": ([f"{project}/operations/missing"], None, "operation not found"),
    }


def refused_by_the_cli(project):
    """Arguments of `postgres`, body and what the CLI's own message begins with."""
    return [
        (["create-branch", project], None, "accepts 2 arg(s), received 1"),
        (["create-role", f"{project}/branches/production"], {"role": {}},
         """--json should NOT be wrapped in '{"role": ...}'."""),
        (["generate-database-credential", "x"], {"endpoint": "x"},
         "when --json flag is specified, no positional arguments are allowed. Provide 'endpoint' in your JSON input"),
        (["list-projects", "--limit", "-1"], None, "--limit must be a non-negative integer, got -1"),
        (["list-projects", "--limit", "x"], None, 'invalid argument "x" for "--limit" flag: '),
        (["list-projects", "--no-such"], None, "unknown flag: --no-such"),
        (["no-such"], None, 'unknown command "no-such" for "databricks postgres"'),
        (["get-project"], None, "accepts 1 arg(s), received 0"),
        (["get-project", project, project], None, "accepts 1 arg(s), received 2"),
        (["get-project", project, "--output", "yaml"], None,
         'invalid argument "yaml" for "-o, --output" flag: accepted arguments are json and text'),
        (["delete-project", project, "--purge=maybe"], None, 'invalid argument "maybe" for "--purge" flag: '),
        (["create-project", "other", "--json"], None, "flag needs an argument: --json"),
        (["create-project", "other", "--json", "[]"], None, ""),
        (["create-project", "other", "--json", "{"], None, ""),
        (["create-project", "other", "--json", "@/no/such"], None, ""),
        (["create-project", "other", "--timeout", "x"], None, ""),
    ]


def told_apart(project):
    """Arguments of `postgres` where our program does something else than the CLI, on purpose."""
    endpoint = f"{project}/branches/production/endpoints/primary"
    return [
        ["update-project", project, "spec.display_name", "--json", '{"spec": 5}'],
        ["generate-database-credential", endpoint, "--ttl", "1h"],
    ]
