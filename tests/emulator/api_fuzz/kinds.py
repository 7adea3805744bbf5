"""The kinds of resources, a line each: where they stand, what they are called, and which module holds their rules."""

import dataclasses
import re

import checks
from rules import (branches, catalogs, cdf_configs, cdf_statuses, compute_instances, credentials, data_apis, databases,
                   endpoints, projects, roles, snapshot_schedules, snapshots, synced_tables, tables)


@dataclasses.dataclass(frozen=True)
class Kind:
    """`rules` has what the API has of create, update, delete, undelete, password; and `get` and `list_` where those show
    what is no resource of the model. They take (model, verdict, target, query, body). `pattern` None: the module looks at
    the id. `operation`: whether changes start one. `named`: methods that the manifest does not call by action and kind."""

    name: str
    collection: str
    parent: str | None
    message: str
    rules: object
    pattern: re.Pattern | None = checks.ID
    id_required: bool = True
    listed: bool = True
    singleton: bool = False
    operation: bool = True
    named: tuple = ()

    @property
    def id_parameter(self):
        return self.name + "_id"

    def method(self, action):
        """What the manifest calls it."""
        plural = self.name + ("es" if self.name[-2:] in ("ch", "us") else "s")
        return dict(self.named).get(action, f"{action}_{plural if action == 'list' else self.name}")


KINDS = {kind.name: kind for kind in (
    Kind("project", "projects", None, "Project", projects),
    Kind("branch", "branches", "project", "Branch", branches),
    Kind("endpoint", "endpoints", "branch", "Endpoint", endpoints),
    Kind("role", "roles", "branch", "Role", roles, id_required=False, named=(("password", "reveal_role_password"),)),
    Kind("database", "databases", "branch", "Database", databases, id_required=False),
    Kind("snapshot", "snapshots", "project", "Snapshot", snapshots, None),
    Kind("snapshot_schedule", "snapshot-schedule", "branch", "SnapshotSchedule", snapshot_schedules, singleton=True,
         listed=False),
    Kind("compute_instance", "compute-instances", "endpoint", "ComputeInstance", compute_instances),
    Kind("cdf_config", "cdf-configs", "database", "CdfConfig", cdf_configs, None, id_required=False),
    Kind("cdf_status", "cdf-statuses", "cdf_config", "CdfStatus", cdf_statuses),
    Kind("data_api", "data-api", "database", "DataApi", data_apis, singleton=True, listed=False, id_required=False),
    Kind("catalog", "catalogs", None, "Catalog", catalogs, re.compile(r"[^\s./\x00-\x1f\x7f]{1,255}"), listed=False),
    Kind("synced_table", "synced_tables", None, "SyncedTable", synced_tables,
         re.compile(r"\w+\.\w+\.\w+", re.ASCII), listed=False),
    Kind("table", "tables", None, "Table", tables, None, id_required=False, listed=False, operation=False),
    Kind("credential", "credentials", None, "DatabaseCredentialRequest", credentials, None, id_required=False, listed=False,
         operation=False, named=(("create", "generate_database_credential"),)),
)}


def kind_at(collection, parent):
    for kind in KINDS.values():
        if kind.collection == collection and kind.parent == parent:
            return kind
    return None
