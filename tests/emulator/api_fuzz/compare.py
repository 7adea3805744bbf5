"""Compares what is shown with what the model holds."""

from state import ABSENT


def differences(expected, found, path=""):
    """What of `expected` is not in `found`, a line each. A dict may hold more than is expected; a list may not.
    What is empty may be absent. What can be called is asked whether it takes what is found."""
    if callable(expected):
        return [] if expected(found) else [f"{path}: found {found!r}; {expected.__doc__}"]
    if expected is None or expected in (ABSENT, "", [], {}) and found in (None, [], {}, ""):
        return []
    if isinstance(expected, dict):
        if found is None and all(part == ABSENT for part in expected.values()):
            return []
        if not isinstance(found, dict):
            return [f"{path}: expected an object, found {found!r}"]
        lines = []
        for name, part in expected.items():
            lines += differences(part, found.get(name), f"{path}.{name}".lstrip("."))
        return lines
    if isinstance(expected, list):
        if not isinstance(found, list) or len(expected) != len(found):
            shown = [each.get("name", each) if isinstance(each, dict) else each for each in found or []]
            wanted = [each.get("name", each) if isinstance(each, dict) else each for each in expected]
            return [f"{path}: expected {wanted}, found {shown}"]
        return [line for i, (one, other) in enumerate(zip(expected, found)) for line in differences(one, other, f"{path}[{i}]")]
    return [] if expected == found and isinstance(expected, bool) == isinstance(found, bool) else [
        f"{path}: expected {expected!r}, found {found!r}"]
