"""Snapshots: service.md section 16; docs/emulator-snapshots-and-passwords.md."""

import checks
import contents
from rules import branches
from state import ABSENT, Resource
from verdict import BAD, EXISTS, INVALID, NOT_FOUND, QUOTA

LONGEST = 100 * 365 * checks.DAY
# What the driver sets by --limit, as the service has 10.
MOST = 3


def create(model, verdict, target, query, body):
    identifier = query.get("snapshot_id", "")
    name = f"{target.parent}/snapshots/{identifier}"
    if identifier and not checks.ID.fullmatch(identifier):
        verdict.may_refuse(INVALID, "the form of the ids of snapshots is not published")
    spec = body.get("spec", {})
    expires = checks.expiration(verdict, spec, model.now(), LONGEST)
    verdict.require(spec.get("source_branch"), INVALID, "spec.source_branch is required")
    checks.point(verdict, spec, model.now())
    project = model.state.live(target.parent, "project")
    if not project:
        return
    verdict.require(not model.state.find(name), EXISTS, "a snapshot of that id exists")
    by_hand = [each for each in model.state.below(project.name, "snapshot") if not each.hidden.get("by_schedule")]
    verdict.require(len(by_hand) < MOST, QUOTA, "too many snapshots")
    source = spec.get("source_branch")
    if not source or not checks.in_project(verdict, project.name, source, "branches"):
        return
    branch = model.state.live(source, "branch")
    if not verdict.require(branch, NOT_FOUND, "source_branch is missing"):
        return
    if not verdict.require(branches.is_root(branch), BAD, "snapshots are of root branches"):
        verdict.may_refuse(INVALID, "which code it has is not written")

    def effect(_resource):
        model.state.add(Resource("snapshot", name, {
            "source_branch": source, "expire_time": checks.shown_expiration(expires),
            "no_expiry": True if spec.get("no_expiry") else None if expires is checks.UNLIMITED else ABSENT}, {
            "expires": None if expires is checks.UNLIMITED else expires, "contents": contents.of(model, branch)}))

    verdict.effect = effect
    verdict.view = lambda: model.view(model.state.find(name))


def delete(model, verdict, target, _query, _body):
    verdict.require(model.state.live(target.name, "snapshot"), NOT_FOUND, "it is missing")
    verdict.effect = lambda _resource: model.state.remove(target.name)
