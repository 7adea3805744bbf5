"""Projects: service.md sections 6 and 8."""

import checks
from rules import branches, endpoints, roles
from state import ABSENT, Resource
from verdict import BAD, EXISTS, INVALID, NOT_FOUND

SETTINGS = "spec.default_endpoint_settings"
UNITS = ("display_name", "history_retention_duration", "enable_pg_native_login", "default_branch",
         "default_endpoint_settings", "budget_policy_id", "custom_tags")
PLAIN = ("display_name", "history_retention_duration", "enable_pg_native_login", "budget_policy_id")
PARTS = ("autoscaling_limit_min_cu", "autoscaling_limit_max_cu", "suspension", "pg_settings")


def _present(unit, body):
    spec = body.get("spec") or {}
    name, _, part = unit.partition(".")
    if spec.get(name) is None:
        return False
    if part == "suspension":
        return checks.group_of(spec[name], "no_suspension", "suspend_timeout_duration")
    return not part or spec[name].get(part) is not None


MASK = checks.Mask(
    paths={**{f"spec.{unit}": unit for unit in UNITS},
           **{f"{SETTINGS}.{part}": f"default_endpoint_settings.{part}" for part in PARTS},
           "spec.project_default_settings.suspension": "default_endpoint_settings.suspension"},
    whole=(*UNITS[:4], *UNITS[5:], *(f"default_endpoint_settings.{part}" for part in PARTS)), present=_present,
    loose=("default_branch", "budget_policy_id"), repeated=("custom_tags", "default_endpoint_settings.pg_settings"),
    kept=("custom_tags",), ignored=("initial_branch_spec", "initial_endpoint_spec", "initial_database_spec", "initial_role_spec"))


def shown_suspension(seconds):
    return ABSENT if seconds is None else checks.shown_seconds(seconds)


def _endpoint_settings(verdict, given, base):
    """The default settings after `given` was laid over `base`."""
    smallest = given.get("autoscaling_limit_min_cu", base["min"])
    largest = given.get("autoscaling_limit_max_cu", base["max"])
    checks.sizes(verdict, smallest, largest)
    checks.settings(verdict, given.get("pg_settings"))
    return {"min": smallest, "max": largest, "suspend": checks.suspension(verdict, given, base["suspend"]),
            "pg_settings": given.get("pg_settings", base["pg_settings"])}


DEFAULTS = {"min": 1, "max": 1, "suspend": checks.DAY, "pg_settings": {}}


def _fields(verdict, spec, units):
    """The plain fields of `spec` that `units` names, checked."""
    found = {}
    for unit in units:
        if unit == "custom_tags":
            found[unit] = spec.get(unit) or []
        elif unit in PLAIN and spec.get(unit) is not None:
            found[unit] = spec[unit]
    keys = [tag.get("key") for tag in found.get("custom_tags", ())]
    if not all(keys) or len(set(keys)) < len(keys):
        verdict.may_refuse(INVALID, "whether a tag needs a key of its own is not written")
    if "display_name" in found:
        verdict.require(len(found["display_name"]) <= 256, INVALID, "display_name has more than 256 characters")
    if "history_retention_duration" in found:
        days = checks.seconds(found["history_retention_duration"]) / checks.DAY
        verdict.require(2 <= days <= 35, INVALID, "history_retention_duration is out of range")
        found["history_retention_duration"] = checks.shown_seconds(days * checks.DAY)
    return found


def _show(project):
    """Writes the default settings into what is shown."""
    settings = project.hidden["settings"]
    project.status["default_endpoint_settings"] = {
        "autoscaling_limit_min_cu": settings["min"], "autoscaling_limit_max_cu": settings["max"],
        "suspend_timeout_duration": shown_suspension(settings["suspend"]),
        "pg_settings": settings["pg_settings"] or ABSENT}


