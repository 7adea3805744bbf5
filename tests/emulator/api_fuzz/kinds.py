"""The kinds of resources, a line each: where they stand, what they are called, and which module holds their rules."""

import dataclasses
import re

import branches
import catalogs
import checks
import databases
import endpoints
import projects
import roles
import synced_tables


@dataclasses.dataclass(frozen=True)
class Kind:
    """`rules` has create, and where the API has the call: update, delete, undelete. They take (model, call, verdict)."""

    name: str
    collection: str
    parent: str | None
    message: str
    rules: object
    pattern: re.Pattern = checks.ID
    id_required: bool = True
    listed: bool = True

    @property
    def id_parameter(self):
        return self.name + "_id"


KINDS = {kind.name: kind for kind in (
    Kind("project", "projects", None, "Project", projects),
    Kind("branch", "branches", "project", "Branch", branches),
    Kind("endpoint", "endpoints", "branch", "Endpoint", endpoints),
    Kind("role", "roles", "branch", "Role", roles, id_required=False),
    Kind("database", "databases", "branch", "Database", databases, id_required=False),
    Kind("catalog", "catalogs", None, "Catalog", catalogs, re.compile(r"[^\s./\x00-\x1f\x7f]{1,255}"), listed=False),
    Kind("synced_table", "synced_tables", None, "SyncedTable", synced_tables,
         re.compile(r"\w+\.\w+\.\w+", re.ASCII), listed=False),
)}

# What the API has and the model does not: a part of a path, by which a call is known. They answer without a 5xx but 501.
UNMODELLED = re.compile(
    r"/(snapshots|snapshot-schedule|data-api|cdf-configs|forward-etl|preview|compute-instances|password)\b"
    r"|^(tables|credentials)\b")


def kind_at(collection, parent):
    for kind in KINDS.values():
        if kind.collection == collection and kind.parent == parent:
            return kind
    return None
