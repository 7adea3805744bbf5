"""Synced tables: service.md section 15; docs/emulator-unity-catalog.md."""

import re

import checks
from rules import catalogs, databases
from state import Resource
from verdict import BAD, EXISTS, INVALID, NOT_FOUND

MOST_PER_SOURCE = 20
POLICIES = ("SNAPSHOT", "TRIGGERED", "CONTINUOUS")


def _place(model, verdict, table, spec):
    """The live branch and the database, or (None, None) with the refusal."""
    catalog = model.state.find("catalogs/" + table.split(".")[0], "catalog")
    branch, database = spec.get("branch"), spec.get("postgres_database")
    if catalog:
        for given, name in ((branch, "branch"), (database, "postgres_database")):
            verdict.require(given in (None, "", catalog.status[name]), INVALID, f"{name} is not the catalog's")
        branch, database = catalog.status["branch"], catalog.status["postgres_database"]
    else:
        verdict.require(branch, INVALID, "branch is required in a standard catalog")
        verdict.require(database, INVALID, "postgres_database is required in a standard catalog")
    if not (branch and database):
        return None, None
    checks.postgres_name(verdict, database, "postgres_database")
    return catalogs.branch_of(model, verdict, branch), database


def _listed(model, verdict, manifest_type, items):
    """The required fields and enums of the items of a list."""
    required = {"extra_columns": ("column_name", "column_type"), "type_overrides": ("column_name", "pg_type"),
                "extra_index_definitions": ("name", "definition")}[manifest_type]
    for item in items or ():
        for field in required:
            verdict.require(item.get(field), INVALID, f"{manifest_type}.{field} is required")
        for field in ("column_type", "compute", "definition"):
            verdict.require(";" not in (item.get(field) or ""), INVALID, f"{field} is a part of one statement")
    enum = {"type_overrides": ("pg_type", "SyncedTableSyncedTableSpecPgSpecificType"),
            "extra_columns": ("maintenance", "SyncedTableSyncedTableSpecExtraColumnMaintenance"),
            "extra_index_definitions": ("creation_point", "SyncedTableSyncedTableSpecSecondaryIndexCreationPoint")}
    field, name = enum[manifest_type]
    for item in items or ():
        verdict.require(item.get(field) in (None, "", *model.manifest.enums[name]), INVALID, f"no such {field}")


def create(model, verdict, target, query, body):
    table = query.get("synced_table_id", "")
    name = "synced_tables/" + table
    spec = body.get("spec", {})
    there = model.state.find(name) or model.state.find("tables/" + table)
    verdict.require(not there, EXISTS, "a synced table or a table of that id exists")
    source = spec.get("source_table_full_name")
    verdict.require(source, INVALID, "source_table_full_name is required")
    verdict.require(not source or re.fullmatch(r"[^.]+\.[^.]+\.[^.]+", source), INVALID, "the source has three parts")
    verdict.require(spec.get("primary_key_columns"), INVALID, "primary_key_columns is required")
    verdict.require(spec.get("scheduling_policy") in (None, "", *POLICIES), INVALID, "no such scheduling_policy")
    verdict.require(not spec.get("existing_pipeline_id") or spec.get("new_pipeline_spec") is None, INVALID,
                    "one of existing_pipeline_id and new_pipeline_spec")
    channel = (spec.get("new_pipeline_spec") or {}).get("pipeline_channel")
    verdict.require(channel in (None, "", "CURRENT", "PREVIEW"), INVALID, "no such pipeline_channel")
    for part in ("extra_columns", "type_overrides", "extra_index_definitions"):
        _listed(model, verdict, part, spec.get(part))
    if table.count(".") != 2:
        return
    branch, database = _place(model, verdict, table, spec)
    if not branch:
        return
    same_source = [each for each in model.state.all_of("synced_table") if each.hidden["source"] == source]
    verdict.require(len(same_source) < MOST_PER_SOURCE, BAD, "a source has at most 20 synced tables")
    _, schema, relation = table.split(".")
    place = (branch.name, database, schema, relation)
    verdict.require(all(each.hidden["place"] != place for each in model.state.all_of("synced_table")), BAD,
                    "the table of PostgreSQL belongs to another synced table")
    _objects(model, verdict, spec, branch, database, schema)
    objects = verdict.effect

    def effect(resource):
        objects(resource)
        model.state.add(Resource("synced_table", name, {
            "detailed_state": "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT", "project": branch.parent,
            "unity_catalog_provisioning_state": "ACTIVE"}, {
            "branch": branch.name, "source": source, "place": place}))

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def _objects(model, verdict, spec, branch, database, schema):
    """The database and the schema, which are made if they are missing."""
    may_make = spec.get("create_database_objects_if_missing") is not False
    there = catalogs.exists(model, branch.name, database)
    schemas = branch.hidden["schemas"].get(database, ())
    schema_there = schema in schemas or schema == "public"
    verdict.require(there or may_make, NOT_FOUND, "the database is missing")
    verdict.require(there or not may_make or database not in databases.OWN, BAD, "the database is PostgreSQL's own")
    verdict.require(not there or schema_there or may_make, NOT_FOUND, "the schema is missing")
    checks.postgres_name(verdict, schema, "schema")

    def effect(_resource):
        if not there:
            catalogs.make_database(model, branch.name, database)
        if schema != "public":
            branch.hidden["schemas"].setdefault(database, set()).add(schema)

    verdict.effect = effect


def delete(model, verdict, target, _query, _body):
    verdict.require(model.state.find(target.name, "synced_table"), NOT_FOUND, "it is missing")
    verdict.effect = lambda _resource: model.state.remove(target.name)
