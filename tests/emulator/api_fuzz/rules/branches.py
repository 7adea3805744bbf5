"""Branches: service.md sections 6, 7 and 9."""

import checks
import contents
from rules import databases, endpoints, roles
from state import ABSENT, Resource
from verdict import BAD, INVALID, NOT_FOUND, QUOTA


def _present(unit, body):
    spec = body.get("spec") or {}
    return checks.group_of(spec, *(("ttl", "expire_time", "no_expiry") if unit == "expiration" else (unit,)))


# What the driver sets by --limit; the service's own value.
MOST_ROOTS = 3
MASK = checks.Mask({"spec.is_protected": "is_protected", "spec.expiration": "expiration"},
                   ("is_protected", "expiration"), _present)


def _make(model, project, name, source, protected, expires, snapshot=None):
    """`expires` None: never."""
    default = project.status["default_branch"] == name
    return model.state.add(Resource("branch", name, {
        "branch_id": name.rsplit("/", 1)[1], "current_state": "READY", "default": default, "is_protected": protected,
        "source_branch": source or ABSENT, "source_snapshot": snapshot or ABSENT,
        "expire_time": checks.shown_expiration(expires)}, {"expires": expires, **contents.nothing()}))


def make_root(model, project, protected, endpoint, role, database):
    branch = _make(model, project, f"{project.name}/branches/production", None, protected, None)
    endpoints.make(model, f"{branch.name}/endpoints/primary", endpoint)
    identifier = role.pop("id")
    if not checks.ID.fullmatch(identifier):
        identifier = role["role_id"] = databases.id_of(model, branch.name, role["postgres_role"], "role")
    owner = roles.make(model, f"{branch.name}/roles/{identifier}", role)
    databases.make(model, f"{branch.name}/databases/{databases.id_of(model, branch.name, database)}", database, owner.name)


def _source(model, verdict, project, spec):
    """The branch that a new one is made of, or None."""
    name = spec.get("source_branch") or project.status["default_branch"]
    if not checks.in_project(verdict, project.name, name, "branches"):
        return None
    source = model.state.live(name, "branch")
    if verdict.require(source, NOT_FOUND, "source_branch is missing"):
        verdict.require(source.hidden["expires"] is None, BAD, "source_branch expires, so that it has no children")
    return source


def is_root(branch):
    return branch.status["source_branch"] == ABSENT


def _room_for_a_root(model, verdict, project):
    roots = [each for each in model.state.below(project.name, "branch") if is_root(each) and not each.deleted]
    verdict.require(len(roots) < MOST_ROOTS, QUOTA, "too many root branches")


def _snapshot(model, verdict, project, spec):
    """The snapshot that a new branch is made of, or None."""
    others = [name for name in ("source_branch", "source_branch_time", "source_branch_lsn") if spec.get(name)]
    verdict.require(not others, INVALID, "source_snapshot excludes the other sources")
    if not checks.in_project(verdict, project.name, spec["source_snapshot"], "snapshots"):
        return None
    snapshot = model.state.live(spec["source_snapshot"], "snapshot")
    verdict.require(snapshot, NOT_FOUND, "source_snapshot is missing")
    _room_for_a_root(model, verdict, project)
    return snapshot


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
    checks.point(verdict, spec, model.now())
    snapshot = _snapshot(model, verdict, project, spec) if spec.get("source_snapshot") else None
    source = None if spec.get("source_snapshot") else _source(model, verdict, project, spec)

    def effect(_resource):
        branch = _make(model, project, name, source and source.name, protected, expires, snapshot and snapshot.name)
        endpoints.make(model, f"{name}/endpoints/primary", endpoints.inherited(project.hidden["settings"]))
        contents.fill(model, branch, snapshot.hidden["contents"] if snapshot else contents.of(model, source))

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


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
        branch.status["expire_time"] = checks.shown_expiration(expires)

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
    for kind in ("catalog", "synced_table", "table"):
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
    verdict.require(not is_root(branch) or branch.status["source_snapshot"] != ABSENT, BAD, "it is the first root branch")
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
    if is_root(branch) and branch.deleted:
        _room_for_a_root(model, verdict, model.state.find(branch.parent))
    elif branch.deleted:
        found = model.state.live(source, "branch")
        if verdict.require(found, NOT_FOUND, "its source is deleted"):
            verdict.require(found.hidden["expires"] is None, BAD, "its source expires, so that it has no children")

    def effect(_resource):
        branch.deleted = False
        branch.status["current_state"] = "READY"

    verdict.effect = effect
