"""The model: predicts status and error_code of each call, and what a success shows and changes.

It is written from the reference of the service and the documentation of the emulator (docs/emulator-rules.md,
docs/emulator-snapshots-and-passwords.md, docs/emulator-unity-catalog.md), not from the emulator's code. Rules of a kind
stand in the module of that kind."""

import dataclasses
import functools
import time

import body as bodies
import checks
import unoffered
from kinds import KINDS, kind_at
from manifest import Manifest
from state import ABSENT, State
from verdict import MALFORMED, NO_ROUTE, NOT_FOUND, NOT_OFFERED, Verdict

CALLER = "developer@example.com"


@dataclasses.dataclass
class Call:
    """A request. `path` is below /api/2.0/postgres/; `query` a list of pairs; `body` the text, or None."""

    verb: str
    path: str
    query: list = dataclasses.field(default_factory=list)
    body: str | None = None


@dataclasses.dataclass
class Target:
    """A path, read: the collection or resource, or the action on a resource, that it names."""

    kind: object
    name: str
    parent: str
    is_collection: bool = False
    action: str | None = None


ACTIONS = ("undelete", "password")


def read_path(path):
    """The Target, or None where the API has no such path."""
    parts = path.split("/")
    action = parts.pop() if len(parts) % 2 == 1 and len(parts) > 1 and parts[-1] in ACTIONS else None
    kind, parent_kind = None, None
    for collection in parts[::2]:
        kind = kind_at(collection, parent_kind)
        if kind is None:
            return None
        parent_kind = kind.name
    is_collection = len(parts) % 2 == 1
    if "" in parts or kind.singleton and (not is_collection or action):
        return None
    if kind.singleton:
        return Target(kind, path, "/".join(parts[:-1]))
    parent = "/".join(parts[:-1] if is_collection else parts[:-2])
    return Target(kind, path if not action else "/".join(parts), parent, is_collection, action)


class Model:
    def __init__(self, manifest=None):
        self.manifest = manifest or Manifest()
        self.state = State()
        self.operations = set()
        self.ahead = 0  # what the emulator's clock was moved by
        self.now = lambda: time.time() + self.ahead
        # The version of PostgreSQL that runs for one that is asked for: learnt.
        self.versions = {}
        # Reads what only the service knows, such as an id that it made up; a driver sets it.
        self.ask = lambda path: {}

    def predict(self, call):
        if "/operations/" in call.path:
            return self._operation(call)
        verdict = Verdict()
        if unoffered.is_at(call.path):
            return self._unoffered(verdict, call)
        target = read_path(call.path)
        method = target and self._method(call.verb, target)
        if not method:
            verdict.refuse(NO_ROUTE, "the API has no such method")
            return verdict
        query = dict(reversed(call.query))
        self._parents(verdict, target)
        body = self._body(verdict, call, target) if call.verb in ("POST", "PATCH") else {}
        if any(outcome[:2] == MALFORMED for outcome in verdict.refused):
            return verdict
        method(verdict, target, query, body)
        return verdict

    def _method(self, verb, target):
        """What carries out that verb, or None where the manifest has no such method."""
        kind = target.kind
        if target.action:
            wanted = (target.action, "POST")
        elif target.is_collection:
            wanted = ("create", verb) if verb == "POST" else ("list", verb) if verb == "GET" else None
        else:
            wanted = {"GET": ("get", verb), "PATCH": ("update", verb), "DELETE": ("delete", verb)}.get(verb)
            if target.kind.singleton and verb == "POST":
                wanted = ("create", verb)
        if not wanted or wanted[1] != verb:
            return None
        action = wanted[0]
        if kind.method(action) not in self.manifest.methods:
            return None
        if action in ("get", "list"):
            own = getattr(kind.rules, {"list": "list_"}.get(action, action), None)
            return functools.partial(own, self) if own else getattr(self, "_" + action)
        return functools.partial(self._change, action)

    def _parents(self, verdict, target):
        if target.parent:
            verdict.require(self.state.live(target.parent), NOT_FOUND, "a parent is missing")

    def _body(self, verdict, call, target):
        try:
            value = bodies.read(call.body)
        except ValueError as error:
            verdict.refuse(MALFORMED, f"no body: {error}")
            return {}
        if target.action:
            return value
        return bodies.Reader(self.manifest, verdict.refused).resource(target.kind.message, value)

    def _change(self, action, verdict, target, query, body):
        rules = target.kind.rules
        verdict.operation = target.kind.operation and action != "password"
        if action == "create":
            identifier = query.get(target.kind.id_parameter, "")
            checks.identifier(verdict, target.kind.id_parameter, identifier, target.kind.id_required, target.kind.pattern)
        elif action == "update" and not target.kind.singleton and not verdict.require(
                self.state.live(target.name), NOT_FOUND, "it is missing"):
            # Of a resource that is not there the mask can still be refused.
            rules.MASK.units(verdict, query, body)
            return
        getattr(rules, action)(self, verdict, target, query, body)

    def _get(self, verdict, target, _query, _body):
        found = self.state.find(target.name)
        if verdict.require(found, NOT_FOUND, "it is missing"):
            verdict.view = lambda: self.view(found)

    def _list(self, verdict, target, query, _body):
        shown = checks.flag(verdict, query, "show_deleted") if target.kind.name in ("project", "branch") else False
        checks.pages(verdict, query, ())
        found = [each for each in self.state.below(target.parent, target.kind.name) if shown or not each.deleted]
        verdict.view = lambda: [self.view(each) for each in found]

    def _operation(self, call):
        verdict = Verdict()
        if call.verb != "GET":
            verdict.refuse(NO_ROUTE, "operations are read only")
        else:
            verdict.require(call.path in self.operations, NOT_FOUND, "no operation of that name")
        return verdict

    def _unoffered(self, verdict, call):
        verdict.refuse(NOT_OFFERED, "the emulator does not have it")
        try:
            bodies.read(call.body)
        except ValueError:
            verdict.may_refuse(MALFORMED, "whether a body that is not used is looked at is not written")
        return verdict

    def view(self, resource):
        """What a client must see of a resource."""
        fields = self.manifest.messages[KINDS[resource.kind].message]
        shown = {"name": resource.name, resource.kind + "_id": resource.id, "parent": resource.parent}
        shown = {name: value for name, value in shown.items() if name in fields and value}
        if "status" not in fields:
            return {**shown, **resource.status}
        if resource.kind in ("project", "branch"):
            for field in ("delete_time", "purge_time"):
                where = shown if resource.kind == "project" else resource.status
                if resource.deleted:
                    where.pop(field, None)
                else:
                    where[field] = ABSENT
        return {**shown, "status": resource.status, "spec": ABSENT}
