"""Values for the fields of requests: by hint where there is one, else by type; and values that fit nowhere."""

import datetime

import checks

WRONG = (None, True, False, 0, -1, 7, 1.5, 2 ** 40, "", "x", "17", "é\u2028", "5m", [], [1], ["a"], {}, {"a": 1}, [{}], "a\0b")
NAMES = ("app", "orders", "sales", "stock", 'A "q" é', "x" * 63, "x" * 64, "", "two words", "it's")
SIZES = (0.5, 1, 2, 4, 8, 16, 17, 32, 64, 80, 112, 113, 0, 1.5, -1)
# Nothing may end by itself while a run goes on, however slow that is: the shortest life that is taken is an hour.
LIVES = ("3600s", "86400s", "172800s", "2592000s")
BAD_LIVES = ("0s", "-5s", "3153600001s", "-0.5s")
DURATIONS = ("60s", "59s", "3600s", "86400s", "604800s", "604801s", "172800s", "2592000s", "3024001s", "0s", "-5s", "100.5s")
GOOD_DURATIONS = ("60s", "3600s", "86400s", "172800s", "604800s", "100.5s")


def _mostly(rng, good, any_at_all):
    return rng.choice(good if rng.random() < 0.8 else any_at_all)


def time_in(seconds):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _settings(rng):
    if rng.random() < 0.2:
        return dict([rng.choice(list(checks.BAD_SETTINGS.items()))])
    names = rng.sample(sorted(checks.GOOD_SETTINGS), rng.randint(0, 2))
    return {name: rng.choice(checks.GOOD_SETTINGS[name]) for name in names}


def _role_name(rng):
    return rng.choice(("app", "reader", "report", "worker", "b@x.io", "developer@example.com", "team", "postgres",
                       "pg_app", "x" * 64, "",
                       "0a1b2c3d-0000-4000-8000-000000000001", 'A "q" é'))


def table_name(rng):
    return _mostly(rng, ("main.public.t", "main.public.u", "lake.s.t", "c1.public.t", "main.s.u"),
                   ("a.b", "a.b.c.d", "", "a.b-c.d"))


def _database(g):
    """A database by its name in PostgreSQL or by its id."""
    name = g.name_of("database")
    found = g.model.state.find(name)
    if found and g.rng.random() < 0.7:
        return f"{found.parent}/databases/{found.status['postgres_database']}"
    return name


