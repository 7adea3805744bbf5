"""Endpoints: service.md sections 6, 7 and 10."""

import checks
from rules import projects
from state import ABSENT, Resource
from verdict import BAD, INVALID, NOT_FOUND, NOT_OFFERED, QUOTA, Verdict

READ_WRITE, READ_ONLY = "ENDPOINT_TYPE_READ_WRITE", "ENDPOINT_TYPE_READ_ONLY"
MOST_READ_ONLY = 6
UNITS = ("autoscaling_limit_min_cu", "autoscaling_limit_max_cu", "suspension", "disabled", "settings", "group")
GROUP = ("group.min", "group.max", "group.enable_readable_secondaries")


def _present(unit, body):
    spec = body.get("spec") or {}
    name, _, part = unit.partition(".")
    if name == "suspension":
        return checks.group_of(spec, "no_suspension", "suspend_timeout_duration")
    if part:
        return spec.get(name) is not None and spec[name].get(part) is not None
    return spec.get(name) is not None


MASK = checks.Mask(
    {**{f"spec.{unit}": unit for unit in UNITS}, "spec.settings.pg_settings": "settings.pg_settings",
     **{f"spec.{part}": part for part in GROUP}},
    (*UNITS[:4], "settings.pg_settings", *GROUP), _present, loose=GROUP, repeated=("settings.pg_settings",))


def inherited(settings):
    return {"type": READ_WRITE, "disabled": False, "readable": False, "computes": 1, **settings}


def initial(verdict, spec, settings):
    """The endpoint of a new project, by `initial_endpoint_spec`."""
    return _laid(verdict, spec, inherited(settings), "initial_endpoint_spec")


def _laid(verdict, spec, base, path="spec"):
    """The fields of an endpoint after `spec` was laid over `base`."""
    smallest = spec.get("autoscaling_limit_min_cu", base["min"])
    largest = spec.get("autoscaling_limit_max_cu", base["max"])
    checks.sizes(verdict, smallest, largest)
    checks.group(verdict, spec.get("group"), path + ".group")
    group = spec.get("group") or {}
    settings = (spec.get("settings") or {}).get("pg_settings", base["pg_settings"])
    checks.settings(verdict, settings)
    suspend = checks.suspension(verdict, spec, base["suspend"])
    computes = group.get("max") or base["computes"]
    if computes > 1:
        if base["type"] == READ_ONLY:
            verdict.refuse(NOT_OFFERED, "groups of several read-only computes are not offered")
        verdict.require(suspend is None, INVALID, "a group of several computes is never suspended")
    return {**base, "min": smallest, "max": largest, "suspend": suspend, "computes": computes,
            "disabled": spec.get("disabled", base["disabled"]), "pg_settings": settings,
            "readable": group.get("enable_readable_secondaries", base["readable"])}


def show(fields, identifier):
    return {"endpoint_id": identifier, "endpoint_type": fields["type"], "disabled": fields["disabled"],
            "autoscaling_limit_min_cu": fields["min"], "autoscaling_limit_max_cu": fields["max"],
            "suspend_timeout_duration": projects.shown_suspension(fields["suspend"]),
            "settings": {"pg_settings": fields["pg_settings"] or ABSENT},
            "group": {"min": fields["computes"], "max": fields["computes"], "enable_readable_secondaries": fields["readable"]}}


def make(model, name, fields):
    return model.state.add(Resource("endpoint", name, show(fields, name.rsplit("/", 1)[1]), {"fields": fields}))


def _set(endpoint, fields):
    endpoint.hidden["fields"] = fields
    endpoint.status = show(fields, endpoint.id)


def _of_type(model, branch, kind):
    return [each for each in model.state.below(branch, "endpoint") if each.hidden["fields"]["type"] == kind]


