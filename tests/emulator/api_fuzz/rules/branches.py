"""Branches: service.md sections 6, 7 and 9."""

import checks
import databases
import endpoints
import roles
from state import ABSENT, Resource
from verdict import BAD, INVALID, NOT_FOUND, NOT_OFFERED


def _present(unit, body):
    spec = body.get("spec") or {}
    return checks.group_of(spec, *(("ttl", "expire_time", "no_expiry") if unit == "expiration" else (unit,)))


MASK = checks.Mask({"spec.is_protected": "is_protected", "spec.expiration": "expiration"},
                   ("is_protected", "expiration"), _present)


def _make(model, project, name, source, protected, expires):
    """`expires` None: never."""
    default = project.status["default_branch"] == name
    return model.state.add(Resource("branch", name, {
        "branch_id": name.rsplit("/", 1)[1], "current_state": "READY", "default": default, "is_protected": protected,
        "source_branch": source or ABSENT}, {"expires": expires, "schemas": {}}))


def make_root(model, project, protected, endpoint, role, database):
    branch = _make(model, project, f"{project.name}/branches/production", None, protected, None)
    endpoints.make(model, f"{branch.name}/endpoints/primary", endpoint)
    owner = roles.make(model, f"{branch.name}/roles/{role.pop('id')}", role)
    databases.make(model, f"{branch.name}/databases/{databases.id_of(model, branch.name, database)}", database, owner.name)


def _source(model, verdict, project, spec):
    """The branch that a new one is made of, or None."""
    name = spec.get("source_branch") or project.status["default_branch"]
    if not verdict.require(name.startswith(project.name + "/branches/") and name.count("/") == 3, INVALID,
                           "source_branch is of another project"):
        return None
    source = model.state.live(name, "branch")
    if verdict.require(source, NOT_FOUND, "source_branch is missing"):
        verdict.require(source.hidden["expires"] is None, BAD, "source_branch expires, so that it has no children")
    return source


def _point(model, verdict, spec):
    """What says of when the copy is."""
    point = [name for name in ("source_branch_time", "source_branch_lsn") if spec.get(name)]
    verdict.require(len(point) < 2, INVALID, "one of source_branch_time and source_branch_lsn")
    if spec.get("source_branch_time"):
        verdict.require(checks.moment(spec["source_branch_time"]) <= model.now(), INVALID, "a time in the future")
    if point or spec.get("source_snapshot"):
        verdict.refuse(NOT_OFFERED, "branches of the past and of snapshots are not offered")
        verdict.may_refuse(INVALID, "a form or a window that is not kept")
        verdict.may_refuse(NOT_FOUND, "the snapshot is missing")


def create(model, verdict, target, query, body):
    replace = checks.flag(verdict, query, "replace_existing")
    identifier = query.get("branch_id", "")
    name = f"{target.parent}/branches/{identifier}"
    spec = body.get("spec", {})
    expires = checks.expiration(verdict, spec, model.now())
    verdict.require(expires is not checks.UNLIMITED, INVALID, "expiration must be specified")
    protected = bool(spec.get("is_protected"))
    if protected and expires not in (None, checks.UNLIMITED):
        verdict.refuse(INVALID, "a protected branch cannot expire")
    project = model.state.live(target.parent, "project")
    if not project:
        verdict.refuse(NOT_FOUND, "a parent is missing")
        return
    existing = model.state.find(name, "branch")
    if existing and replace and not existing.deleted:
        kept = existing.status["is_protected"] if spec.get("is_protected") is None else protected
        _changed(model, verdict, existing, kept, expires)
        return
    verdict.require(not existing, BAD, "a branch of that id exists, or can be restored")
    _point(model, verdict, spec)
    source = _source(model, verdict, project, spec)

    def effect(_resource):
        branch = _make(model, project, name, source.name, protected, expires)
        endpoints.make(model, f"{name}/endpoints/primary", endpoints.inherited(project.hidden["settings"]))
        _inherit(model, source, branch)

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def _inherit(model, source, branch):
    for kind in ("role", "database"):
        for each in model.state.below(source.name, kind):
            status = dict(each.status)
            if kind == "database":
                status["role"] = status["role"].replace(source.name + "/", branch.name + "/", 1)
            model.state.add(Resource(kind, each.name.replace(source.name + "/", branch.name + "/", 1), status,
                                     dict(each.hidden)))
    branch.hidden["schemas"] = {database: set(schemas) for database, schemas in source.hidden["schemas"].items()}


def children(model, branch):
    return [each for each in model.state.below(branch.parent, "branch")
            if each.status["source_branch"] == branch.name and not each.deleted]


def _changed(model, verdict, branch, protected, expires):
    """What an existing branch may become."""
    if expires not in (None, checks.UNLIMITED):
        verdict.require(not protected, INVALID, "a protected branch cannot expire")
        verdict.require(not branch.status["default"], BAD, "the default branch cannot expire")
        verdict.require(not children(model, branch), BAD, "a branch with children cannot expire")

    def effect(_resource):
        branch.status["is_protected"] = protected
        branch.hidden["expires"] = expires

    verdict.effect = effect
    verdict.view = lambda: model.view(branch)


def update(model, verdict, target, query, body):
    branch = model.state.live(target.name, "branch")
    units = MASK.units(verdict, query, body)
    spec = body.get("spec", {})
    protected = spec.get("is_protected") if "is_protected" in units else branch.status["is_protected"]
    expires = branch.hidden["expires"]
    if "expiration" in units:
        expires = checks.expiration(verdict, spec, model.now())
    _changed(model, verdict, branch, protected, expires)


def drop_catalogs(model, above):
    """What Unity Catalog holds of a branch or project that is deleted goes with it, softly or not."""
    for kind in ("catalog", "synced_table"):
        for each in model.state.all_of(kind):
            if (each.hidden["branch"] + "/").startswith(above + "/"):
                model.state.remove(each.name)


def delete(model, verdict, target, query, _body):
    purge = checks.flag(verdict, query, "purge")
    allow_missing = checks.flag(verdict, query, "allow_missing")
    branch = model.state.find(target.name, "branch")
    if not branch or (branch.deleted and not purge):
        verdict.require(allow_missing, NOT_FOUND, "it is missing")
        return
    verdict.require(not branch.status["is_protected"], BAD, "it is protected")
    verdict.require(branch.status["source_branch"] != ABSENT, BAD, "it is a root branch")
    verdict.require(not branch.status["default"], BAD, "it is the default branch")
    verdict.require(not children(model, branch), BAD, "it has children")

    def effect(_resource):
        drop_catalogs(model, branch.name)
        if purge:
            model.state.remove(branch.name)
        else:
            branch.deleted = True
            branch.status["current_state"] = "DELETED"

    verdict.effect = effect


def undelete(model, verdict, target, _query, _body):
    branch = model.state.find(target.name, "branch")
    if not verdict.require(branch, NOT_FOUND, "it is missing"):
        return
    verdict.require(branch.deleted, BAD, "it is not deleted")
    source = branch.status["source_branch"]
    if source != ABSENT and branch.deleted:
        found = model.state.live(source, "branch")
        if verdict.require(found, NOT_FOUND, "its source is deleted"):
            verdict.require(found.hidden["expires"] is None, BAD, "its source expires, so that it has no children")

    def effect(_resource):
        branch.deleted = False
        branch.status["current_state"] = "READY"

    verdict.effect = effect
