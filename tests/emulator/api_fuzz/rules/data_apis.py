"""The Data API of a database: data-api.md section 1; docs/emulator-data-api.md."""

import re

import checks
from state import ABSENT, Resource
from verdict import BAD, EXISTS, INVALID, NOT_FOUND

SCHEMA = re.compile("[a-zA-Z_][a-zA-Z0-9_$]{0,62}")
MODES = ("OPEN_API_MODE_DISABLED", "OPEN_API_MODE_IGNORE_PRIVILEGES")
USUAL = {"db_schemas": ["public"], "db_extra_search_path": [], "db_max_rows": None, "db_anon_role": "anonymous",
         "db_aggregates_enabled": True, "jwt_role_claim_key": ".sub", "jwt_cache_max_lifetime": "0s",
         "openapi_mode": MODES[0], "server_cors_allowed_origins": [], "server_timing_enabled": False}
LISTS = ("db_schemas", "db_extra_search_path", "server_cors_allowed_origins")


def _present(unit, body):
    """An empty text is none."""
    value = (body.get("spec") or {}).get(unit)
    return value is not None and value != "" and (unit not in LISTS or bool(value))


MASK = checks.Mask({f"spec.{name}": name for name in USUAL}, tuple(USUAL), _present, repeated=LISTS, kept=LISTS)


def _schemas(verdict, names):
    verdict.require(len(names) <= 100, INVALID, "at most 100 schemas")
    for name in names:
        verdict.require(SCHEMA.fullmatch(name), INVALID, f"no name of a schema: {name}")
        verdict.require(not name.startswith("pg_") and name != "information_schema", INVALID, "a schema of the system")


def _put(model, verdict, target, name, before, units, body):
    spec = body.get("spec") or {}
    wanted = dict(before)
    for unit in units:
        wanted[unit] = spec[unit] if _present(unit, body) else USUAL[unit]
        if unit in LISTS and not _present(unit, body):
            wanted[unit] = USUAL[unit]
    if "db_schemas" in units:
        _schemas(verdict, wanted["db_schemas"])
    if "db_extra_search_path" in units:
        _schemas(verdict, wanted["db_extra_search_path"])
    if "db_max_rows" in units and wanted["db_max_rows"] is not None:
        wanted["db_max_rows"] = int(wanted["db_max_rows"])
        verdict.require(wanted["db_max_rows"] > 0, INVALID, "db_max_rows is more than 0")
    if "db_anon_role" in units:
        checks.postgres_name(verdict, wanted["db_anon_role"], "db_anon_role")
    if "jwt_role_claim_key" in units:
        verdict.require(re.fullmatch(r"\..+", wanted["jwt_role_claim_key"], re.DOTALL), INVALID, "no JSON path")
    if "jwt_cache_max_lifetime" in units:
        verdict.require(checks.seconds(wanted["jwt_cache_max_lifetime"]) >= 0, INVALID, "a life is not negative")
        wanted["jwt_cache_max_lifetime"] = checks.shown_seconds(checks.seconds(wanted["jwt_cache_max_lifetime"]))
    if "openapi_mode" in units:
        verdict.require(wanted["openapi_mode"] in MODES, INVALID, "no such mode")

    def effect(_resource):
        shown = {field: ABSENT if value in (None, []) else value for field, value in wanted.items()}
        model.state.add(Resource("data_api", name, shown, {"settings": wanted}))

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def create(model, verdict, target, _query, body):
    database = model.state.live(target.parent, "database")
    name = f"{target.parent}/data-api"
    if model.state.find(name):
        verdict.refuse(EXISTS, "the database has one")
        verdict.may_refuse(BAD, "which of the two codes is not written")
    given = [unit for unit in USUAL if _present(unit, body)]
    if database:
        _put(model, verdict, target, name, USUAL, given, body)


def update(model, verdict, target, query, body):
    found = model.state.find(target.name)
    verdict.require(found, NOT_FOUND, "it is missing")
    units = MASK.units(verdict, query, body)
    _put(model, verdict, target, target.name, found.hidden["settings"] if found else USUAL, units, body)


def delete(model, verdict, target, _query, _body):
    verdict.require(model.state.find(target.name), NOT_FOUND, "it is missing")
    verdict.effect = lambda _resource: model.state.remove(target.name)
