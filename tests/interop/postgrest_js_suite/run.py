#!/usr/bin/env python3
"""Runs the tests of @supabase/postgrest-js at the Data API of an emulator, and compares what fails with `differences`.

    run.py PROGRAM SOURCE FOLDER [JEST_ARGUMENT...]

PROGRAM is the emulator, SOURCE a copy of the client's package with what its tests need installed above it. The report of
jest goes to FOLDER. A test that fails must be in `differences`, below the reason, which names a section of the facts about
the Data API, and then must still fail; or begins with "defect", and says what only the emulator lacks.
"""

import collections
import http.client
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "emulator" / "data_api"))

import run as data_api  # noqa: E402

# The address that stands in the tests.
PORT = 54321
PREFIX = "/rest/v1/"
# The Data API has its own, and only a superuser may make these.
SETTINGS_OF_POSTGREST = re.compile(r"^alter role authenticator set pgrst\..*$", re.MULTILINE)
NOT_PASSED_ON = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "accept-profile",
                 "content-profile"}


class Proxy(http.server.BaseHTTPRequestHandler):
    """Takes the schema from the header of the profile into the path."""

    protocol_version = "HTTP/1.1"
    target = None

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_read = self.command in ("GET", "HEAD")
        schema = self.headers.get("Accept-Profile" if is_read else "Content-Profile", "public")
        base = urllib.parse.urlsplit(self.target)
        path = f"{base.path}/{urllib.parse.quote(schema, safe='')}/{self.path.removeprefix(PREFIX)}"
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=60)
        connection.request(self.command, path, body or None, headers)
        answer = connection.getresponse()
        text = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = pass_on

    def log_message(self, *_):
        pass


def create_postgis(place):
    """As the superuser of the server, for the emulator lets no client create it."""
    socket = next(pathlib.Path(place).glob("*/postgres/s/*/.s.PGSQL.*[0-9]")).parent
    subprocess.run(["psql", "-X", "-q", "-h", socket, "-U", "cloud_admin", "-d", "databricks_postgres",
                    "-v", "ON_ERROR_STOP=1", "-c", "CREATE EXTENSION postgis SCHEMA extensions"], check=True)


def prepare(emulator, source, place):
    emulator.finish(emulator.call("POST", "projects?project_id=rows", {}))
    spec = {"db_schemas": ["public", "personal"], "db_extra_search_path": ["public", "extensions"], "db_max_rows": 1000,
            "db_anon_role": "anon"}
    api = emulator.finish(emulator.call("POST", data_api.DATA_API, {"spec": spec}))
    emulator.sql((HERE / "setup.sql").read_text())
    create_postgis(place)
    for script in [*sorted((source / "test/supabase/migrations").glob("*.sql")), source / "test/supabase/seed.sql"]:
        emulator.sql(SETTINGS_OF_POSTGREST.sub("", script.read_text()))
    return api["status"]["url"]


def run_jest(source, folder, arguments):
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = ["npx", "--no-install", "jest", "--ci", "--runInBand", "--testPathIgnorePatterns=test/v12/", "--json",
               f"--outputFile={report}", *arguments]
    with open(folder / "jest.log", "w") as log:
        subprocess.run(command, cwd=source, stdout=log, stderr=subprocess.STDOUT)
    if not report.exists():
        raise SystemExit(f"jest made no report; see {folder}/jest.log")
    outcomes = {}
    for file in json.loads(report.read_text())["testResults"]:
        name = pathlib.Path(file["name"]).name
        if not file["assertionResults"]:
            outcomes[f"{name}: (as a whole)"] = "failed"
        for test in file["assertionResults"]:
            key = f"{name}: {test['fullName'].strip()}"
            while key in outcomes:  # two of one name
                key += "'"
            outcomes[key] = test["status"]
    return outcomes


def listed():
    """The tests that differ, and of each the reason."""
    reasons = {}
    reason = None
    for line in (HERE / "differences").read_text().splitlines():
        if line.startswith("# "):
            reason = line[2:]
        elif line:
            reasons[line] = reason
    return reasons


def main():
    program, source, folder, *arguments = sys.argv[1:]
    source, folder = pathlib.Path(source), pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o711)  # PostgreSQL has another account than root
        os.environ["TMPDIR"] = place
        emulator = data_api.Emulator(program, place)
        try:
            Proxy.target = prepare(emulator, source, place)
            with http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Proxy) as proxy:
                threading.Thread(target=proxy.serve_forever, daemon=True).start()
                outcomes = run_jest(source, folder, arguments)
                proxy.shutdown()
        finally:
            emulator.stop()

    reasons = listed()
    counts = collections.Counter(outcomes.values())
    print(f"{counts['passed']} passed, {counts['failed']} differ, {counts['pending'] + counts['todo']} skipped")
    failed = [name for name, outcome in outcomes.items() if outcome == "failed"]
    for reason, count in collections.Counter(reasons.get(name, "NOT LISTED") for name in failed).most_common():
        print(f"{count:5} {reason}")
    wrong = [f"{name}: fails, and is not listed" for name in failed if name not in reasons]
    for name, reason in reasons.items():
        if outcomes.get(name) == "passed" and reason.startswith("defect"):
            print(f"{name}: listed as a defect, and passes")
        elif outcomes.get(name) == "passed":
            wrong.append(f"{name}: listed, and passes")
        elif name not in outcomes and not arguments:
            wrong.append(f"{name}: listed, and was not run")
    if wrong:
        raise SystemExit("\n".join(wrong))


main()
