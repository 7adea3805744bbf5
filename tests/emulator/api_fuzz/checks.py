"""Rules that several kinds share: ids, flags, update masks, sizes, suspension, expiration, PostgreSQL's names."""

import datetime
import fractions
import re

from state import ABSENT
from verdict import BAD, INVALID

PATIENCE = 600  # what may pass, in seconds, between a call and what its response says of the time
ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
LARGEST_AUTOSCALED, LARGEST_FIXED, LARGEST_SPREAD = 64, 112, 16
DAY = 86400
UNLIMITED = object()


def seconds(text):
    return fractions.Fraction(text[:-1])


def shown_seconds(value):
    """A duration as protobuf writes it: with none, three, six or nine digits after the point."""
    if value == int(value):
        return f"{int(value)}s"
    digits = next(digits for digits in (3, 6, 9) if value * 10 ** digits == int(value * 10 ** digits))
    return f"{float(value):.{digits}f}s"


def moment(text):
    whole = re.sub(r"\.\d+", "", text).replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(whole).timestamp()


def identifier(verdict, name, value, required, pattern=ID):
    """An id of the query. A missing one is an error, or is made up."""
    if not value:
        verdict.require(not required, INVALID, f"{name} is required")
    elif pattern:
        verdict.require(pattern.fullmatch(value), INVALID, f"{name} has another form")


def flag(verdict, query, name):
    value = query.get(name)
    verdict.require(value in (None, "", "true", "false"), INVALID, f"{name} is neither true nor false")
    return value == "true"


def pages(verdict, query, tokens):
    """page_size, page_token."""
    size = query.get("page_size", "")
    if size and verdict.require(re.fullmatch(r"[+-]?\d+", size), INVALID, "page_size is no integer"):
        verdict.require(int(size) >= 0, INVALID, "page_size is negative")
    token = query.get("page_token", "")
    verdict.require(not token or token in tokens, INVALID, "page_token is not of this list")


def group_of(spec, *members):
    return any(spec.get(member) is not None for member in members)


class Mask:
    """The update mask of a kind: `paths` maps each path to the unit that it names, `present` tells whether a unit stands in
    the body. The units of `whole` are those that `spec` (those given) and `*` (all of them) stand for."""

    def __init__(self, paths, whole, present, strict=None, loose=(), repeated=(), kept=(), ignored=()):
        """`strict`: units that `*` needs in the body; `loose`: of which that is not known. `repeated`: lists and maps, of which
        an empty one is the same as none on the wire, so that `*` clears those that are absent, but for `kept`. `ignored`: paths
        without effect."""
        self.paths = paths
        self.has_spec = any(path.startswith("spec.") for path in paths)
        self.whole = whole
        self.present = present
        self.strict = [unit for unit in (whole if strict is None else strict) if unit not in (*loose, *repeated)]
        self.loose = loose
        self.repeated = repeated
        self.kept = kept
        self.ignored = ignored

    def units(self, verdict, query, body):
        """The units that the mask names, all of which are in the body, or a refusal."""
        text = query.get("update_mask", "")
        if not verdict.require(text.strip(", "), INVALID, "update_mask is required"):
            return set()
        found = set()
        for path in text.split(","):
            if path == "spec" and self.has_spec:
                verdict.require(body.get("spec") is not None, INVALID, "spec is masked but absent")
                found |= {unit for unit in self.whole if self.present(unit, body)}
            elif path == "*":
                for unit in self.strict:
                    verdict.require(self.present(unit, body), INVALID, f"{unit} is masked by * but absent")
                for unit in self.loose:
                    if not self.present(unit, body):
                        verdict.may_refuse(INVALID, f"whether * needs {unit} in the body is not written")
                cleared = {unit for unit in self.repeated if unit not in self.kept}
                found |= {unit for unit in self.whole if self.present(unit, body) or unit in cleared}
            elif path in self.ignored:
                continue
            elif path == "":
                verdict.may_refuse(INVALID, "an empty path of a mask may be unknown, or nothing")
            elif self.paths.get(path) in self.repeated:
                # "An empty list + mask = clear", and the SDK's empty list is not sent; but "must be populated in the body".
                found.add(self.paths[path])
                if not self.present(self.paths[path], body):
                    verdict.may_refuse(INVALID, f"{path} is masked but absent, or empty")
            elif verdict.require(path in self.paths, INVALID, f"unknown path {path}"):
                unit = self.paths[path]
                verdict.require(self.present(unit, body), INVALID, f"{path} is masked but absent")
                found.add(unit)
        return found