def create(model, verdict, target, query, body):
    identifier = query.get("project_id", "")
    name = f"projects/{identifier}"
    verdict.require(not model.state.find(name), EXISTS, "a project of that id exists, or can be restored")
    spec = body.get("spec", {})
    version = spec.get("pg_version")
    verdict.require(version in (None, 15, 16, 17, 18), INVALID, "pg_version is not offered")
    if version == 0:
        verdict.may_refuse(INVALID, "0 is the default value of an integer")
    settings = _endpoint_settings(verdict, spec.get("default_endpoint_settings", {}), DEFAULTS)
    fields = _fields(verdict, spec, UNITS)
    if not fields.get("display_name"):
        fields.pop("display_name", None)
    root = f"{name}/branches/production"
    if spec.get("default_branch"):
        verdict.require(spec["default_branch"] == root, INVALID, "default_branch is set by updates")
    endpoint = endpoints.initial(verdict, body.get("initial_endpoint_spec", {}), settings)
    role = roles.initial(verdict, body.get("initial_role_spec"))
    roles.createrole(verdict, model.versions.get(version or None, 15), role)
    database = body.get("initial_database_spec", {}).get("postgres_database") or "databricks_postgres"
    checks.postgres_name(verdict, database, "postgres_database")
    verdict.require(database not in ("postgres", "template0", "template1"), BAD, "the database exists")

    def effect(resource):
        # What is not installed is replaced by what is; by the same each time.
        runs = model.versions.setdefault(version or None, resource.get("status", {}).get("pg_version", version or 17))
        project = model.state.add(Resource("project", name, {
            "project_id": identifier, "display_name": identifier, "pg_version": runs, "owner": "developer@example.com",
            "default_branch": root, "history_retention_duration": "604800s", "enable_pg_native_login": False,
            **fields}, {"settings": settings}))
        _show(project)
        branches.make_root(model, project, bool(body.get("initial_branch_spec", {}).get("is_protected")),
                           endpoint, role, database)

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def update(model, verdict, target, query, body):
    project = model.state.live(target.name)
    units = MASK.units(verdict, query, body)
    spec = body.get("spec", {})
    fields = _fields(verdict, spec, units)
    if fields.get("display_name") == "":
        verdict.may_refuse(INVALID, "display_name has 1 to 256 characters, or an empty one is the default")
        fields["display_name"] = project.id
    if "spec" in query.get("update_mask", "").split(",") and spec.get("pg_version") not in (
            None, 0, project.status["pg_version"]):
        verdict.may_refuse(INVALID, "pg_version cannot be changed, or is ignored under the mask spec")
    settings = _settings_after(verdict, project, units, spec.get("default_endpoint_settings", {}))
    branch = spec.get("default_branch") if "default_branch" in units else None
    if branch is not None:
        _default_branch(model, verdict, project, branch)

    def effect(_resource):
        project.status.update(fields)
        project.hidden["settings"] = settings
        _show(project)
        if branch is not None:
            for each in model.state.below(project.name, "branch"):
                each.status["default"] = each.name == branch
            project.status["default_branch"] = branch

    verdict.effect = effect
    verdict.view = lambda: model.view(project)


def _default_branch(model, verdict, project, branch):
    parts = branch.split("/")
    if not verdict.require(branch.startswith(project.name + "/branches/") and len(parts) == 4, INVALID,
                           "default_branch is no branch of the project"):
        return
    found = model.state.live(branch, "branch")
    if verdict.require(found, NOT_FOUND, "default_branch is missing"):
        verdict.require(found.hidden["expires"] is None, BAD, "a default branch cannot expire")


def _settings_after(verdict, project, units, given):
    base = project.hidden["settings"]
    named = {part for part in PARTS if f"default_endpoint_settings.{part}" in units}
    if "default_endpoint_settings" in units:
        for part in PARTS[:2]:
            verdict.require(given.get(part) is not None, INVALID, f"{part} is masked with its message, but absent")
        verdict.require(checks.group_of(given, "no_suspension", "suspend_timeout_duration"), INVALID,
                        "suspension is masked with its message, but absent")
        named |= {part for part in PARTS if part != "suspension" and given.get(part) is not None} | {"suspension"}
        if given.get("pg_settings") is None:
            base = {**base, "pg_settings": {}}
    laid = {part: given[part] for part in named if part in given}
    if "pg_settings" in named:
        laid["pg_settings"] = given.get("pg_settings", {})
    if "suspension" in named:
        laid.update({part: given[part] for part in ("no_suspension", "suspend_timeout_duration") if part in given})
    return _endpoint_settings(verdict, laid, base)


def delete(model, verdict, target, query, _body):
    purge = checks.flag(verdict, query, "purge")
    project = model.state.find(target.name)
    if not verdict.require(project, NOT_FOUND, "it is missing"):
        return
    verdict.require(purge or not project.deleted, NOT_FOUND, "it is deleted already")
    for branch in model.state.below(project.name, "branch"):
        if branch.deleted and branch.status["is_protected"]:
            continue
        verdict.require(not branch.status["is_protected"], BAD, "a branch of the project is protected")

    def effect(_resource):
        branches.drop_catalogs(model, project.name)
        if purge:
            model.state.remove(project.name)
        else:
            project.deleted = True

    verdict.effect = effect


def undelete(model, verdict, target, _query, _body):
    project = model.state.find(target.name)
    if verdict.require(project, NOT_FOUND, "it is missing"):
        verdict.require(project.deleted, BAD, "it is not deleted")

    def effect(_resource):
        project.deleted = False

    verdict.effect = effect
