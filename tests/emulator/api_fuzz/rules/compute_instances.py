"""The servers of an endpoint: service.md section 10; docs/emulator-snapshots-and-passwords.md."""

import checks
from compare import differences
from verdict import NOT_FOUND

ROLES = {"ENDPOINT_TYPE_READ_WRITE": "READ_WRITE", "ENDPOINT_TYPE_READ_ONLY": "READ_ONLY"}


def names(model):
    return [f"{each.name}/compute-instances/{each.hidden['instance']}" for each in model.state.all_of("endpoint")
            if "instance" in each.hidden]


def _state(model, endpoint):
    """Whether it runs, starts or is suspended: its own state, asked for, which changes by itself."""
    return model.ask(endpoint.name).get("status", {}).get("current_state")


def _shown(endpoint, state):
    def name(found):
        """wanted the instance of before, or a first one"""
        prefix, _, identifier = str(found).rpartition("/")
        return prefix == endpoint.name + "/compute-instances" and identifier and endpoint.hidden.setdefault(
            "instance", identifier) == identifier

    return {"name": name, "role": ROLES[endpoint.status["endpoint_type"]], "current_state": state}


def _none_or_starting(endpoint):
    def fits(found):
        """wanted no instance, or one that starts"""
        items = found.get("compute_instances", []) if isinstance(found, dict) else found
        return not items or not differences([_shown(endpoint, "INIT")], items)

    return fits


def list_(model, verdict, target, query, _body):
    endpoint = model.state.live(target.parent, "endpoint")
    checks.pages(verdict, query, ())
    if not endpoint:
        return
    before = _state(model, endpoint)

    def view():
        if before is None or before != _state(model, endpoint):
            return None
        return _none_or_starting(endpoint) if before == "IDLE" else [_shown(endpoint, before)]

    verdict.view = view


def get(model, verdict, target, _query, _body):
    endpoint = model.state.live(target.parent, "endpoint")
    if not endpoint:
        return
    known = target.name.rsplit("/", 1)[1] == endpoint.hidden.get("instance")
    before = _state(model, endpoint)
    if not known:
        verdict.refuse(NOT_FOUND, "it is missing")
        if "instance" not in endpoint.hidden and before != "IDLE":
            verdict.refused.clear()
            verdict.may_refuse(NOT_FOUND, "its id is not known yet")
    elif before == "ACTIVE":
        suspend = endpoint.hidden["fields"]["suspend"]
        if suspend is not None and suspend < checks.PATIENCE or endpoint.status["disabled"]:
            verdict.may_refuse(NOT_FOUND, "it may be suspended meanwhile")
        verdict.view = lambda: _shown(endpoint, before) if _state(model, endpoint) == before else None
    else:
        verdict.may_refuse(NOT_FOUND, "it is suspended, or starts meanwhile")
