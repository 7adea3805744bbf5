"""Tests of the fuzzer itself: that what is predicted wrongly fails a run, at each place where something is compared.

    python3 tests/emulator/api_fuzz/selftest.py PROGRAM
"""

import datetime
import json
import os
import subprocess
import sys
import tempfile
import unittest

import compare
import life
import minimise
import verdict as verdicts
from driver import Driver, Mismatch, as_curl
from model import Call, Model
from rules import snapshot_schedules
from state import Resource

BRANCH = "projects/shop/branches/production"
CREATE = Call("POST", "projects", [("project_id", "shop")], "{}")


class Comparison(unittest.TestCase):
    def test_what_is_expected_must_be_found(self):
        self.assertFalse(compare.differences({"a": [{"b": 1}]}, {"a": [{"b": 1, "more": 2}], "more": 3}))
        for found in ({"a": [{"b": 2}]}, {"a": []}, {}, {"a": [{"b": True}]}, {"a": [{"b": 1}, {"b": 1}]}, None):
            self.assertTrue(compare.differences({"a": [{"b": 1}]}, found), found)

    def test_what_is_absent_must_not_be_found(self):
        self.assertFalse(compare.differences({"a": "(absent)"}, {}))
        self.assertTrue(compare.differences({"a": "(absent)"}, {"a": 1}))


class Prediction(unittest.TestCase):
    """Some rules, by hand: the reference's own examples."""

    def predict(self, *arguments):
        return self.model.predict(Call(*arguments)).allowed

    def setUp(self):
        self.model = Model()
        self.model.predict(CREATE).effect({})

    def test_each_broken_rule_is_an_outcome_and_none_is_success(self):
        self.assertEqual(self.predict("GET", "projects/shop"), {verdicts.OK})
        self.assertEqual(self.predict("GET", "projects/none"), {verdicts.NOT_FOUND})
        self.assertEqual(self.predict("POST", "projects", [("project_id", "shop")], "{}"), {verdicts.EXISTS})
        self.assertEqual(self.predict("POST", "projects/none/branches", [("branch_id", "A")], '{"spec":{"no_expiry":true}}'),
                         {verdicts.NOT_FOUND, verdicts.INVALID})

    def test_bodies(self):
        for body in ("[]", "{", '{"spec":{"a":1,"a":1}}', '{"spec":{"pg_version":1.5}}', '{"spec":7}'):
            self.assertEqual(self.predict("POST", "projects", [("project_id", "b")], body), {verdicts.MALFORMED}, body)
        for body in ("", "{}", '{"status":7,"x":[]}', '{"spec":{"pg_version":"17","display_name":null}}'):
            self.assertEqual(self.predict("POST", "projects", [("project_id", "b")], body), {verdicts.OK}, body)

    def test_masks(self):
        def update(mask, body):
            return self.predict("PATCH", BRANCH + "/endpoints/primary", [("update_mask", mask)], body)

        self.assertEqual(update("spec.no_suspension", '{"spec":{"no_suspension":true}}'), {verdicts.INVALID})
        self.assertEqual(update("spec.suspension", '{"spec":{"no_suspension":true}}'), {verdicts.OK})
        self.assertEqual(update("spec.disabled", '{"spec":{}}'), {verdicts.INVALID})
        self.assertEqual(update("spec.disabled", '{"spec":{"disabled":false,"endpoint_type":"x"}}'), {verdicts.OK})


