"""Schedules of snapshots: service.md section 16; docs/emulator-snapshots-and-passwords.md."""

import calendar
import datetime

import checks
import contents
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
        model.state.add(Resource("snapshot_schedule", target.name, {"schedule": shown or ABSENT}, {"until": model.now()}))

    verdict.effect = effect
    if branch:
        verdict.view = lambda: model.view(model.state.find(target.name))


def _fires(cadence, hour):
    when = next(cadence[kind] for kind in KINDS if kind in cadence)
    if hour.hour != when.get("hour", 0):
        return False
    if "weekly_schedule" in cadence:
        return hour.strftime("%A").upper() == when["day_of_week"]
    last = calendar.monthrange(hour.year, hour.month)[1]
    return "monthly_schedule" not in cadence or hour.day == min(when["day"], last)


def _take(model, branch, cadences, at):
    """The snapshot of an hour, in seconds, if one of the cadences wants it: with the latest of their ends."""
    hour = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
    ends = [at + float(checks.seconds(each["retention"])) for each in cadences if _fires(each, hour)]
    project = branch.name.rsplit("/", 2)[0]
    name = f"{project}/snapshots/{branch.id[:45]}-{hour:%Y-%m-%d-%H}"
    if ends and not model.state.find(name):
        model.state.add(Resource("snapshot", name, {
            "source_branch": branch.name, "expire_time": checks.near(max(ends)), "no_expiry": ABSENT},
            {"expires": max(ends), "by_schedule": True, "contents": contents.of(model, branch)}))


def pass_time(model):
    """Takes what schedules have wanted until now, and ends the snapshots that have expired."""
    now = model.now()
    hours = []
    for schedule in model.state.all_of("snapshot_schedule"):
        since, schedule.hidden["until"] = schedule.hidden["until"], now
        branch = model.state.live(schedule.name.rsplit("/", 1)[0], "branch")
        if branch and schedule.status["schedule"] != ABSENT:
            end = min(now, branch.hidden["expires"] or now)
            place = model.state.below(branch.parent, "branch").index(branch)
            hours += [(hour, place, branch, schedule.status["schedule"])
                      for hour in range(int(since // 3600) + 1, int(end // 3600) + 1)]
    for hour, _, branch, cadences in sorted(hours, key=lambda each: each[:2]):
        _take(model, branch, cadences, hour * 3600)
    for snapshot in model.state.all_of("snapshot"):
        if snapshot.hidden["expires"] and snapshot.hidden["expires"] <= now and model.state.live(snapshot.parent):
            model.state.remove(snapshot.name)
