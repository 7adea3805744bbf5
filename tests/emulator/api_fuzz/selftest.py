"""Tests of the fuzzer itself: that what is predicted wrongly fails a run, at each place where something is compared.

    python3 tests/emulator/api_fuzz/selftest.py PROGRAM
"""

import os
import sys
import tempfile
import unittest

import compare
import minimise
import verdict as verdicts
from driver import Driver, Mismatch, as_curl
from model import Call, Model
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
