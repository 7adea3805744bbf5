"""Catalogs: service.md section 14; docs/emulator-unity-catalog.md."""

import checks
from rules import databases, roles
from state import Resource
from verdict import BAD, EXISTS, INVALID, NOT_FOUND


def branch_of(model, verdict, name):
    """The live branch of that name, refused where there is none."""
    parts = name.split("/")
    if not verdict.require(len(parts) == 4 and parts[0] == "projects" and parts[2] == "branches" and "" not in parts,
                           INVALID, "branch is no name of a branch"):
        return None
    branch = model.state.live(name, "branch")
    verdict.require(branch, NOT_FOUND, "branch is missing")
    return branch


def caller_role(model, branch):
    for each in model.state.below(branch, "role"):
        if each.status["postgres_role"] == roles.CALLER:
            return each
    return None


def make_database(model, branch, name):
    """A database that is made along: the caller's, who gets a role if he has none."""
    owner = caller_role(model, branch)
    if not owner:
        identifier = databases.id_of(model, branch, roles.CALLER, "role")
        status = {"role_id": identifier, "postgres_role": roles.CALLER, "identity_type": "USER",
                  "auth_method": "LAKEBASE_OAUTH_V1", "attributes": {each: False for each in roles.ATTRIBUTES},
                  "membership_roles": roles.ABSENT}
        owner = roles.make(model, f"{branch}/roles/{identifier}", status)
    databases.make(model, f"{branch}/databases/{databases.id_of(model, branch, name)}", name, owner.name)


def exists(model, branch, name):
    return databases.by_postgres_name(model, branch, name)


def create(model, verdict, target, query, body):
    name = "catalogs/" + query.get("catalog_id", "")
    spec = body.get("spec", {})
    verdict.require(not model.state.find(name), EXISTS, "a catalog of that id exists")
    database = spec.get("postgres_database")
    verdict.require(database, INVALID, "postgres_database is required")
    verdict.require(spec.get("branch"), INVALID, "branch is required")
    if not (database and spec.get("branch")):
        return
    checks.postgres_name(verdict, database, "postgres_database")
    branch = branch_of(model, verdict, spec["branch"])
    if not branch:
        return
    there = exists(model, branch.name, database)
    missing_made = spec.get("create_database_if_missing")
    verdict.require(there or missing_made, NOT_FOUND, "the database is missing")
    verdict.require(there or not missing_made or database not in databases.OWN, BAD, "the database is PostgreSQL's own")
    for each in model.state.all_of("catalog"):
        same = (each.hidden["branch"], each.status["postgres_database"]) == (branch.name, database)
        if same and each.hidden["lost"]:
            verdict.may_refuse(BAD, "the catalog's database was dropped or renamed, and another has its name now")
        elif same:
            verdict.refuse(BAD, "the database is in another catalog")
        elif each.status["postgres_database"] == database and each.hidden["branch"].startswith(branch.parent + "/"):
            verdict.may_refuse(BAD, "a copy of a registered database may not be registered")

    def effect(_resource):
        if not there:
            make_database(model, branch.name, database)
        model.state.add(Resource("catalog", name, {
            "branch": branch.name, "postgres_database": database, "project": branch.parent}, {
            "branch": branch.name, "lost": False}))

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def delete(model, verdict, target, _query, _body):
    verdict.require(model.state.find(target.name, "catalog"), NOT_FOUND, "it is missing")
    verdict.effect = lambda _resource: model.state.remove(target.name)