def sizes(verdict, smallest, largest):
    """autoscaling_limit_min_cu and …max_cu; service.md section 10 "Numbers"."""
    for size in (smallest, largest):
        verdict.require(size == 0.5 or (size == int(size) and 1 <= size <= LARGEST_FIXED), INVALID, f"no size: {size}")
    verdict.require(smallest <= largest, INVALID, "min is above max")
    if largest > LARGEST_AUTOSCALED:
        verdict.require(smallest == largest, INVALID, "fixed sizes have min = max")
    verdict.require(largest - smallest <= LARGEST_SPREAD, INVALID, "max - min is too large")


def suspension(verdict, spec, default):
    """Seconds until a suspension, or None for never."""
    never, timeout = spec.get("no_suspension"), spec.get("suspend_timeout_duration")
    if never is None and timeout is None:
        return default
    verdict.require(never is None or timeout is None, INVALID, "one of no_suspension and suspend_timeout_duration")
    verdict.require(never is not False, INVALID, "no_suspension can only be true")
    if timeout is None:
        return None
    verdict.require(60 <= seconds(timeout) <= 7 * DAY, INVALID, "suspension is out of range")
    return seconds(timeout)


def expiration(verdict, spec, now, longest=30 * DAY):
    """None for no expiry, else when; `verdict` is told of what is no choice. Absent: UNLIMITED."""
    choices = [name for name in ("ttl", "expire_time", "no_expiry") if spec.get(name) is not None]
    verdict.require(len(choices) <= 1, INVALID, "one of ttl, expire_time and no_expiry")
    verdict.require(spec.get("no_expiry") is not False, INVALID, "no_expiry can only be true")
    if spec.get("ttl") is not None:
        life = seconds(spec["ttl"])
        verdict.require(0 < life <= longest, INVALID, "ttl is out of range")
        return now + float(life)
    if spec.get("expire_time") is not None:
        end = moment(spec["expire_time"])
        verdict.require(now < end <= now + longest, INVALID, "expire_time is out of range")
        return end
    return None if choices else UNLIMITED


def near(time):
    """What a time in a response must be near to."""
    def fits(found):
        return isinstance(found, str) and abs(moment(found) - time) <= PATIENCE
    fits.__doc__ = f"wanted about {datetime.datetime.fromtimestamp(time, datetime.timezone.utc).isoformat()}"
    return fits


def shown_expiration(expires):
    return ABSENT if expires in (None, UNLIMITED) else near(expires)


def point(verdict, spec, now):
    """What says of when a copy is. Where the source's window begins, and what it has logged, is not modelled."""
    given = [name for name in ("source_branch_time", "source_branch_lsn") if spec.get(name)]
    verdict.require(len(given) < 2, INVALID, "one of source_branch_time and source_branch_lsn")
    if spec.get("source_branch_time"):
        verdict.require(moment(spec["source_branch_time"]) <= now, INVALID, "a time in the future")
    if given:
        verdict.may_refuse(INVALID, "a form, or a time outside of the window")
        verdict.may_refuse(BAD, "a position that the source does not have")


def in_project(verdict, project, name, kind):
    """Whether a name that a request refers to is one of the project's."""
    is_one = name.startswith(f"{project}/{kind}/") and name.count("/") == 3
    return verdict.require(is_one, INVALID, f"{name} is of another project")


def group(verdict, given, path):
    """A group of computes; None where none is given."""
    if given is None:
        return
    smallest, largest = given.get("min"), given.get("max")
    if not (verdict.require(smallest, INVALID, f"{path}.min is required")
            and verdict.require(largest, INVALID, f"{path}.max is required")):
        return
    verdict.require(smallest == largest, INVALID, "min of a group must equal its max")
    verdict.require(1 <= smallest <= 4 and 1 <= largest <= 4, INVALID, "a group has 1 to 4")


# What PostgreSQL takes and what it refuses: the generator sends no other settings.
GOOD_SETTINGS = {"work_mem": ("8MB", "9MB"), "statement_timeout": ("1min", "2min")}
BAD_SETTINGS = {"archive_command": "x", "nonsense": "x", "shared_preload_libraries": "x"}


def settings(verdict, given):
    for name, value in (given or {}).items():
        verdict.require(value in GOOD_SETTINGS.get(name, ()), BAD, f"PostgreSQL does not take {name} = {value}")


def postgres_name(verdict, value, what):
    verdict.require(len(value.encode("utf-8", "surrogatepass")) <= 63, INVALID, f"{what} is longer than 63 bytes")
