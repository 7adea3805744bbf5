#!/usr/bin/env python3
"""Runs psycopg's own tests at a bare PostgreSQL and at the emulator that DATABRICKS_HOST names, and compares.

    run.py PYTHON SOURCE FOLDER [PYTEST_ARGUMENT...]

PYTHON has psycopg and what its tests need, SOURCE its repository. The reports of pytest go to FOLDER. A test that passes at
the bare server alone must be in the file `differences`, and what is there must still differ,
unless its reason begins with "sometimes".
"""

import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from servers import USER, BarePostgres, EmulatorEndpoint, major_version  # noqa: E402


class BareWithTheRights(BarePostgres):
    """As the emulator's user may: no superuser, but allowed what databricks_superuser is. It takes plaintext besides."""

    def configure(self, data):
        super().configure(data)
        with open(data / "pg_hba.conf", "a") as conf:
            conf.write("host all all 127.0.0.1/32 password\n")

    def make_role(self):
        super().make_role()
        done = self.as_admin("-c", f'ALTER ROLE "{USER}" CREATEDB CREATEROLE BYPASSRLS',
                             "-c", f'GRANT pg_read_all_data, pg_write_all_data, pg_monitor TO "{USER}"')
        if done.returncode != 0:
            raise SystemExit(done.stderr)


def data_source(variables):
    keys = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGDATABASE": "dbname", "PGPASSWORD": "password",
            "PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert"}
    return " ".join(f"{key}='{variables[name]}'" for name, key in keys.items())


def outcomes(report):
    """Test to "passed", "failed" or "skipped"."""
    results = {}
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        tags = {child.tag for child in case}
        outcome = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
        results[f"{case.get('classname')}::{case.get('name')}"] = outcome
    return results


def run_pytest(name, variables, python, source, folder, arguments):
    report = folder / f"{name}.xml"
    report.unlink(missing_ok=True)
    # Of the PG variables the tests want none.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    # The threads of one file can crash psycopg itself: it sends on a connection that another thread closes.
    command = [python, "-B", "-m", "pytest", "-q", "--timeout=60", "--ignore=tests/test_free_threading.py",
               "-o", f"cache_dir={folder}/cache-{name.split('-')[0]}", f"--junitxml={report}",
               f"--test-dsn={data_source(variables)}", *arguments]
    with open(folder / f"{name}.log", "w") as log:
        subprocess.run(command, cwd=source, env=environment, stdout=log, stderr=subprocess.STDOUT)
    if not report.exists():
        raise SystemExit(f"pytest made no report; see {folder}/{name}.log")
    return outcomes(report)


def run(server, major, python, source, folder, arguments):
    """What fails is run once more, for some tests want a machine that is quiet."""
    name = type(server).__name__
    # A run that was killed would make the next one refuse to start.
    shutil.rmtree(folder / f"cache-{name}", ignore_errors=True)
    try:
        variables = server.start(major)
        major = major_version(variables)
        results = run_pytest(name, variables, python, source, folder, arguments)
        if "failed" in results.values():
            results |= run_pytest(f"{name}-again", variables, python, source, folder, ["--last-failed", *arguments])
    finally:
        server.stop()
    figures = collections.Counter(results.values())
    print(f"== {name}, PostgreSQL {major}: {figures['passed']} passed, {figures['failed']} failed, "
          f"{figures['skipped']} skipped", flush=True)
    return results, major


def listed():
    """The tests that may differ, as pairs of a pattern and a reason."""
    lines = (HERE / "differences").read_text().splitlines()
    pairs = [re.split(r"\s{2,}", line, maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(re.compile(pattern), reason) for pattern, reason in pairs]


def main():
    python, source, folder, *arguments = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    at_emulator, major = run(EmulatorEndpoint(), None, python, source, folder, arguments)
    at_bare, _ = run(BareWithTheRights(), major, python, source, folder, arguments)

    different = [test for test, outcome in at_bare.items() if outcome == "passed" != at_emulator.get(test)]
    allowed = listed()
    by_reason = collections.Counter()
    unlisted = []
    for test in different:
        reason = next((reason for pattern, reason in allowed if pattern.fullmatch(test)), None)
        by_reason[reason] += 1
        if reason is None:
            unlisted.append(f"{test}: {at_emulator.get(test, 'not run')}")
    print(f"{len(different)} pass at the bare server alone:")
    for reason, count in by_reason.items():
        print(f"{count:5} {reason or 'NOT LISTED'}")
    for pattern, reason in allowed:
        if not arguments and not reason.startswith("sometimes") and not any(pattern.fullmatch(test) for test in different):
            unlisted.append(f"{pattern.pattern}: listed, and passes")
    if unlisted:
        raise SystemExit("\n".join(unlisted))


main()