class Snapshots(unittest.TestCase):
    """How branches and snapshots hang together, and what goes with what."""

    def setUp(self):
        self.model = Model()
        self.make(CREATE)

    def make(self, call, resource=None):
        verdict = self.model.predict(call)
        self.assertIn(verdicts.OK, verdict.allowed, verdict.reasons)
        verdict.effect(resource or {})
        return verdict

    def snapshot(self, name, spec):
        return Call("POST", "projects/shop/snapshots", [("snapshot_id", name)], json.dumps({"spec": spec}))

    def branch(self, name, **spec):
        body = json.dumps({"spec": {"no_expiry": True, **spec}})
        return Call("POST", "projects/shop/branches", [("branch_id", name)], body)

    def test_snapshots_are_of_root_branches_and_outlive_them(self):
        self.make(self.branch("dev"))
        child = self.snapshot("s", {"source_branch": "projects/shop/branches/dev"})
        self.assertNotIn(verdicts.OK, self.model.predict(child).allowed)
        self.make(self.snapshot("s", {"source_branch": BRANCH}))
        self.make(self.branch("old", source_snapshot="projects/shop/snapshots/s"))
        self.make(self.snapshot("s2", {"source_branch": "projects/shop/branches/old"}))
        self.make(Call("DELETE", "projects/shop/branches/old", [("purge", "true")]))
        self.make(Call("GET", "projects/shop/snapshots/s2"))
        self.make(Call("DELETE", "projects/shop"))
        self.assertEqual(self.model.predict(Call("GET", "projects/shop/snapshots/s2")).allowed, {verdicts.NOT_FOUND})
        self.make(Call("POST", "projects/shop/undelete", [], "{}"))
        self.make(Call("GET", "projects/shop/snapshots/s2"))

    def test_schedules(self):
        def left():
            snapshot_schedules.pass_time(self.model)
            return [each.id for each in self.model.state.all_of("snapshot")]

        noon = datetime.datetime(2026, 2, 27, 12, tzinfo=datetime.timezone.utc).timestamp()
        self.model.now = lambda: noon + self.model.ahead
        self.make(Call("PATCH", BRANCH + "/snapshot-schedule", [("update_mask", "schedule")], json.dumps({"schedule": [
            {"retention": "172800s", "daily_schedule": {"hour": 3}},
            {"retention": "360000s", "monthly_schedule": {"day": 31, "hour": 3}},
            {"retention": "3600s", "weekly_schedule": {"day_of_week": "MONDAY"}}]})))
        self.assertEqual(left(), [])
        self.model.ahead = 3 * 86400
        self.assertEqual(left(), ["production-2026-02-28-03", "production-2026-03-01-03", "production-2026-03-02-03"])
        self.model.ahead = 4 * 86400
        self.assertEqual(left(), ["production-2026-02-28-03", "production-2026-03-02-03", "production-2026-03-03-03"])
        self.model.ahead = 5 * 86400
        self.assertEqual(left(), ["production-2026-03-03-03", "production-2026-03-04-03"])

    def test_quotas(self):
        for name in ("s1", "s2", "s3"):
            self.make(self.snapshot(name, {"source_branch": BRANCH}))
        fourth = self.snapshot("s4", {"source_branch": BRANCH})
        self.assertEqual(self.model.predict(fourth).allowed, {verdicts.QUOTA})
        for name in ("r1", "r2"):
            self.make(self.branch(name, source_snapshot="projects/shop/snapshots/s1"))
        third = self.branch("r3", source_snapshot="projects/shop/snapshots/s1")
        self.assertEqual(self.model.predict(third).allowed, {verdicts.QUOTA})

    def test_a_snapshot_has_what_was_there(self):
        self.make(Call("POST", BRANCH + "/roles", [("role_id", "app")], '{"spec":{"postgres_role":"app"}}'))
        self.make(self.snapshot("s", {"source_branch": BRANCH}))
        self.make(Call("DELETE", BRANCH + "/roles/app"))
        self.make(self.branch("old", source_snapshot="projects/shop/snapshots/s"))
        reveal = self.make(Call("POST", "projects/shop/branches/old/roles/app/password", [], "{}"), {"password": "secret"})
        self.assertFalse(compare.differences(reveal.view(), {"password": "secret"}))
        self.assertTrue(compare.differences(reveal.view(), {"password": "another"}))

    def test_feeds_go_with_their_database(self):
        feeds = BRANCH + "/databases/databricks-postgres/cdf-configs"
        feed = '{"catalog":"main","schema":"sales","postgres_schema":"public"}'
        self.make(Call("POST", feeds, [], feed))
        self.assertIn(verdicts.EXISTS, self.model.predict(Call("POST", feeds, [("cdf_config_id", "b")], feed)).allowed)
        self.make(self.branch("dev"))
        below = feeds.replace("production", "dev")
        self.assertEqual(self.model.predict(Call("GET", below + "/public")).allowed, {verdicts.NOT_FOUND})
        self.make(Call("DELETE", BRANCH + "/databases/databricks-postgres"))
        self.assertEqual(self.model.predict(Call("GET", feeds + "/public")).allowed, {verdicts.NOT_FOUND})


