"""Makes the next step of a run: a call that often fits what the model holds, and is often wrong in one place."""

import copy
import json

import values
from kinds import KINDS
from model import Call
from rules import branches

# Of the calls of a kind, how many are of each action.
ACTIONS = {"create": 34, "update": 30, "delete": 10, "undelete": 4, "get": 12, "list": 10, "password": 8}
WEIGHTS = {"project": 4, "branch": 7, "endpoint": 7, "role": 8, "database": 8, "catalog": 5, "synced_table": 5,
           "snapshot": 4, "snapshot_schedule": 2, "compute_instance": 3, "cdf_config": 4, "cdf_status": 3, "data_api": 4,
           "table": 4, "credential": 1}
MOST = {"project": 3, "branch": 8, "endpoint": 20, "role": 40, "database": 25, "credential": 1}
IDS = ("a", "b", "dev", "app", "x1", "primary", "production", "databricks-postgres", "developer", "reader")
BAD_IDS = ("", "A", "a_b", "-a", "a-", "1a", "x" * 64, "é", "a b", "a.b")
BAD_MASKS = (None, "", "spec.nope", "name", "status", "uid", "spec.pg_version", "spec.ttl", "spec.no_suspension", "spec.", "spec,",
             "spec.endpoint_type", "spec.postgres_role", "display_name", "initial_branch_spec,spec")
UNOFFERED = ("projects/a/preview/replication-groups", "projects/a/preview/replication-groups/g",
             "projects/a/preview/replication-groups/g/failover", "projects/a/preview/replication-groups/g/switchover",
             "projects/a/preview/recovery-branches", "projects/a/preview/recovery-branches/r",
             "projects/a/preview/recovery-branches/r/inspect/x", "projects/a/branches/production/forward-etl",
             "projects/a/branches/production/forward-etl/metadata",
             "projects/none/branches/production/forward-etl/configuration")
NO_PATHS = ("xyz", "projects/a/x", "projects/a/branches/production/y/z", "projects//branches", "catalogs/c/roles", "branches",
            "projects/a/preview", "projects/a/preview/x", "projects/a/branches/production/data-api", "projects/a/forward-etl",
            "projects/a/branches/production/snapshot-schedule/x", "projects/a/snapshot-schedule",
            "projects/a/snapshots/s/undelete",
            "projects/a/branches/production/roles/developer/password/x", "projects/a/password", "tables", "credentials",
            "credentials/x", "tables/a.b.c/undelete")
MALFORMED = ("", "null", "[]", "{", '{"spec":', "{'spec':1}", '{"spec":{},"spec":{}}', '{"spec":{"x":NaN}}', '"x"', "17",
             '{"spec":{"x":1e999}}', '{"spec":' + "[" * 120 + "]" * 120 + "}", '{"spec":{}} x')


