"""Schedules of snapshots: service.md section 16; docs/emulator-snapshots-and-passwords.md."""

import checks
from rules import branches
from state import ABSENT, Resource
from verdict import BAD, INVALID, NOT_FOUND

KINDS = ("daily_schedule", "weekly_schedule", "monthly_schedule")
MASK = checks.Mask({"schedule": "schedule"}, ("schedule",), lambda _unit, body: bool(body.get("schedule")),
                   repeated=("schedule",))


def _of_a_root(model, verdict, target, schedule):
    """The branch, which must be a root branch for a schedule that is not empty. Which code another gets is not written."""
    branch = model.state.live(target.parent, "branch")
    if branch and not branches.is_root(branch):
        verdict.require(not schedule, BAD, "schedules belong to root branches")
        for outcome in (BAD, INVALID, NOT_FOUND):
            verdict.may_refuse(outcome, "other branches have none, or an empty one")
    return branch


def get(model, verdict, target, _query, _body):
    branch = _of_a_root(model, verdict, target, None)
    found = model.state.find(target.name)
    if branch:
        verdict.view = lambda: model.view(found or Resource("snapshot_schedule", target.name, {"schedule": ABSENT}))


def _cadence(model, verdict, cadence):
    verdict.require(checks.seconds(cadence.get("retention", "0s")) >= 3600, INVALID, "a retention is an hour or more")
    given = [kind for kind in KINDS if cadence.get(kind) is not None]
    if not verdict.require(len(given) == 1, INVALID, "a cadence has one schedule"):
        return
    when = cadence[given[0]]
    verdict.require(0 <= when.get("hour", 0) <= 23, INVALID, "hours are 0 to 23")
    if "hour" not in when:
        verdict.may_refuse(INVALID, "whether an hour that is left out is 0 is not written")
    if given[0] == "monthly_schedule":
        verdict.require(1 <= when.get("day", 0) <= 31, INVALID, "days are 1 to 31")
    if given[0] == "weekly_schedule":
        verdict.require(when.get("day_of_week") in model.manifest.enums["DayOfWeek"], INVALID, "no such day_of_week")


def _without_zeros(when):
    """An hour of 0 may be left out of what is shown."""
    return {part: value for part, value in when.items() if value != 0}


def update(model, verdict, target, query, body):
    branch = _of_a_root(model, verdict, target, body.get("schedule"))
    MASK.units(verdict, query, body)
    schedule = body.get("schedule") or []
    for cadence in schedule:
        _cadence(model, verdict, cadence)
    shown = [{"retention": checks.shown_seconds(checks.seconds(each.get("retention", "0s"))),
              **{kind: _without_zeros(each[kind]) for kind in KINDS if kind in each}}
             for each in schedule]

    def effect(_resource):
        model.state.add(Resource("snapshot_schedule", target.name, {"schedule": shown or ABSENT}))

    verdict.effect = effect
    if branch:
        verdict.view = lambda: model.view(model.state.find(target.name))
