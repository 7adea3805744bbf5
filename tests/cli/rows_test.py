#!/usr/bin/env python3
"""`lakebase rows` at an emulator.

  rows_test.py PATH/TO/lakebase PATH/TO/lakebase-emulator
"""

import json

from emulated import EmulatorTest
from program import main


ANN = "11111111-1111-1111-1111-111111111111"


class Rows(EmulatorTest):
    OPTIONS = ("--service-principal", f"{ANN}:planted-secret")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.is_prepared = False

    def setUp(self):
        super().setUp()
        self.project = "projects/shop"
        if not type(self).is_prepared:
            self.json_of("postgres", "create-project", "shop")
            self.json_of("postgres", "create-data-api", self.database(), "--json", '{"spec": {"db_max_rows": 3}}')
            self.sql(self.project, "CREATE EXTENSION IF NOT EXISTS databricks_auth; "
                     f"SELECT databricks_create_role('{ANN}', 'SERVICE_PRINCIPAL'); GRANT \"{ANN}\" TO authenticator")
            type(self).is_prepared = True
        self.sql(self.project, "DROP TABLE IF EXISTS films; CREATE TABLE films (id int PRIMARY KEY, title text UNIQUE, "
                 f"price numeric, \"order\" int); GRANT ALL ON films TO \"{ANN}\"; NOTIFY pgrst, 'reload schema'")
        self.insert([{"id": n, "title": f"film {n}", "price": None, "order": 10 - n} for n in range(1, 8)])

    def run_program(self, *arguments, **options):
        """Rows are for others than the owner of the project."""
        if arguments[0] == "rows":
            options.update(DATABRICKS_TOKEN="", DATABRICKS_CLIENT_ID=ANN, DATABRICKS_CLIENT_SECRET="planted-secret")
        return super().run_program(*arguments, **options)

    def refuse(self, says, *arguments):
        done = self.run_program("rows", *arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn(says, done.stderr)

    def database(self):
        return f"{self.project}/branches/production/databases/databricks-postgres"

    def insert(self, rows, *flags):
        return self.succeed("rows", "insert", self.project, "films", "--json", json.dumps(rows), *flags)

    def lines(self, *arguments):
        return [json.loads(line) for line in self.succeed("rows", *arguments).splitlines()]

    def ids(self, *arguments, target=None):
        return [row["id"] for row in self.lines("get", target or self.project, "films", *arguments)]

    def test_get(self):
        self.assertEqual(self.ids("id=gt.2", "title=neq.film 4", "--order", "id.desc", "--limit", "2"), [7, 6])
        self.assertEqual(self.ids("or=(id.eq.1,id.eq.5)", "--order", "id"), [1, 5])
        self.assertEqual(self.ids('"order"=eq.3'), [7])
        self.assertEqual(self.lines("get", self.project, "films", "id=eq.2", "--select", "title,number:id"),
                         [{"title": "film 2", "number": 2}])
        for target in (f"{self.project}/branches/production", self.database()):
            self.assertEqual(self.ids("id=eq.3", target=target), [3])
        self.assertEqual(json.loads(self.succeed("rows", "get", self.project, "films", "id=lt.3", "--order", "id",
                                                 "--select", "id", "-o", "json")), [{"id": 1}, {"id": 2}])
        self.assertEqual(self.succeed("rows", "get", self.project, "films", "id=gt.9", "-o", "json"), "[]\n")
        self.assertEqual(self.succeed("rows", "get", self.project, "films", "id=lt.3", "--count"), "2\n")
        self.assertEqual(self.succeed("rows", "get", self.project, "films", "id=lt.3", "--select", "id,title", "--order",
                                      "id", "--csv"), 'id,title\n1,"film 1"\n2,"film 2"\n')

    def test_digits_stay(self):
        self.insert({"id": 8, "price": 12345678901234567890.5})
        self.sql(self.project, "UPDATE films SET price = 12345678901234567890.123456789 WHERE id = 8")
        self.assertEqual(self.succeed("rows", "get", self.project, "films", "id=eq.8", "--select", "price"),
                         '{"price":12345678901234567890.123456789}\n')

    def test_all_is_not_cut_off(self):
        self.assertEqual(self.ids("--order", "id"), [1, 2, 3])
        self.assertEqual(self.ids("--all", "--key", "id"), [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(self.ids("--all", "--order", "id.desc"), [7, 6, 5, 4, 3, 2, 1])
        self.refuse("--all needs --key COLUMN", "get", self.project, "films", "--all")
        self.refuse("takes no --limit", "get", self.project, "films", "--all", "--key", "id", "--limit", "2")
        self.refuse("--key goes with --all", "get", self.project, "films", "--key", "id")
        self.refuse("--all prints no --csv", "get", self.project, "films", "--all", "--key", "id", "--csv")
        self.refuse("accepts at least 2 arg(s), received 1", "get", self.project)

    def test_insert_and_upsert(self):
        self.assertEqual(self.insert({"id": 20, "title": "new"}), "")
        self.assertEqual(json.loads(self.insert({"id": 21}, "--returning"))["title"], None)
        self.insert([{"id": 20, "title": "newer"}], "--upsert")
        self.insert([{"id": 20, "title": "newest"}], "--ignore-duplicates")
        self.insert([{"id": 22, "title": "newer", "price": 5}], "--ignore-duplicates", "--on-conflict", "title")
        self.assertEqual(self.lines("get", self.project, "films", "id=gte.20", "--select", "id,title", "--order", "id"),
                         [{"id": 20, "title": "newer"}, {"id": 21, "title": None}])
        self.refuse("what to do: The key is there already", "insert", self.project, "films", "--json", '[{"id": 30}, {"id": 1}]')
        self.assertEqual(self.ids("id=eq.30"), [])

    def test_standard_input_and_files(self):
        done = self.run_program("rows", "insert", self.project, "films", "--json", "-", text='{"id": 40}')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        (self.home / "rows.json").write_text('[{"id": 41}]')
        self.succeed("rows", "insert", self.project, "films", "--json", f"@{self.home}/rows.json")
        self.assertEqual(self.ids("id=gte.40", "--order", "id"), [40, 41])

    def test_update_and_delete(self):
        self.succeed("rows", "update", self.project, "films", "id=eq.1", "--json", '{"title": "first"}')
        self.assertEqual(self.lines("update", self.project, "films", "id=lt.3", "title=eq.film 2", "--json",
                                    '{"price": 2}', "--returning"), [{"id": 2, "title": "film 2", "price": 2, "order": 8}])
        self.assertEqual(self.lines("get", self.project, "films", "id=eq.1", "--select", "title"), [{"title": "first"}])
        self.succeed("rows", "delete", self.project, "films", "id=gt.1")
        self.assertEqual(self.ids(), [1])
        for command in (["update", "--json", "{}"], ["delete"]):
            self.refuse("no condition says which rows are meant: write e.g. id=eq.1, or --all-rows COLUMN",
                        command[0], self.project, "films", *command[1:])
        self.succeed("rows", "delete", self.project, "films", "--all-rows", "id")
        self.assertEqual(self.ids(), [])

    def test_other_schemas(self):
        self.sql(self.project, "CREATE SCHEMA IF NOT EXISTS hidden; CREATE TABLE IF NOT EXISTS hidden.t (id int)")
        self.refuse("Add the schema to the Data API", "get", self.project, "t", "--schema", "hidden")

    def test_bad_input(self):
        for arguments, says in (
                (["get", self.project, "films", "id"], '"id" is no condition: write COLUMN=OPERATOR.VALUE'),
                (["delete", self.project, "films", "limit=1"], "limit is a parameter of the query"),
                (["get", self.project, "films", "--limit", "x"], '--limit: "x" is no number'),
                (["get", self.project, "filmz"], "Could not find the table 'public.filmz' in the schema cache\n  what to do: Perhaps "
                 "you meant the table 'public.films'. Check the name"),
                (["get", self.project, "filmz", "--count"], "Could not find the table 'public.filmz'"),
                (["get", self.project, "films", "--offset", "99", "--count"], "An offset of 99 was requested, but there are only 7 rows"),
                (["insert", self.project, "films", "--json", '[{"id": 50}, 3]'], "what to do: Send an object, or an array of objects"),
                (["get", self.project, "films", "titel=eq.1"], "column films.titel does not exist\n  what to do: Perhaps you meant to "
                 'reference the column "films.title". '),
                (["get", self.project, "films", "id=equals.1"], "failed to parse filter (equals.1)"),
                (["get", "my-instance", "films"], "instances have no Data API"),
                (["get", "projects/shop/branches/nope", "films"], "not found"),
                (["insert", self.project, "films"], "--json is missing"),
                (["insert", self.project, "films", "--json", "5"], "expected an object, or an array of them"),
                (["update", self.project, "films", "id=eq.1", "--json", "[]"], "expected an object with the new values"),
                (["insert", self.project, "films", "--json", "{"], "line 1"),
                (["insert", self.project, "films", "--json", "{}", "--upsert", "--ignore-duplicates"], "contradict"),
                (["insert", self.project, "films", "--json", "{}", "--on-conflict", "id"], "goes with --upsert"),
                (["delete", self.project, "films", "id=eq.1", "--all-rows", "id"], "contradict"),
                (["get", self.project], "received 1")):
            with self.subTest(arguments=arguments):
                self.refuse(says, *arguments)
        self.assertEqual(self.ids("--all", "--key", "id"), [1, 2, 3, 4, 5, 6, 7])


if __name__ == "__main__":
    main()
