"""Databases: service.md sections 6, 7 and 13."""

import re

import checks
import contents
from state import Resource
from verdict import BAD, INVALID, NOT_FOUND

OWN = ("postgres", "template0", "template1")


def _present(unit, body):
    return (body.get("spec") or {}).get(unit) is not None


MASK = checks.Mask({"spec.postgres_database": "postgres_database", "spec.role": "role"}, ("postgres_database", "role"), _present)


def id_of(model, branch, name, kind="database"):
    """The id of a database or role that is made along with something else, which the service chooses: asked for, where a
    driver lets the model ask; it must have the form of ids."""
    for each in model.ask(f"{branch}/{kind}s").get(kind + "s", []):
        if each["status"]["postgres_" + kind] == name and checks.ID.fullmatch(each[kind + "_id"]):
            return each[kind + "_id"]
    return re.sub(r"[^a-z0-9]", "-", name.partition("@")[0].lower())


def make(model, name, postgres_database, role):
    return model.state.add(Resource("database", name, {
        "database_id": name.rsplit("/", 1)[1], "postgres_database": postgres_database, "role": role}))


def by_postgres_name(model, branch, name):
    for each in model.state.below(branch, "database"):
        if each.status["postgres_database"] == name:
            return each
    return None


def lose(model, database):
    """Catalogs of a database that is dropped or renamed outlive it."""
    for each in model.state.all_of("catalog"):
        if (each.hidden["branch"], each.status["postgres_database"]) == (database.parent,
                                                                         database.status["postgres_database"]):
            each.hidden["lost"] = True


def _owner(model, verdict, branch, role):
    found = model.state.live(role, "role")
    verdict.require(found and found.parent == branch, NOT_FOUND, "role is missing")


def _free(model, verdict, branch, name, but=None):
    taken = by_postgres_name(model, branch, name)
    verdict.require(name not in OWN and taken in (None, but), BAD, "a database of that name exists")
    checks.postgres_name(verdict, name, "postgres_database")


def create(model, verdict, target, query, body):
    replace = checks.flag(verdict, query, "replace_existing")
    identifier = query.get("database_id", "")
    name = f"{target.parent}/databases/{identifier}"
    spec = body.get("spec", {})
    existing = model.state.live(name, "database") if identifier else None
    if existing and replace:
        _change(model, verdict, existing, spec.get("postgres_database"), spec.get("role"))
        return
    verdict.require(spec.get("role"), INVALID, "spec.role is required")
    branch = model.state.live(target.parent, "branch")
    if not branch:
        return
    verdict.require(not existing, BAD, "a database of that id exists")
    if spec.get("role"):
        _owner(model, verdict, branch.name, spec["role"])
    _free(model, verdict, branch.name, spec.get("postgres_database") or identifier)
    made = []

    def effect(resource):
        made_id = identifier or resource["database_id"]
        made.append(make(model, f"{target.parent}/databases/{made_id}", spec.get("postgres_database") or made_id,
                         spec["role"]))

    verdict.effect = effect
    verdict.view = lambda: model.view(made[0])


def _change(model, verdict, database, name, role):
    """Renames, or changes the owner; what is None or empty stays."""
    name = name or database.status["postgres_database"]
    role = role or database.status["role"]
    _free(model, verdict, database.parent, name, database)
    _owner(model, verdict, database.parent, role)

    def effect(_resource):
        if name != database.status["postgres_database"]:
            lose(model, database)
        contents.rename(model.state.find(database.parent), database.status["postgres_database"], name)
        database.status.update(postgres_database=name, role=role)

    verdict.effect = effect
    verdict.view = lambda: model.view(database)


def update(model, verdict, target, query, body):
    database = model.state.live(target.name, "database")
    units = MASK.units(verdict, query, body)
    spec = body.get("spec", {})
    given = {unit: spec.get(unit) for unit in units}
    if given.get("postgres_database") == "":
        verdict.may_refuse(INVALID, "postgres_database is masked but empty: not populated, or kept")
    if given.get("role") == "":
        verdict.refuse(INVALID, "role is masked but empty")
        verdict.may_refuse(NOT_FOUND, "a bad owner is 404")
    _change(model, verdict, database, given.get("postgres_database"), given.get("role"))


def delete(model, verdict, target, _query, _body):
    database = model.state.live(target.name, "database")
    if not verdict.require(database, NOT_FOUND, "it is missing"):
        return

    def effect(_resource):
        lose(model, database)
        contents.drop(model.state.find(database.parent), database.status["postgres_database"])
        model.state.remove(database.name)

    verdict.effect = effect
