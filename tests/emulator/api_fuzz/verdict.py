"""What the model says of a call: the outcomes that it allows, and what each success changes."""

import dataclasses
import typing

from body import INVALID, MALFORMED

BAD = (400, "BAD_REQUEST")
NOT_FOUND = (404, "NOT_FOUND")
EXISTS = (409, "ALREADY_EXISTS")
NO_ROUTE = (404, "ENDPOINT_NOT_FOUND")
NOT_OFFERED = (501, "NOT_IMPLEMENTED")
QUOTA = (400, "QUOTA_EXCEEDED")
OK = (200, None)

__all__ = ["BAD", "EXISTS", "INVALID", "MALFORMED", "NOT_FOUND", "NOT_OFFERED", "NO_ROUTE", "OK", "QUOTA", "Verdict"]


@dataclasses.dataclass
class Verdict:
    """Refusals are collected, not raised: of a call that breaks several rules the reference does not say which it is told
    of, so each of them is allowed. A call that breaks none must succeed.

    `refused`: (status, code, why), each of which rules out success. An operation that fails counts as (200, code), and
    is taken for (400, code), since the reference does not say whether a call or its operation fails.
    `open`: refusals of which the reference leaves it open whether they are made; `why` says where.
    `effect`: changes the model, given the response's resource. `view`: what the response must show, after the effect.
    """

    refused: list = dataclasses.field(default_factory=list)
    open: list = dataclasses.field(default_factory=list)
    effect: typing.Callable = lambda resource: None
    view: typing.Callable = lambda: None
    operation: bool = False

    def refuse(self, outcome, why):
        self.refused.append((*outcome, why))

    def require(self, condition, outcome, why):
        if not condition:
            self.refuse(outcome, why)
        return condition

    def may_refuse(self, outcome, why):
        self.open.append((*outcome, why))

    @property
    def clean(self):
        return not self.refused

    @property
    def allowed(self):
        found = {(status, code) for status, code, _ in self.refused + self.open}
        return found if self.refused else found | {OK}

    @property
    def reasons(self):
        return [f"{code}: {why}" for _, code, why in self.refused] + [f"{code}, or not: {why}" for _, code, why in self.open]