def create(model, verdict, target, query, body):
    replace = checks.flag(verdict, query, "replace_existing")
    identifier = query.get("endpoint_id", "")
    name = f"{target.parent}/endpoints/{identifier}"
    spec = body.get("spec", {})
    kind = spec.get("endpoint_type")
    verdict.require(kind in (None, "", READ_WRITE, READ_ONLY), INVALID, "no such endpoint_type")
    existing = model.state.live(name, "endpoint")
    if existing and replace:
        if kind and kind != existing.hidden["fields"]["type"]:
            verdict.refuse(INVALID, "the type cannot be changed")
        fields = _laid(verdict, spec, existing.hidden["fields"])
        verdict.effect = lambda _resource: _set(existing, fields)
        verdict.view = lambda: model.view(existing)
        return
    verdict.require(kind, INVALID, "endpoint_type is required")
    branch = model.state.live(target.parent, "branch")
    if not branch:
        return
    verdict.require(not existing, BAD, "an endpoint of that id exists")
    if kind == READ_WRITE:
        verdict.require(not _of_type(model, branch.name, READ_WRITE), BAD, "a read-write endpoint exists")
    if kind == READ_ONLY:
        verdict.require(len(_of_type(model, branch.name, READ_ONLY)) < MOST_READ_ONLY, QUOTA, "too many read-only endpoints")
    project = model.state.find(branch.parent)
    base = {**inherited(project.hidden["settings"]), "type": kind, "readable": kind == READ_ONLY}
    fields = _laid(verdict, spec, base)
    verdict.effect = lambda _resource: make(model, name, fields)
    verdict.view = lambda: model.view(model.state.find(name))


def update(model, verdict, target, query, body):
    endpoint = model.state.live(target.name, "endpoint")
    units = MASK.units(verdict, query, body)
    spec = body.get("spec", {})
    masked_whole = {"spec", "*"} & set(query.get("update_mask", "").split(","))
    if masked_whole and spec.get("endpoint_type") not in (None, "", endpoint.hidden["fields"]["type"]):
        verdict.may_refuse(INVALID, "endpoint_type cannot be changed, or is ignored under the mask spec")
    given = {unit: spec[unit] for unit in units if unit in spec}
    if "group" in units:
        # The whole group is replaced, so that what it leaves out has its default.
        readable = endpoint.hidden["fields"]["type"] == READ_ONLY
        given["group"] = {"enable_readable_secondaries": readable, **spec.get("group", {})}
    if "suspension" in units:
        given.update({part: spec[part] for part in ("no_suspension", "suspend_timeout_duration") if part in spec})
    if {"settings", "settings.pg_settings"} & units:
        given["settings"] = {"pg_settings": spec.get("settings", {}).get("pg_settings", {})}
    leaves = {unit for unit in units if unit.startswith("group.")}
    if leaves and "group" not in given:
        # Leaves are accepted (?); whether the rest of the group is taken from the body or the endpoint is not known.
        group = spec.get("group") or {}
        whole = Verdict()
        checks.group(whole, group, "spec.group")
        verdict.open += whole.refused
        size = group.get("max") if {"group.min", "group.max"} & leaves else endpoint.hidden["fields"]["computes"]
        merged = {"min": size, "max": size}
        if "group.enable_readable_secondaries" in leaves:
            merged["enable_readable_secondaries"] = group.get("enable_readable_secondaries")
        given["group"] = {name: value for name, value in merged.items() if value is not None}
    fields = _laid(verdict, given, endpoint.hidden["fields"])
    verdict.effect = lambda _resource: _set(endpoint, fields)
    verdict.view = lambda: model.view(endpoint)


def delete(model, verdict, target, _query, _body):
    endpoint = model.state.live(target.name, "endpoint")
    if not verdict.require(endpoint, NOT_FOUND, "it is missing"):
        return
    verdict.require(endpoint.hidden["fields"]["type"] == READ_ONLY, BAD, "it is the read-write endpoint")
    verdict.require(not model.state.find(endpoint.parent).status["is_protected"], BAD, "its branch is protected")
    verdict.effect = lambda _resource: model.state.remove(endpoint.name)