class Generator:
    def __init__(self, rng, model):
        self.rng = rng
        self.model = model

    def step(self):
        """A Call, ("walk", Call) for a list from page to page, or ("overlap", Call, Call) for two at a time."""
        if not any(not each.deleted for each in self.model.state.all_of("project")) and self.rng.random() < 0.5:
            return self._spoilt(self._create(KINDS["project"]), KINDS["project"])
        chance = self.rng.random()
        if chance < 0.02:
            return Call(self.rng.choice(("GET", "POST", "DELETE", "PATCH")), self.rng.choice(UNOFFERED), [],
                        self.rng.choice((None, "{}", "[]")))
        if chance < 0.04:
            return Call(self.rng.choice(("GET", "POST", "PATCH", "DELETE")), self.rng.choice(NO_PATHS), [], "{}")
        if 0.1 < chance < 0.14:
            return self._table()
        if chance < 0.06 and self.model.operations:
            return Call("GET", self.rng.choice(sorted(self.model.operations)))
        if 0.06 < chance < 0.1:
            changes = [step for step in (self.call() for _ in range(6)) if isinstance(step, Call) and step.verb != "GET"]
            if len(changes) > 1:
                return "overlap", changes[0], changes[1]
        return self.call()

    def call(self):
        """A call of a kind, or a walk."""
        kind = KINDS[self.rng.choices(list(WEIGHTS), WEIGHTS.values())[0]]
        actions = {action: weight for action, weight in ACTIONS.items() if self._has(action, kind)}
        action = self.rng.choices(list(actions), actions.values())[0]
        if self.rng.random() < 0.01:
            action = self.rng.choice([action for action in ACTIONS if action != "password"])
        if action == "create" and len(self.model.state.all_of(kind.name)) >= MOST.get(kind.name, 12):
            action = self.rng.choice([other for other in ("delete", "get", "update") if other in actions] or ["create"])
        if kind.name == "project" and action == "delete" and self.rng.random() < 0.6:
            action = "update"
        if action == "list" and kind.listed and self.rng.random() < 0.5:
            return "walk", self._list(kind, walk=True)
        call = getattr(self, "_" + action)(kind)
        return self._spoilt(call, kind)

    def _has(self, action, kind):
        return kind.method(action) in self.model.manifest.methods

    def _table(self):
        """A table that SQL makes."""
        branch = self.name_of("branch", missing=0)
        databases = [each.status["postgres_database"] for each in self.model.state.below(branch, "database")]
        schema = self.rng.choice(("public", "public", "s", "s2"))
        return ("table", branch, self.rng.choice(databases or ["app"]), schema, self.rng.choice(("t", "u", "v")),
                self.rng.choice(("full", "full", "plain", "unlogged", "partitioned")))

    def name_of(self, kind, missing=0.04, parent=None):
        """The name of a resource that is there (deleted ones too), or now and then of none."""
        rules = KINDS[kind].rules
        names = [each.name for each in self.model.state.all_of(kind)]
        if hasattr(rules, "names"):
            names = rules.names(self.model)
        names = [name for name in names if not parent or name.startswith(parent + "/")]
        if not names or self.rng.random() < missing:
            parts = {"project": "projects/none", "branch": "projects/a/branches/none", "role": "x"}
            return self.rng.choice((parts.get(kind, "none"), "x", ""))
        return self.rng.choice(names)

    def _collection(self, kind):
        return f"{self._resource(KINDS[kind.parent])}/{kind.collection}" if kind.parent else kind.collection

    def _resource(self, kind):
        if kind.singleton:
            return self._collection(kind)
        name = self.name_of(kind.name)
        if name.startswith(kind.collection + "/") or "/" + kind.collection + "/" in name:
            return name
        return f"{self._collection(kind)}/{self.rng.choice(IDS) if kind.parent else self._id(kind) or 'none'}"

    def _id(self, kind):
        if kind.name == "catalog":
            return self.rng.choice(("c1", "c2", "C_3", "c-4", "c.5", "", "c 6", "x" * 256))
        if kind.name == "synced_table":
            catalog = self.rng.choice(("c1", "c2", "std", "std"))
            tables = [f"{catalog}.{table}" for table in ("s.t", "s2.t", "public.u", "s.u")]
            return self.rng.choice((*tables, "c1.s", "a.b-c.d", ""))
        if kind.name == "table":
            return values.table_name(self.rng)
        if self.rng.random() < 0.06:
            return self.rng.choice(BAD_IDS)
        if kind.name == "cdf_config":
            return self.rng.choice(("", "", "f", "feed_1"))
        return self.rng.choice(IDS)

    def _create(self, kind):
        query = []
        options = [each["name"] for each in self._method("create", kind)["query"]]
        identifier = self._id(kind) if kind.id_parameter in options else ""
        if identifier or self.rng.random() < 0.5:
            query.append((kind.id_parameter, identifier))
        if "replace_existing" in options and self.rng.random() < 0.25:
            query.append(("replace_existing", self.rng.choice(("true", "true", "true", "false", "maybe"))))
        collection = self._collection(kind)
        return Call("POST", collection, query, json.dumps(self._body(kind, collection, "create")))

    def _method(self, action, kind):
        return self.model.manifest.methods.get(kind.method(action), {"query": []})

    def _update(self, kind):
        name = self._resource(kind)
        body = self._body(kind, name, "update")
        spec = body.get("spec") or {}
        rules = kind.rules
        mask = self._mask(rules.MASK, body) if hasattr(rules, "MASK") else "spec"
        if self.rng.random() < 0.3 and isinstance(spec, dict):
            for field in [field for field in spec if self.rng.random() < 0.2]:
                del spec[field]
        query = [("update_mask", mask)] if mask is not None else []
        return Call("PATCH", name, query, json.dumps(body))

    def _mask(self, mask, body):
        chance = self.rng.random()
        if chance < 0.12:
            return "spec"
        if chance < 0.17:
            return "*"
        if chance < 0.25:
            return self.rng.choice(BAD_MASKS)
        fitting = [path for path, unit in mask.paths.items() if mask.present(unit, body)]
        paths = fitting if fitting and self.rng.random() < 0.9 else list(mask.paths)
        return ",".join(self.rng.sample(paths, min(len(paths), self.rng.choice((1, 1, 2, 3)))))

    def _delete(self, kind):
        options = [each["name"] for each in self._method("delete", kind)["query"]]
        query = [(name, self.rng.choice(("true", "true", "false", "1", ""))) for name in options
                 if name != "reassign_owned_to" and self.rng.random() < 0.35]
        name = self._resource(kind)
        if "reassign_owned_to" in options and self.rng.random() < 0.5:
            branch = name.rsplit("/roles/", 1)[0]
            query.append(("reassign_owned_to", self.name_of("role", parent=branch)))
        return Call("DELETE", name, query)

    def _undelete(self, kind):
        return Call("POST", self._resource(kind) + "/undelete", [], self.rng.choice(("{}", "{}", None, "[]")))

    def _password(self, kind):
        with_password = [each.name for each in self.model.state.all_of("role")
                         if each.status["auth_method"] == "PG_PASSWORD_SCRAM_SHA_256"]
        name = self.rng.choice(with_password) if with_password and self.rng.random() < 0.7 else self._resource(kind)
        return Call("POST", name + "/password", [], self.rng.choice(("{}", "{}", "{}", None, "[]")))

    def _get(self, kind):
        return Call("GET", self._resource(kind))

    def _list(self, kind, walk=False):
        query = []
        if walk:
            query.append(("page_size", self.rng.choice(("1", "2", "3", "100", "0", "1000"))))
        elif self.rng.random() < 0.5:
            name = self.rng.choice(("page_size", "page_token"))
            query.append((name, self.rng.choice(("-1", "x", "1.5", "", "999999999999999"))))
        if kind.name in ("project", "branch") and self.rng.random() < 0.4:
            query.append(("show_deleted", self.rng.choice(("true", "true", "false") if walk else ("true", "x"))))
        return Call("GET", self._collection(kind), query)

    def _body(self, kind, path, action):
        body = self._message(kind.message, self.model.manifest.writable(kind.message), action)
        spec = body.setdefault("spec", {}) if "spec" in self.model.manifest.messages[kind.message] else {}
        if kind.name == "database" and spec.get("role") and self.rng.random() < 0.9:
            branch = "/".join(path.split("/")[:4])
            spec["role"] = self.name_of("role", parent=branch)
        if kind.name == "branch" and spec.get("source_branch") and self.rng.random() < 0.9:
            spec["source_branch"] = self.name_of("branch", parent="/".join(path.split("/")[:2]))
        if kind.name == "project" and spec.get("default_branch") and self.rng.random() < 0.9:
            spec["default_branch"] = self.name_of("branch", parent=path)
        if kind.name == "role" and spec.get("identity_type") == "USER" and self.rng.random() < 0.7:
            spec["postgres_role"] = self.rng.choice(("b@x.io", "developer@example.com"))
        if kind.name == "branch" and spec.get("source_snapshot") and self.rng.random() < 0.9:
            spec["source_snapshot"] = self.name_of("snapshot", parent="/".join(path.split("/")[:2]))
            spec.pop("source_branch", None)
        if kind.name == "snapshot" and self.rng.random() < 0.9:
            roots = [each.name for each in self.model.state.all_of("branch") if branches.is_root(each)]
            near = [name for name in roots if name.startswith(path.rsplit("/", 1)[0] + "/")]
            spec["source_branch"] = self.rng.choice(near or roots or ["x"])
        if kind.name == "snapshot_schedule":
            self._schedule(body)
        if kind.name == "table" and self.rng.random() < 0.6:
            self._existing_table(body)
        if kind.name == "synced_table" and self.rng.random() < 0.4:
            spec.pop("branch", None), spec.pop("postgres_database", None)
        return {name: part for name, part in body.items() if part is not None}

    def _existing_table(self, body):
        """Names a table that SQL has made, if there is one."""
        found = [(branch.name, *key) for branch in self.model.state.all_of("branch") for key in branch.hidden["tables"]]
        if found:
            branch, database, schema, table = self.rng.choice(found)
            body["name"] = f"{self.rng.choice(('main', 'lake'))}.{schema}.{table}"
            body["database"] = f"{branch}/databases/{database}"

    def _schedule(self, body):
        """Mostly leaves one schedule to each cadence."""
        for cadence in body.get("schedule") or ():
            given = [name for name in cadence if name.endswith("_schedule")]
            self.rng.shuffle(given)
            for name in given[1:] if self.rng.random() < 0.9 else ():
                del cadence[name]

    def _message(self, message, names, action):
        fields = self.model.manifest.messages[message]
        found = {}
        for name in sorted(names):
            usual = values.FREQUENT.get(name, values.RARE.get(name, 0.5))
            if action == "update" and name in values.FREQUENT and name not in ("min", "max"):
                usual = 0.5
            if name == "spec" and self.rng.random() < 0.97 or self.rng.random() < usual:
                found[name] = self._value(name, fields[name], action)
        return found

    def _value(self, name, type_name, action):
        if name in values.HINTS:
            return values.HINTS[name](self)
        shape = self.model.manifest.shape(type_name)
        if shape[0] == "message":
            return self._message(shape[1], self.model.manifest.messages[shape[1]], action)
        if shape[0] == "list":
            return [self._value(name + "[]", shape[1], action) for _ in range(self.rng.choice((0, 1, 1, 2)))]
        if shape[0] == "enum":
            return self.rng.choice((*self.model.manifest.enums[shape[1]] * 3, "NOPE", ""))
        return {"str": self.rng.choice(("text", "", "é")), "bool": self.rng.random() < 0.5, "int": self.rng.randint(0, 9),
                "float": 1, "Duration": "3600s", "Timestamp": values.time_in(3600)}.get(shape[0])

    def _spoilt(self, call, kind):
        """The call, now and then with something wrong or something that is ignored."""
        if call.body is not None and self.rng.random() < 0.03:
            return Call(call.verb, call.path, call.query, self.rng.choice(MALFORMED))
        if call.body is not None and self.rng.random() < 0.25:
            body = json.loads(call.body)
            if isinstance(body, dict):
                self._spoil(body)
                call.body = json.dumps(body)
        if self.rng.random() < 0.03:
            call.query.append((self.rng.choice(("unknown", "validate_only")), "x"))
        if self.rng.random() < 0.01:
            call.verb = self.rng.choice(("PUT", "PATCH", "POST", "DELETE"))
        return call

    def _spoil(self, body):
        ignored = self.rng.random() < 0.4
        if ignored:
            place = self.rng.choice([body] + [part for part in body.values() if isinstance(part, dict)])
            name = self.rng.choice(("unknown", "name", "uid", "status", "create_time", "parent"))
            place[name] = copy.deepcopy(self.rng.choice(values.WRONG))
            return
        places = []

        def walk(part):
            for name, value in part.items():
                places.append((part, name))
                if isinstance(value, dict):
                    walk(value)
        walk(body)
        if places:
            part, name = self.rng.choice(places)
            part[name] = copy.deepcopy(self.rng.choice(values.WRONG))
            if name == "statement_timeout" and part[name] == "17":
                part[name] = "x"  # 17 ms would be right, and end the statements that look at the result
