"""The tables of a change data feed: service.md section 17; docs/emulator-unity-catalog.md."""

import checks
from rules import cdf_configs
from verdict import BAD, INVALID, NOT_FOUND

STREAMED = "full"


def _copied_or_streaming(state):
    """the first copy of its rows, or the changes after it"""
    return state in ("CDF_STATE_SNAPSHOTTING", "CDF_STATE_STREAMING")


def _shown(model, config):
    """What is shown of each table, by its name, in the order of their creation."""
    branch, database = cdf_configs.place(model, config)
    schema = config.status["postgres_schema"]
    return {table: {"name": f"{config.name}/cdf-statuses/{table}",
                    "state": _copied_or_streaming if found["form"] == STREAMED else "CDF_STATE_SKIPPED"}
            for (in_database, in_schema, table), found in branch.hidden["tables"].items()
            if (in_database, in_schema) == (database, schema)}


def _config(model, verdict, target):
    """The feed, whose compute must not be disabled, or None."""
    config = model.state.live(target.parent, "cdf_config")
    if config:
        branch, _ = cdf_configs.place(model, config)
        endpoint = model.state.find(branch.name + "/endpoints/primary")
        if endpoint and endpoint.status["disabled"]:
            verdict.refuse(BAD, "its endpoint is disabled")
            verdict.may_refuse(INVALID, "which code that has is not written")
    return config


def names(model):
    return [f"{config.name}/cdf-statuses/{table}" for config in model.state.all_of("cdf_config")
            if model.state.live(config.name) for table in _shown(model, config)]


def list_(model, verdict, target, query, _body):
    config = _config(model, verdict, target)
    checks.pages(verdict, query, ())
    if config:
        verdict.view = lambda: list(_shown(model, config).values())


def get(model, verdict, target, _query, _body):
    config = _config(model, verdict, target)
    if config:
        found = _shown(model, config).get(target.name.rsplit("/", 1)[1])
        if verdict.require(found, NOT_FOUND, "it is missing"):
            verdict.view = lambda: found