# By the name of a field; each takes the generator.
HINTS = {
    "display_name": lambda g: _mostly(g.rng, ("Shop", "x" * 256, "Ünïcode"), ("x" * 257, "")),
    "pg_version": lambda g: _mostly(g.rng, (16, 17, 17, "17", 18), (None, 15, 14, 19, 99999999999)),
    "history_retention_duration": lambda g: _mostly(g.rng, GOOD_DURATIONS, DURATIONS),
    "default_branch": lambda g: g.name_of("branch"),
    "budget_policy_id": lambda g: g.rng.choice(("policy", "")),
    "autoscaling_limit_min_cu": lambda g: _mostly(g.rng, (1, 1, 2, 4), SIZES),
    "autoscaling_limit_max_cu": lambda g: _mostly(g.rng, (1, 1, 2, 4), SIZES),
    "suspend_timeout_duration": lambda g: _mostly(g.rng, GOOD_DURATIONS, DURATIONS),
    "no_suspension": lambda g: g.rng.random() < 0.9,
    "no_expiry": lambda g: g.rng.random() < 0.95,
    "ttl": lambda g: _mostly(g.rng, LIVES, BAD_LIVES),
    "expire_time": lambda g: time_in(g.rng.choice((3600, 86400, -5, 31 * 86400, 29 * 86400, 101 * 366 * 86400))),
    "source_branch": lambda g: g.name_of("branch"),
    "source_branch_time": lambda g: time_in(g.rng.choice((-1, -86400, 3600))),
    "source_branch_lsn": lambda g: g.rng.choice(("0/0", "0/15000000", "")),
    "source_snapshot": lambda g: g.name_of("snapshot"),
    "retention": lambda g: _mostly(g.rng, LIVES, ("3599s", "60s", "0s", "-5s")),
    "hour": lambda g: _mostly(g.rng, (0, 3, 23, "7"), (24, -1)),
    "day": lambda g: _mostly(g.rng, (1, 31, "15"), (0, 32)),
    "name": lambda g: table_name(g.rng),
    "database": lambda g: _database(g),
    "endpoint": lambda g: g.name_of("endpoint"),
    "catalog": lambda g: _mostly(g.rng, ("main", "lake"), ("", "a b", "c1", "c2")),
    "schema": lambda g: _mostly(g.rng, ("sales", "s"), ("", "a.b")),
    "postgres_schema": lambda g: _mostly(g.rng, ("public", "s", "s2"), ("none", "S", "x" * 64, "")),
    "db_schemas[]": lambda g: _mostly(g.rng, ("public", "s", "api$1", "_x"), ("1a", "a b", "pg_catalog", "information_schema", "x" * 64, "")),
    "db_extra_search_path[]": lambda g: _mostly(g.rng, ("public", "extensions"), ("a-b", "pg_temp")),
    "db_max_rows": lambda g: _mostly(g.rng, (1, 1000, "500"), (0, -1)),
    "db_anon_role": lambda g: _mostly(g.rng, ("anonymous", "web"), ("x" * 64, "")),
    "jwt_role_claim_key": lambda g: _mostly(g.rng, (".sub", ".role.name"), ("sub", ".", "")),
    "jwt_cache_max_lifetime": lambda g: _mostly(g.rng, GOOD_DURATIONS, DURATIONS),
    "is_protected": lambda g: g.rng.random() < 0.2,
    "pg_settings": lambda g: _settings(g.rng),
    "postgres_role": lambda g: _role_name(g.rng),
    "postgres_database": lambda g: _mostly(g.rng, (*NAMES[:5], "databricks_postgres"), (*NAMES, "postgres")),
    "role": lambda g: g.name_of("role"),
    "branch": lambda g: g.name_of("branch"),
    "source_table_full_name": lambda g: _mostly(g.rng, ("main.s.t", "main.s.u"), ("x", "")),
    "primary_key_columns": lambda g: _mostly(g.rng, (["id"], ["a", "b"]), ([],)),
    "min": lambda g: _mostly(g.rng, (1,), (2, 0, 5)),
    "max": lambda g: _mostly(g.rng, (1,), (2, 0, 5)),
    "disabled": lambda g: g.rng.random() < 0.2,
    "compute_provisioner": lambda g: None,
}
# Fields that are seldom right together, or that a success rarely has: how often they are there at all.
RARE = {"source_branch_time": 0.03, "source_branch_lsn": 0.03, "source_snapshot": 0.15, "claims": 0.1, "group_name": 0.05,
        "expire_time": 0.1, "ttl": 0.1,
        "group": 0.15, "no_suspension": 0.15, "suspend_timeout_duration": 0.2, "default_branch": 0.15,
        "initial_role_spec": 0.15, "initial_database_spec": 0.3, "initial_branch_spec": 0.2, "initial_endpoint_spec": 0.3,
        "existing_pipeline_id": 0.2, "new_pipeline_spec": 0.2, "autoscaling_limit_min_cu": 0.25, "auth_method": 0.3,
        "extra_columns": 0.1, "type_overrides": 0.1, "extra_index_definitions": 0.1, "history_retention_duration": 0.3,
        "autoscaling_limit_max_cu": 0.25, "pg_version": 0.4, "identity_type": 0.4, "display_name": 0.4}
# Fields that a success needs.
FREQUENT = {"no_expiry": 0.85, "endpoint_type": 0.95, "role": 0.95, "branch": 0.9, "postgres_database": 0.8,
            "retention": 0.97, "hour": 0.95, "day": 0.97, "day_of_week": 0.97, "schedule": 0.9, "name": 0.97, "database": 0.97,
            "endpoint": 0.97, "catalog": 0.97, "schema": 0.97, "postgres_schema": 0.97,
            "source_table_full_name": 0.95, "primary_key_columns": 0.95, "min": 0.95, "max": 0.95}
