"""Change data feeds: service.md section 17; docs/emulator-unity-catalog.md."""

import re

import checks
import contents
from state import Resource
from verdict import BAD, EXISTS, INVALID, NOT_FOUND

ID = re.compile("[a-z][a-z0-9_]{0,62}")
NAMES = ("catalog", "schema", "postgres_schema")


def place(model, config):
    """The branch, and the name of the database in PostgreSQL."""
    database = model.state.find(config.parent)
    return model.state.find(database.parent), database.status["postgres_database"]


def create(model, verdict, target, query, body):
    for field in NAMES:
        verdict.require(body.get(field), INVALID, f"{field} is required")
    for field in NAMES[:2]:
        if not re.fullmatch(r"\w+", body.get(field, ""), re.ASCII):
            verdict.may_refuse(INVALID, f"the form of {field} in Unity Catalog")
    if model.state.find("catalogs/" + body.get("catalog", "")):
        verdict.refuse(INVALID, "the catalog of a Lakebase database is read-only")
        verdict.may_refuse(BAD, "which of the two codes is not written")
    schema = body.get("postgres_schema", "")
    checks.postgres_name(verdict, schema, "postgres_schema")
    identifier = query.get("cdf_config_id") or schema
    verdict.require(ID.fullmatch(identifier), INVALID, "the id, by default the schema, has another form")
    name = f"{target.parent}/cdf-configs/{identifier}"
    database = model.state.live(target.parent, "database")
    if not database:
        return
    others = model.state.below(database.name, "cdf_config")
    if model.state.find(name) or any(each.status["postgres_schema"] == schema for each in others):
        verdict.refuse(EXISTS, "a feed of that id or schema exists")
        verdict.may_refuse(BAD, "which of the two codes is not written")
    branch = model.state.find(database.parent)
    if not contents.has_schema(branch, database.status["postgres_database"], schema):
        verdict.may_refuse(NOT_FOUND, "whether the schema must exist is not written")

    def effect(_resource):
        shown = {field: body[field] for field in NAMES}
        model.state.add(Resource("cdf_config", name, {"cdf_config_id": identifier, **shown}))

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def delete(model, verdict, target, query, _body):
    checks.flag(verdict, query, "force")
    verdict.require(model.state.live(target.name, "cdf_config"), NOT_FOUND, "it is missing")
    verdict.effect = lambda _resource: model.state.remove(target.name)
