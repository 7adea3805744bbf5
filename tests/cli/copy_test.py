#!/usr/bin/env python3
"""`lakebase copy` between an instance, projects and URLs of an emulator.

  copy_test.py PATH/TO/lakebase PATH/TO/lakebase-emulator
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from emulated import EmulatorTest
from program import LAKEBASE, main

ROWS = 100000
FILL = f"""CREATE TABLE items (id int PRIMARY KEY, word text, at timestamptz NOT NULL);
INSERT INTO items SELECT n, md5(n::text), to_timestamp(n) FROM generate_series(1, {ROWS}) n;
CREATE SEQUENCE numbers START 7; SELECT nextval('numbers');
CREATE VIEW few AS SELECT * FROM items WHERE id < 10"""
SUM = "SELECT count(*), sum(hashtextextended(items::text, 0)) FROM items"
UNCHANGED = "\nThe target is as it was before."

# A tool that writes down what it was started with, and then is the real one.
SPY = """#!/usr/bin/env python3
import json, os, sys
with open({runs!r}, "a") as runs:
    print(json.dumps([os.path.basename(sys.argv[0]), os.getpid(), sys.argv[1:], os.environ.get("PGPASSWORD")]), file=runs)
os.execv({real!r}, [{real!r}, *sys.argv[1:]])
"""
# A pg_dump of one's own.
DUMP = """#!/bin/sh
if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) {version}"; exit; fi
echo $$ >>"{folder}/pids"
{script}
"""
PART = r"printf 'CREATE TABLE part (n int);\nCOPY part (n) FROM stdin;\n1\n2\n'"


class Copies(EmulatorTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]

    def setUp(self):
        super().setUp()
        self.tools = self.home / "bin"
        self.tools.mkdir()
        self.environment["PATH"] = f"{self.tools}:{os.environ['PATH']}"

    def make_project(self, name, **spec):
        project = super().make_project(name, **spec)
        major = self.sql(project, "SHOW server_version_num")[:-4]
        if int(major) > int(self.version.split(".")[0]):
            self.skipTest(f"pg_dump is of PostgreSQL {self.version}, and the server of {major}")
        return project

    def make_source(self, name="old"):
        project = self.make_project(name)
        self.sql(project, FILL)
        return project

    def use_dump(self, script, version=None):
        tool = self.tools / "pg_dump"
        tool.write_text(DUMP.format(version=version or self.version, folder=self.home, script=script))
        tool.chmod(0o755)

    def spy(self):
        for name in ("pg_dump", "psql"):
            tool = self.tools / name
            tool.write_text(SPY.format(runs=str(self.home / "runs"), real=shutil.which(name)))
            tool.chmod(0o755)

    def runs(self):
        return [json.loads(line) for line in (self.home / "runs").read_text().splitlines()]

    def tables(self, target):
        return self.sql(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")

    def test_from_an_instance_to_a_project(self):
        self.succeed("database", "create-database-instance", "shop", "--capacity", "CU_1")
        self.addCleanup(self.run_program, "database", "delete-database-instance", "shop", "--purge")
        self.sql("shop", "CREATE EXTENSION IF NOT EXISTS databricks_auth")
        self.sql("shop", FILL)
        target = self.make_project("new")
        self.sql(target, "CREATE EXTENSION IF NOT EXISTS databricks_auth")
        self.spy()
        self.assertRegex(self.succeed("copy", "shop", target), r"^Copied \d+\.\d MB, [\d.]+ [kM]B/s in \d+ s\.\n$")
        started = self.runs()
        self.assertEqual(sorted(name for name, *_ in started), ["pg_dump", "pg_dump", "psql"])  # once for its version
        for _, _, arguments, password in started:
            self.assertFalse(password and password in " ".join(arguments))
        self.assertEqual(len({password for *_, password in started if password}), 2)
        self.assertEqual(self.sql(target, SUM), self.sql("shop", SUM))
        self.assertEqual(self.sql(target, "SELECT count(*) FROM few"), "9")
        self.assertEqual(self.sql(target, "SELECT nextval('numbers')"), "8")
        self.assertEqual(self.sql(target, "SELECT tableowner = current_user FROM pg_tables WHERE tablename = 'items'"), "t")

    def test_urls(self):
        source, target = self.make_source(), self.make_project("new")
        urls = [self.succeed("url", place).strip() for place in (source, target)]
        self.spy()
        printed = json.loads(self.succeed("-o", "json", "copy", *urls, "--", "--exclude-table=few"))
        self.assertEqual(sorted(printed), ["bytes", "seconds"])
        self.assertGreater(printed["bytes"], 1000000)
        for _, _, arguments, password in self.runs():
            self.assertFalse(password and password in " ".join(arguments))
        self.assertEqual(self.sql(target, SUM), self.sql(source, SUM))
        self.assertEqual(self.sql(target, "SELECT to_regclass('few') IS NULL"), "t")

    def test_a_password_in_the_query_of_a_url(self):
        source, target = self.make_source(), self.make_project("new")
        url = self.succeed("url", source).strip()
        password = re.search(r":([^:@]*)@", url)[1]
        other = url.replace(f":{password}@", "@") + f"&password={password}&connect_timeout=9"
        self.spy()
        self.succeed("copy", other, target, "--", "--schema-only")
        dump = [arguments for name, _, arguments, _ in self.runs() if name == "pg_dump" and "--version" not in arguments]
        self.assertRegex(dump[0][-2], r"^--dbname=postgresql://.*&connect_timeout=9$")
        self.assertNotIn("password", dump[0][-2])

    def test_other_databases(self):
        source, target = self.make_source(), self.make_project("new")
        self.sql(target, "CREATE DATABASE other")
        self.succeed("copy", source, target, "--target-database", "other")
        self.assertEqual(self.sql(target, SUM, database="other"), self.sql(source, SUM))
        self.assertEqual(self.tables(target), "0")
        self.succeed("copy", target, target, "--source-database", "other")
        self.assertEqual(self.sql(target, SUM), self.sql(source, SUM))

    def test_what_the_target_refuses(self):
        source, target = self.make_source(), self.make_project("new")
        self.sql(target, "CREATE VIEW few AS SELECT 1")
        error = self.run_program("copy", source, target)
        self.assertEqual((error.returncode, error.stdout), (1, ""))
        self.assertRegex(error.stderr, rf'^Error: writing to {target}: psql:<stdin>:\d+: ERROR:  relation "few" already exists'
                                       rf"{UNCHANGED}\n$")
        self.assertEqual(self.tables(target), "0")

    def test_a_dump_that_breaks_off(self):
        source, target = self.make_project("old"), self.make_project("new")
        self.use_dump(PART + "; echo 'pg_dump: error: it was lost' >&2; exit 1")
        self.fail_with(f"reading {source}: pg_dump: error: it was lost{UNCHANGED}", "copy", source, target)
        self.use_dump(PART + "; kill -9 $$")
        self.fail_with(f"reading {source}: pg_dump ended with status 137{UNCHANGED}", "copy", source, target)
        self.assertEqual(self.tables(target), "0")

    def test_the_first_cause_is_told(self):
        """The target refuses at once, and the dump fails because nobody reads it."""
        source, target = self.make_project("old"), self.make_project("new")
        self.use_dump("echo 'SELECT 1/0;'; while echo 'SELECT 1;'; do :; done; echo 'no more' >&2; exit 1")
        self.fail_with(f"writing to {target}: psql:<stdin>:2: ERROR:  division by zero{UNCHANGED}", "copy", source, target)

    def test_a_target_that_refuses_while_the_dump_waits(self):
        source, target = self.make_project("old"), self.make_project("new")
        self.use_dump("echo 'SELECT 1/0;'; exec sleep 600")
        self.fail_with(f"writing to {target}: psql:<stdin>:2: ERROR:  division by zero{UNCHANGED}", "copy", source, target)

    def test_a_pg_dump_that_is_too_old(self):
        source, target = self.make_project("old"), self.make_project("new")
        server = self.sql(source, "SHOW server_version_num")[:-4]
        self.use_dump("exit 1", version="9.6.24")
        self.fail_with(f"pg_dump (PostgreSQL) 9.6.24 cannot read {source}, a server of PostgreSQL {server}: install the programs "
                       f"of PostgreSQL {server} or newer (Debian and Ubuntu: postgresql-client-{server}), and put their folder "
                       "first on the PATH", "copy", source, target)

    def test_without_pg_dump(self):
        source, target = self.make_project("old"), self.make_project("new")
        self.fail_with("cannot run pg_dump: there is no such program on the PATH", "copy", source, target,
                       PATH=str(self.home))

    def test_a_server_that_is_not_there(self):
        error = self.run_program("copy", "postgresql://u:secret@127.0.0.1:1/db", self.make_project("new"))
        self.assertEqual(error.returncode, 1)
        self.assertRegex(error.stderr, r"^Error: connect to postgresql://u@127\.0\.0\.1:1/db: psql: error: connection to server .*"
                                       r"Connection refused\n\tIs the server running")
        self.assertNotIn("secret", error.stderr)

    def test_a_setting_that_older_servers_do_not_know(self):
        source, target = self.make_project("old"), self.make_project("new")
        if int(self.sql(target, "SHOW server_version_num")) >= 170000:
            self.skipTest("this server knows it")
        self.use_dump(r"printf '\nSET lock_timeout = 0;\nSET transaction_timeout = 0;\nCREATE TABLE made ();\n'", version="99.1")
        self.succeed("copy", source, target)
        self.assertEqual(self.tables(target), "1")

    @contextlib.contextmanager
    def half_way(self, source, target):
        """A copy whose dump does not go on."""
        self.spy()
        self.use_dump(PART + "; exec sleep 600")
        with subprocess.Popen([LAKEBASE, "copy", source, target], env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            self.wait_for(lambda: (self.home / "pids").exists() and (self.home / "runs").exists())
            self.wait_for(lambda: self.sql(target, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'") != "0")
            yield program
        pids = [int((self.home / "pids").read_text()), self.runs()[0][1]]
        self.wait_for(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids))
        self.wait_for(lambda: self.sql(target, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'") == "0")
        self.assertEqual(self.tables(target), "0")

    def wait_for(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def sql(self, target, statement, **options):
        """By the real psql, which the spy does not see."""
        path, self.environment["PATH"] = self.environment["PATH"], os.environ["PATH"]
        try:
            return super().sql(target, statement, **options)
        finally:
            self.environment["PATH"] = path

    def test_ctrl_c_ends_both(self):
        source, target = self.make_project("old"), self.make_project("new")
        with self.half_way(source, target) as program:
            start = time.monotonic()
            program.send_signal(signal.SIGINT)
            printed, said = program.communicate(timeout=30)
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual((program.returncode, printed, said), (130, "", f"Error: interrupted. {UNCHANGED.strip()}\n"))

    def test_ctrl_c_at_a_terminal(self):
        source, target = self.make_project("old"), self.make_project("new")
        self.use_dump(PART + "; exec sleep 600")
        status, said = self.interrupt("copy", source, target, after=b"copying")
        self.assertEqual((status, said), (130, f"Error: interrupted. {UNCHANGED.strip()}\n"))
        self.assertEqual(self.tables(target), "0")

    def test_nothing_stays_half_made_when_it_is_killed(self):
        source, target = self.make_project("old"), self.make_project("new")
        with self.half_way(source, target) as program:
            program.kill()
            program.communicate(timeout=30)
            os.kill(int((self.home / "pids").read_text()), signal.SIGTERM)  # which would only end with what it writes

    def test_a_terminal_shows_how_far_it_is(self):
        source, target = self.make_source(), self.make_project("new")
        real = shutil.which("pg_dump", path=os.environ["PATH"])
        self.use_dump(f'{real} "$@"; sleep 1')
        status, seen = self.at_terminal("copy", source, target, output=subprocess.DEVNULL)
        self.assertEqual(status, 0, seen)
        self.assertRegex(seen.decode(), r"copying public\.items: \d+\.\d MB, [\d.]+ [kM]B/s \(\d s\)")
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-80:])

    def test_what_is_refused(self):
        project = self.make_project("old")
        self.fail_with("accepts 2 arg(s), received 1", "copy", project)
        self.fail_with("SOURCE and TARGET are the same database", "copy", project, f"{project}/branches/production")
        for flag in ("-f", "-fx", "--file=x", "--format=c", "-Fc", "--create", "-j", "--dbname"):
            name = flag[:2] if flag[1] != "-" else flag.partition("=")[0]
            self.fail_with(f"{name} cannot be passed to pg_dump here: what it writes goes to the target, as statements, from "
                           "the source that is named", "copy", project, "postgresql://x/y", "--", flag)
        self.fail_with("--target-database: the URL names the database", "copy", project, "postgresql://x/y",
                       "--target-database", "z")


if __name__ == "__main__":
    main()
