"""A request's body as the service reads it: what is no body of that message, and what is left when what is ignored is
taken away. Rules: docs/emulator-rules.md "Bad input" and "What is let through"; service.md section 3."""

import json
import math
import re

MALFORMED = (400, "MALFORMED_REQUEST")
INVALID = (400, "INVALID_PARAMETER_VALUE")
MOST_LEVELS = 100
DURATION = re.compile(r"-?\d+(\.\d{1,9})?s")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def _object(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field twice")
    return found


def _constant(name):
    raise ValueError(name)


def _number(text):
    number = float(text)
    if math.isinf(number):
        raise ValueError("beyond a double")
    return number


def _levels(value):
    if isinstance(value, dict):
        return 1 + max(map(_levels, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_levels, value), default=0)
    return 0


def read(text):
    """The object that stands in a body, or ValueError. No body at all is an empty object."""
    if not text:
        return {}
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
    except RecursionError as error:
        raise ValueError("too many levels") from error
    if not isinstance(value, dict):
        raise ValueError("no object")
    if _levels(value) > MOST_LEVELS:
        raise ValueError("too many levels")
    return value


class Reader:
    """Reads an object as a message: `problems` gets (status, code, why) of each value that has another type."""

    def __init__(self, manifest, problems):
        self.manifest = manifest
        self.problems = problems

    def resource(self, message, value):
        writable = self.manifest.writable(message)
        return self.message(message, {name: part for name, part in value.items() if name in writable}, "")

    def message(self, message, value, path):
        fields = self.manifest.messages[message]
        return {name: self.value(fields[name], part, f"{path}.{name}".lstrip("."))
                for name, part in value.items() if name in fields and part is not None}

    def value(self, type_name, value, path):
        shape = self.manifest.shape(type_name)
        read = getattr(self, "_" + shape[0].lower())
        return read(value, path, *shape[1:])

    def _wrong(self, path, wanted, value=None):
        self.problems.append((*MALFORMED, f"{path} must be {wanted}"))
        return value

    def _list(self, value, path, item):
        if not isinstance(value, list):
            return self._wrong(path, "a list", [])
        return [self.value(item, part, path) for part in value]

    def _map(self, value, path):
        if not isinstance(value, dict):
            return self._wrong(path, "an object", {})
        return {name: self._str(part, f"{path}.{name}") for name, part in value.items()}

    def _message(self, value, path, message):
        if not isinstance(value, dict):
            return self._wrong(path, "an object", {})
        return self.message(message, value, path)

    def _str(self, value, path):
        if not isinstance(value, str):
            return self._wrong(path, "a string", "")
        self._refuse_nul(value, path)
        return value

    def _refuse_nul(self, value, path):
        if isinstance(value, str) and "\0" in value:
            self.problems.append((*INVALID, f"{path} holds NUL"))

    def _enum(self, value, path, _name):
        return self._str(value, path)

    def _bool(self, value, path):
        return value if isinstance(value, bool) else self._wrong(path, "true or false", False)

    def _int(self, value, path):
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return self._wrong(path, "an integer", 0)
        return value

    def _float(self, value, path):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self._wrong(path, "a number", 1)
        return value

    def _duration(self, value, path):
        self._refuse_nul(value, path)
        if not isinstance(value, str) or not DURATION.fullmatch(value):
            return self._wrong(path, "a duration", "3600s")
        return value

    def _timestamp(self, value, path):
        self._refuse_nul(value, path)
        if not isinstance(value, str) or not TIME.fullmatch(value):
            return self._wrong(path, "a time", "2099-01-01T00:00:00Z")
        return value
