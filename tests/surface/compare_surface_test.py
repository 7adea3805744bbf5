#!/usr/bin/env python3
"""What scripts/compare-surface says of surfaces that were changed by hand.

  compare_surface_test.py PATH/TO/scripts/compare-surface
"""

import copy
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = SCRIPT.parent.parent
MANIFEST = ROOT / "tests" / "surface" / "postgres-api.json"


def run(*arguments):
    result = subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout, result.stderr


class CompareSurface(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="compare_surface_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.surface = json.loads(MANIFEST.read_text(encoding="utf-8"))

    def compare(self, *arguments):
        path = self.folder / "new.json"
        path.write_text(json.dumps(self.surface), encoding="utf-8")
        return run(path, *arguments)

    def method(self, name):
        return next(m for m in self.surface["methods"] if m["name"] == name)

    def test_nothing_differs(self):
        for arguments in ([], ["--code"]):
            self.assertEqual(self.compare(*arguments), (0, "nothing differs\n", ""), arguments)

    def test_nothing_differs_of_any_service(self):
        for manifest in MANIFEST.parent.glob("*-api.json"):
            service = manifest.name.removesuffix("-api.json")
            self.assertEqual(run("--code", "--service", service), (0, "nothing differs\n", ""), service)

    def test_a_wait(self):
        path = self.folder / "new.json"
        surface = json.loads((MANIFEST.parent / "database-api.json").read_text(encoding="utf-8"))
        method = next(m for m in surface["methods"] if m["name"] == "create_database_instance")
        method["returns"] = "DatabaseInstance"
        path.write_text(json.dumps(surface), encoding="utf-8")
        for arguments in ([], ["--code"]):
            self.assertEqual(run(path, "--service", "database", *arguments)[1].splitlines()[1:],
                             ["  ~ returns: Wait[DatabaseInstance] becomes DatabaseInstance", "1 edits"])

    def test_fields(self):
        fields = self.surface["messages"]["BranchSpec"]
        del fields[1]
        fields[1]["type"] = "str"
        fields.insert(2, {"name": "reason", "type": "List[str]", "required": False, "wire": "plain"})
        for arguments, place in ([], ""), (["--code"], "  (include/lakebase/postgres/branch.hpp)"):
            status, out, _ = self.compare(*arguments)
            self.assertEqual(status, 1)
            self.assertEqual(out, f"message BranchSpec{place}\n"
                                  "  - is_protected: bool\n"
                                  "  + reason: List[str]  (after no_expiry)\n"
                                  "  ~ no_expiry: bool becomes str\n"
                                  "3 edits\n")

    def test_order_of_fields(self):
        self.surface["messages"]["ProjectCustomTag"].reverse()
        self.assertIn("message ProjectCustomTag\n  ~ order: value, key\n", self.compare()[1])

    def test_messages(self):
        self.surface["messages"]["Fresh"] = [{"name": "a", "type": "str", "required": False, "wire": "plain"}]
        del self.surface["messages"]["WeeklySchedule"]
        self.assertEqual(self.compare()[1], "message Fresh\n  + all of it\n  + a: str\n"
                                            "message WeeklySchedule\n  - all of it\n3 edits\n")

    def test_enum_values(self):
        self.surface["enums"]["EndpointStatusState"] = ["ACTIVE", "IDLE", "INIT", "STOPPED"]
        for arguments in ([], ["--code"]):
            _, out, _ = self.compare(*arguments)
            self.assertIn("  - DEGRADED\n  + STOPPED  (after INIT)\n2 edits\n", out)

    def test_methods(self):
        copied = copy.deepcopy(self.method("get_branch"))
        copied["name"] = "peek_branch"
        self.surface["methods"].append(copied)
        self.surface["methods"].remove(self.method("get_project"))
        method = self.method("delete_branch")
        method["verb"] = "POST"
        method["path"] += ":delete"
        method["params"].append({"name": "force", "type": "bool", "required": False, "keyword_only": True})
        for arguments in ([], ["--code"]):
            status, out, _ = self.compare(*arguments)
            self.assertEqual(status, 1)
            for line in ("  ~ verb: DELETE becomes POST\n",
                         "  ~ path: /api/2.0/postgres/{} becomes /api/2.0/postgres/{}:delete\n",
                         "allow_missing: bool, purge: bool becomes allow_missing: bool, purge: bool, force: bool\n",
                         "method get_project", "method peek_branch\n  + all of it\n  + verb: GET\n"):
                self.assertIn(line, out)

    def test_query_names(self):
        self.method("list_roles")["query"].pop()
        self.assertIn("  ~ query: page_size, page_token becomes page_size\n", self.compare()[1])

    def released(self):
        """The committed surface as a release would show it: without anything that is unreleased."""
        unreleased = self.surface.pop("unreleased")
        for name, values in unreleased["enums"].items():
            kept = [] if values == "all" else [v for v in self.surface["enums"][name] if v not in values]
            self.surface["enums"][name] = kept
            if not kept:
                del self.surface["enums"][name]
        for name in unreleased["messages"]:
            del self.surface["messages"][name]
        self.surface["methods"] = [m for m in self.surface["methods"] if m["name"] not in unreleased["methods"]]
        for name, fields in unreleased["fields"].items():
            self.surface["messages"][name] = [f for f in self.surface["messages"][name] if f["name"] not in fields]
        for name, parameters in unreleased["parameters"].items():
            method = self.method(name)
            method["params"] = [p for p in method["params"] if p["name"] not in parameters]
            method["query"] = [q for q in method["query"] if q["name"] not in parameters]
            if isinstance(method["body"], dict):
                method["body"] = {k: v for k, v in method["body"].items() if k not in parameters}

    def test_what_is_unreleased_is_no_drift(self):
        self.released()
        self.assertEqual(self.compare(), (0, "nothing differs\n", ""))

    def test_what_is_released_leaves_the_list(self):
        table = self.surface["messages"]["Table"]
        group_name = next(p for p in self.method("generate_database_credential")["params"] if p["name"] == "group_name")
        self.released()
        self.surface["messages"]["Table"] = table
        method = self.method("generate_database_credential")
        method["params"].insert(3, group_name)
        method["body"]["group_name"] = "group_name"
        status, out, _ = self.compare()
        self.assertEqual(status, 1)
        self.assertEqual(sorted(out.splitlines()[1::2]),
                         ["  - Table: it is released", "  - generate_database_credential(group_name): it is released"])

    def test_unreleased_methods_say_preview(self):
        text = (ROOT / "include" / "lakebase" / "postgres_client.hpp").read_text(encoding="utf-8")
        for name in self.surface["unreleased"]["methods"]:
            comment = re.search(r"((?:  ///[^\n]*\n)+)(?:  (?!///)[^\n]*\n)*?[^\n]*?\b" + name + r"\(", text)
            self.assertIn("/// Preview:", comment.group(1), name)

    def test_reads_all_of_the_headers(self):
        root = self.folder / "root"
        shutil.copytree(ROOT / "include", root / "include")
        header = root / "include" / "lakebase" / "postgres" / "branch.hpp"
        text = header.read_text(encoding="utf-8")
        text = text.replace('    field("ttl", &BranchSpec::ttl);\n', "")
        text = text.replace("std::optional<bool> no_expiry{};", "std::optional<std::int64_t> no_expiry{};")
        header.write_text(text.replace('"ARCHIVED", ', ""), encoding="utf-8")
        status, out, _ = self.compare("--code", "--root", root)
        self.assertEqual(status, 1)
        self.assertIn("  + ARCHIVED  (first)\n", out)
        self.assertIn("  + ttl: Duration  (after source_snapshot)\n  ~ no_expiry: int becomes bool\n", out)

    def test_counts_what_is_missing_from_empty_headers(self):
        root = self.folder / "root"
        (root / "include" / "lakebase" / "postgres").mkdir(parents=True)
        (root / "include" / "lakebase" / "postgres_client.hpp").write_text("", encoding="utf-8")
        (root / "include" / "lakebase" / "postgres" / "a.hpp").write_text("", encoding="utf-8")
        _, out, _ = self.compare("--code", "--root", root)
        counts = [sum(line.startswith(kind) for line in out.splitlines()) for kind in ("enum", "message", "method")]
        self.assertEqual(counts, [len(self.surface[kind]) for kind in ("enums", "messages", "methods")])

    def test_says_how_it_is_used(self):
        self.assertEqual(run()[0], 2)
        status, out, _ = run("--help")
        self.assertEqual(status, 0)
        self.assertIn("Exit status", out)

    def test_says_what_it_cannot_read(self):
        for path, content in ("a", None), ("b", "{"), ("c", "{}"), ("d", "[]"):
            file = self.folder / path
            if content is not None:
                file.write_text(content, encoding="utf-8")
            status, out, err = run(file)
            self.assertEqual((status, out), (2, ""))
            self.assertTrue(err.startswith(f"compare-surface: {file}: "), err)


if __name__ == "__main__":
    unittest.main()
