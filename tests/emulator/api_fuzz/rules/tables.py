"""Tables of Unity Catalog: service.md section 17; docs/emulator-unity-catalog.md."""

import re

from state import Resource
from verdict import BAD, EXISTS, INVALID, NOT_FOUND

NAME = re.compile(r"\w+\.\w+\.\w+", re.ASCII)


def _databases(model, verdict, name):
    """The live branch and the databases of PostgreSQL that the name may stand for: its last part is an id, or a name there."""
    parts = name.split("/")
    if not verdict.require(len(parts) == 6 and parts[::2] == ["projects", "branches", "databases"] and "" not in parts, INVALID,
                           "database is no name of a database"):
        return None, ()
    branch = model.state.live("/".join(parts[:4]), "branch")
    if not verdict.require(branch, NOT_FOUND, "its branch is missing"):
        return None, ()
    return branch, [each.status["postgres_database"] for each in model.state.below(branch.name, "database")
                    if parts[5] in (each.id, each.status["postgres_database"])]


def create(model, verdict, target, query, body):
    table = body.get("name", "")
    name = "tables/" + table
    verdict.require(NAME.fullmatch(table), INVALID, "name has three parts")
    verdict.require(body.get("database"), INVALID, "database is required")
    catalog = table.split(".")[0]
    if model.state.find("catalogs/" + catalog):
        verdict.refuse(INVALID, "the catalog of a Lakebase database is read-only")
        verdict.may_refuse(BAD, "which of the two codes is not written")
    if model.state.find(name) or model.state.find("synced_tables/" + table):
        verdict.refuse(EXISTS, "a table of that name exists")
        verdict.may_refuse(BAD, "which of the two codes is not written")
    if not body.get("database"):
        return
    branch, databases = _databases(model, verdict, body["database"])
    if not branch:
        return
    _, schema, relation = (table.split(".") + ["", ""])[:3]
    there = [(database, schema, relation) in branch.hidden["tables"] for database in databases]
    verdict.require(any(there), NOT_FOUND, "the table is not in PostgreSQL")
    if not all(there):
        verdict.may_refuse(NOT_FOUND, "the id of one database is the name of another")

    def effect(_resource):
        model.state.add(Resource("table", name, {"name": table, "branch": branch.name, "project": branch.parent}, {
            "branch": branch.name}))

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def delete(model, verdict, target, _query, _body):
    verdict.require(model.state.find(target.name, "table"), NOT_FOUND, "it is missing")
    verdict.effect = lambda _resource: model.state.remove(target.name)
