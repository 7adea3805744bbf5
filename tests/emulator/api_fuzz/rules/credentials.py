"""Credentials of databases: service.md section 11."""

import checks
from verdict import BAD, INVALID, NOT_FOUND

SHORTEST, LONGEST = 300, 3600


def _life(verdict, body, now):
    """When the token ends."""
    ttl, end = body.get("ttl"), body.get("expire_time")
    verdict.require(ttl is None or end is None, INVALID, "one of ttl and expire_time")
    if ttl is not None:
        verdict.require(SHORTEST <= checks.seconds(ttl) <= LONGEST, INVALID, "ttl is out of range")
        return now + float(checks.seconds(ttl))
    if end is not None:
        verdict.require(now + SHORTEST <= checks.moment(end) <= now + LONGEST, INVALID, "expire_time is out of range")
        return checks.moment(end)
    return now + LONGEST


def _token(found):
    """wanted a token"""
    return isinstance(found, str) and found


def create(model, verdict, _target, _query, body):
    ends = _life(verdict, body, model.now())
    name = body.get("endpoint")
    verdict.require(not body.get("claims"), INVALID, "the workspace knows no claims")
    if body.get("group_name"):
        for outcome in (INVALID, BAD, NOT_FOUND, (403, "PERMISSION_DENIED")):
            verdict.may_refuse(outcome, "of which groups the caller is a member is not written")
    if verdict.require(name, INVALID, "endpoint is required"):
        parts = name.split("/")
        shaped = len(parts) == 6 and parts[::2] == ["projects", "branches", "endpoints"] and "" not in parts
        if verdict.require(shaped, INVALID, "endpoint is no name of an endpoint"):
            verdict.require(model.state.live(name, "endpoint"), NOT_FOUND, "endpoint is missing")
    verdict.view = lambda: {"token": _token, "expire_time": checks.near(ends)}