class Failures(unittest.TestCase):
    def test_what_failed_is_told_with_the_log(self):
        with tempfile.TemporaryDirectory(prefix="api-fuzz-") as folder:
            program = os.path.join(folder, "broken")
            with open(program, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\necho 'no room left' >&2\nexit 3\n")
            os.chmod(program, 0o755)
            done = subprocess.run([sys.executable, "-B", os.path.dirname(os.path.abspath(__file__)), program, "--seed", "7"],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        for part in ("seed 7", "no room left", "the emulator does not start: it ended with 3"):
            self.assertIn(part, done.stdout)

    def test_reports_of_sanitizers_are_found(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
            file.write("all is well\n")
            file.flush()
            self.assertEqual(life.sanitizer_report(file.name), "")
            file.write("WARNING: ThreadSanitizer: data race\nmore\n")
            file.flush()
            self.assertIn("data race", life.sanitizer_report(file.name))


class Minimiser(unittest.TestCase):
    def test_only_what_is_needed_is_left(self):
        runs = []

        def fails(steps):
            runs.append(steps)
            return {3, 30} <= set(steps)

        self.assertEqual(minimise.minimise(list(range(60)), lambda steps: fails(steps) and 59 in steps, 60), [3, 30, 59])
        self.assertTrue(runs)

    def test_calls_are_printed_for_a_shell(self):
        line = as_curl(Call("POST", "projects", [("project_id", "a b")], '{"x":"it\'s"}'))
        self.assertIn("project_id=a+b", line)
        self.assertIn("""-d '{"x":"it'"'"'s"}'""", line)


class Planted(unittest.TestCase):
    """Against an emulator: each planted lie of the model is noticed."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="api-fuzz-")
        os.chmod(cls.scratch.name, 0o755)
        cls.driver = Driver(PROGRAM, os.path.join(cls.scratch.name, "data"))
        cls.driver.take(CREATE)
        cls.driver.look()

    @classmethod
    def tearDownClass(cls):
        cls.driver.close()
        cls.scratch.cleanup()

    def state(self):
        return self.driver.model.state

    def noticed(self, step, part):
        with self.assertRaises(Mismatch) as caught:
            self.driver.take(step) if step else self.driver.look()
        self.assertIn(part, str(caught.exception))

    def test_status_and_code(self):
        project = self.state().resources.pop("projects/shop")
        self.noticed(Call("GET", "projects/shop"), "NOT_FOUND")
        self.noticed(CREATE, "got (409, 'ALREADY_EXISTS')")
        self.state().resources = {"projects/shop": project, **self.state().resources}
        self.driver.model.predict = lambda call: verdicts.Verdict(refused=[(404, "BAD_REQUEST", "a lie")])
        try:
            self.noticed(Call("GET", "projects/none"), "got (404, 'NOT_FOUND')")
        finally:
            del self.driver.model.predict

    def test_what_is_shown(self):
        project = self.state().find("projects/shop")
        with Changed(project.status, "display_name", "Other"):
            self.noticed(Call("GET", "projects/shop"), "status.display_name: expected 'Other'")
            self.noticed(None, "display_name")

    def test_what_goes_with_a_branch(self):
        body = json.dumps({"spec": {"source_branch": BRANCH}})
        self.driver.take(Call("POST", "projects/shop/snapshots", [("snapshot_id", "s")], body))
        snapshot = self.state().find("projects/shop/snapshots/s")
        with Changed(snapshot.status, "source_branch", "other"):
            self.noticed(None, "source_branch: expected 'other'")
        schedule = Call("PATCH", BRANCH + "/snapshot-schedule", [("update_mask", "schedule")], json.dumps(
            {"schedule": [{"retention": "172800s", "daily_schedule": {"hour": 3}}]}))
        self.driver.take(schedule)
        shown = self.state().find(BRANCH + "/snapshot-schedule")
        with Changed(shown.status, "schedule", [{"retention": "7200s"}]):
            self.noticed(Call("GET", BRANCH + "/snapshot-schedule"), "retention: expected '7200s'")
        with Changed(shown.status, "schedule", [{"retention": "172800s", "daily_schedule": {"hour": 4}}]):
            self.noticed(("days", 1), "projects/shop/snapshots/production-")
        for ghost in [each.name for each in self.state().all_of("snapshot") if each.id.endswith("-04")]:
            self.state().remove(ghost)
        shown.hidden["until"] -= 86400  # so that it is predicted again

    def test_tables_and_feeds(self):
        self.driver.take(("table", BRANCH, "databricks_postgres", "public", "orders", "full"))
        feeds = BRANCH + "/databases/databricks-postgres/cdf-configs"
        self.driver.take(Call("POST", feeds, [], '{"catalog":"main","schema":"sales","postgres_schema":"public"}'))
        tables = self.state().find(BRANCH).hidden["tables"]
        with Changed(tables["databricks_postgres", "public", "orders"], "form", "plain"):
            self.noticed(Call("GET", feeds + "/public/cdf-statuses"), "CDF_STATE_SKIPPED")
        with Changed(tables, ("databricks_postgres", "public", "ghost"), {"owner": "x", "form": "full"}):
            self.noticed(None, "tables of databricks_postgres")
            self.noticed(Call("POST", "tables", [], json.dumps(
                {"name": "main.public.ghost", "database": BRANCH + "/databases/databricks_postgres"})), "NOT_FOUND")

    def test_passwords(self):
        self.driver.take(Call("POST", BRANCH + "/roles", [("role_id", "app")], '{"spec":{"postgres_role":"app"}}'))
        reveal = Call("POST", BRANCH + "/roles/app/password", [], "{}")
        self.driver.take(reveal)
        with Changed(self.state().find(BRANCH + "/roles/app").hidden["password"], "value", "other"):
            self.noticed(reveal, "wanted the password of the role")

    def test_what_is_listed(self):
        name = BRANCH + "/roles/ghost"
        self.state().add(Resource("role", name, {}))
        self.noticed(Call("GET", BRANCH + "/roles"), "expected")
        self.noticed(("kill",), "expected")
        self.state().remove(name)

    def test_what_postgresql_holds(self):
        schemas = self.state().find(BRANCH).hidden["schemas"]
        with Changed(schemas, "databricks_postgres", {"ghost"}):
            self.noticed(None, "schemas of databricks_postgres")
        for where, name, lie, part in (
                ("/roles/developer", "postgres_role", "ghost", "can log in"),
                ("/databases/databricks-postgres", "postgres_database", "ghost", "databases: expected")):
            resource = self.state().find(BRANCH + where)
            lines = []
            with Changed(resource.status, name, lie):
                import postgres
                lines = postgres.differences(self.driver.life, self.driver.model, self.state().find(BRANCH))
            self.assertIn(part, "\n".join(lines))
        endpoint = self.state().find(BRANCH + "/endpoints/primary")
        with Changed(endpoint.status, "settings", {"pg_settings": {"work_mem": "9MB"}}):
            import postgres
            lines = postgres.differences(self.driver.life, self.driver.model, self.state().find(BRANCH))
        self.assertIn("work_mem", "\n".join(lines))


class Together(unittest.TestCase):
    """Against an emulator: what random calls seldom bring together."""

    def test_copies_and_what_goes_and_comes_back(self):
        old = "projects/shop/branches/old"
        feeds = "/databases/databricks-postgres/cdf-configs"

        def change(verb, path, spec=None, **query):
            return Call(verb, path, list(query.items()), json.dumps({"spec": spec or {}}))

        def reveal(branch):
            return Call("POST", branch + "/roles/app/password", [], "{}")

        steps = (
            CREATE, change("POST", BRANCH + "/roles", {"postgres_role": "app"}, role_id="app"), reveal(BRANCH),
            *(("table", BRANCH, "databricks_postgres", "public", form, form) for form in ("plain", "full", "unlogged")),
            change("POST", "projects/shop/snapshots", {"source_branch": BRANCH}, snapshot_id="open"),
            change("PATCH", BRANCH, {"is_protected": True}, update_mask="spec.is_protected"),
            change("POST", "projects/shop/snapshots", {"source_branch": BRANCH}, snapshot_id="closed"),
            *(change("POST", "projects/shop/branches", {
                "no_expiry": True, "source_snapshot": "projects/shop/snapshots/" + snapshot}, branch_id=branch)
              for branch, snapshot in (("old", "open"), ("new", "closed"))),
            reveal(old), reveal("projects/shop/branches/new"),
            Call("POST", old + feeds, [], '{"catalog":"main","schema":"sales","postgres_schema":"public"}'),
            Call("GET", old + feeds + "/public/cdf-statuses"),
            Call("POST", "tables", [], json.dumps(
                {"name": "main.public.full", "database": old + "/databases/databricks_postgres"})),
            Call("PATCH", old + "/snapshot-schedule", [("update_mask", "schedule")],
                 '{"schedule":[{"retention":"3600s","daily_schedule":{"hour":3}}]}'),
            change("DELETE", old + "/roles/developer"),
            change("DELETE", old + "/roles/developer", reassign_owned_to=old + "/roles/app"),
            change("DELETE", old), Call("GET", "tables/main.public.full"), Call("POST", old + "/undelete", [], "{}"),
            Call("GET", old + "/snapshot-schedule"), Call("GET", old + feeds + "/public/cdf-statuses"), ("kill",),
            change("DELETE", old, purge="true"), Call("GET", "projects/shop/snapshots/open"), ("restart",))
        with tempfile.TemporaryDirectory(prefix="api-fuzz-") as scratch:
            os.chmod(scratch, 0o755)
            driver = Driver(PROGRAM, os.path.join(scratch, "data"))
            try:
                for step in steps:
                    driver.take(step)
                driver.close()
            finally:
                driver.abandon()


class Changed:
    """A value of a dict that is another for a while."""

    def __init__(self, place, name, value):
        self.place, self.name, self.value = place, name, value

    def __enter__(self):
        self.before = dict(self.place)
        self.place[self.name] = self.value

    def __exit__(self, *_):
        self.place.clear()
        self.place.update(self.before)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
