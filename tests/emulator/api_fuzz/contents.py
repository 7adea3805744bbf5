"""What a branch holds in PostgreSQL, which its children and snapshots begin with: roles, databases, schemas, tables."""

import copy
import dataclasses

from state import Resource


def nothing():
    """Of a branch's `hidden`: the schemas of each database, and (database, schema, table) with owner and form."""
    return {"schemas": {}, "tables": {}}


@dataclasses.dataclass
class Contents:
    """`resources` have their names from `origin` on. Roles share the cell of their password, unless it is `protected`."""

    origin: str
    resources: list
    protected: bool
    hidden: dict


def of(model, branch):
    resources = [Resource(each.kind, each.name, copy.copy(each.status), copy.copy(each.hidden))
                 for kind in ("role", "database") for each in model.state.below(branch.name, kind)]
    return Contents(branch.name, resources, branch.status["is_protected"],
                    copy.deepcopy({part: branch.hidden[part] for part in nothing()}))


def fill(model, branch, contents):
    """Fills a new branch."""
    def moved(name):
        return branch.name + name[len(contents.origin):]

    for each in contents.resources:
        status, hidden = dict(each.status), dict(each.hidden)
        if each.kind == "database":
            status["role"] = moved(status["role"])
        elif contents.protected:
            hidden["password"] = {"not": each.hidden["password"]}
        model.state.add(Resource(each.kind, moved(each.name), status, hidden))
    branch.hidden.update(copy.deepcopy(contents.hidden))


def rename(branch, database, name):
    schemas, tables = branch.hidden["schemas"], branch.hidden["tables"]
    if database in schemas:
        schemas[name] = schemas.pop(database)
    branch.hidden["tables"] = {
        (name if key[0] == database else key[0], *key[1:]): table for key, table in tables.items()}


def drop(branch, database):
    branch.hidden["schemas"].pop(database, None)
    branch.hidden["tables"] = {key: table for key, table in branch.hidden["tables"].items() if key[0] != database}


def has_schema(branch, database, schema):
    return schema == "public" or schema in branch.hidden["schemas"].get(database, ())
