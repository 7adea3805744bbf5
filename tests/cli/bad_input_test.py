#!/usr/bin/env python3
"""Command lines that are wrong: what is said of them, and that nothing is sent.

  bad_input_test.py PATH/TO/lakebase
"""

from program import ProgramTest, main


class BadInput(ProgramTest):
    def tearDown(self):
        self.assertEqual(self.workspace.requests, [])

    def test_unknown_commands_name_the_nearest(self):
        self.fail_with('unknown command "postgress" for "lakebase"; did you mean postgres?', "postgress")
        self.fail_with('unknown command "lst-projects" for "lakebase postgres"; did you mean list-projects?',
                       "postgres", "lst-projects")
        self.fail_with('unknown command "entirely-else" for "lakebase database"', "database", "entirely-else")

    def test_unknown_flags_name_the_nearest(self):
        self.fail_with("unknown flag: --lim; did you mean --limit?", "postgres", "list-projects", "--lim", "3")
        self.fail_with("unknown flag: --purg; did you mean --purge?", "postgres", "delete-project", "projects/p", "--purg")
        self.fail_with("unknown flag: --nothing-like-it", "postgres", "list-projects", "--nothing-like-it")
        self.fail_with("unknown flag: --jsno; did you mean --json?", "postgres", "create-project", "p", "--jsno={}")

    def test_positionals_are_counted(self):
        self.fail_with("accepts 1 arg(s), received 0", "postgres", "get-project")
        self.fail_with("accepts 2 arg(s), received 3", "postgres", "create-branch", "projects/p", "b", "c")
        self.fail_with("accepts 0 arg(s), received 1", "postgres", "list-projects", "x")
        self.fail_with("when --json flag is specified, no positional arguments are allowed. "
                       "Provide 'name' in your JSON input", "database", "create-database-instance", "x", "--json", "{}")
        self.fail_with("when --json flag is specified, provide only PARENT as positional arguments. "
                       "Provide 'catalog', 'schema', 'postgres_schema' in your JSON input",
                       "postgres", "create-cdf-config", "a", "b", "--json", "{}")
        self.fail_with("--json: endpoint is missing", "postgres", "generate-database-credential", "--json", "{}")

    def test_values_of_flags(self):
        self.fail_with('invalid argument "x" for "--page-size" flag: expected a whole number',
                       "postgres", "list-projects", "--page-size", "x")
        self.fail_with("--limit must be a non-negative integer, got -1", "postgres", "list-projects", "--limit", "-1")
        self.fail_with("--timeout: '5' is no duration; write one as 900s, 1h30m or 7d",
                       "postgres", "create-project", "p", "--timeout", "5")
        self.fail_with('invalid argument "perhaps" for "--no-wait" flag: expected true or false',
                       "postgres", "create-project", "p", "--no-wait=perhaps")
        self.fail_with('invalid argument "xml" for "-o, --output" flag: accepted arguments are json and text',
                       "postgres", "list-projects", "-o", "xml")
        self.fail_with('invalid argument "soon" for "--expire-time" flag: expected a time such as "2026-01-31T12:00:00Z"',
                       "postgres", "generate-database-credential", "e", "--expire-time", "soon")

    def test_json_that_is_none_says_line_and_column(self):
        error = self.run_program("postgres", "create-project", "p", "--json", '{\n  "spec": }\n}').stderr
        self.assertTrue(error.startswith("Error: --json is not JSON: line 2, column 11: "), error)
        file = self.home / "body.json"
        file.write_text("[1,\n2")
        error = self.run_program("postgres", "create-project", "p", "--json", f"@{file}").stderr
        self.assertTrue(error.startswith(f"Error: --json ({file}) is not JSON: line 2, column 2: "), error)
        error = self.run_program("postgres", "create-project", "p", "--json", "-", text="{").stderr
        self.assertTrue(error.startswith("Error: --json (standard input) is not JSON: line 1, column 2: "), error)

    def test_a_file_that_is_not_there(self):
        self.fail_with("--json: cannot read /no/such/file", "postgres", "create-project", "p", "--json", "@/no/such/file")

    def test_wrong_types_say_path_and_what_was_expected(self):
        def refused(message, body):
            self.fail_with(f"--json: {message}", "postgres", "create-project", "p", "--json", body)

        refused("the whole: expected an object, found a list", "[]")
        refused("spec: expected an object, found a number", '{"spec": 5}')
        refused("spec.display_name: expected a string, found an object", '{"spec": {"display_name": {}}}')
        refused('spec.pg_version: expected a whole number, found "new"', '{"spec": {"pg_version": "new"}}')
        refused('spec.history_retention_duration: expected a duration such as "900s", found "7 days"',
                '{"spec": {"history_retention_duration": "7 days"}}')
        refused("spec.custom_tags[1].key: expected a string, found a list",
                '{"spec": {"custom_tags": [{"key": "a"}, {"key": []}]}}')

    def test_names_that_lead_nowhere(self):
        project = "projects/p"
        for arguments in (["branch", "diff", "dev", project], ["branch", "diff", project], ["branch", "open", project],
                          ["branch", "create", "dev", "--from", project], ["branch", "create", project],
                          ["branch", "delete", project], ["branch", "reset", project]):
            self.fail_with(f"{project} does not name a branch: projects/…/branches/…", *arguments)
        for arguments in (["copy", "shop", "projects/"], ["copy", "projects/", "shop"], ["doctor", "projects/"],
                          ["psql", "projects/"], ["branch", "list", "projects/"], ["app-resource", "projects/"]):
            self.fail_with("invalid resource path: missing project ID", *arguments)
        self.fail_with("--target-database: the URL names the database", "copy", "shop", "postgresql://x/y",
                       "--target-database", "z")
        for command in ("url", "token", "env"):
            self.assertEqual(self.run_program(command, "projects/").returncode, 1)
        self.assertEqual(self.workspace.requests, [])

    def test_a_wrapped_role(self):
        done = self.run_program("postgres", "create-role", "projects/p/branches/b", "--json", '{"role": {}}')
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("Error: --json should NOT be wrapped in '{\"role\": ...}'.\n"), done.stderr)


if __name__ == "__main__":
    main()
