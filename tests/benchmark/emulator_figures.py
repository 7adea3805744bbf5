#!/usr/bin/env python3
"""How fast the emulator is, each figure beside its aim and, where there is one, beside PostgreSQL's own in the same run.

    emulator_figures.py EMULATOR [PROJECTS]    the program, built for release; projects of the large data folder: 100

Prints a table; asserts no time, as machines differ.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import servers  # noqa: E402 (its folder is named above)

BRANCHES = 10
SECONDS_OF_PGBENCH = 5
ROWS_OF_BULK = 3_000_000


def tell(what, value, unit, aim, beside=""):
    print(f"{what:44} {value:9.1f} {unit:6} aim {aim:12} {beside}", flush=True)


class Emulator:
    """The program, serving. `ready` is the time that it took to say so."""

    def __init__(self, program, *options):
        begin = time.monotonic()
        self.process = subprocess.Popen([program, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.environment = {}
        for line in self.process.stdout:
            if line.startswith("ready"):
                break
            if found := re.match(r"export (\w+)=(.*)", line):
                self.environment[found[1]] = found[2]
        else:
            raise SystemExit("the emulator does not start")
        self.ready = time.monotonic() - begin
        self.connection = http.client.HTTPConnection(self.environment["DATABRICKS_HOST"].split("//")[1], timeout=120)

    def send(self, method, path, body=None):
        self.connection.request(method, path, None if body is None else json.dumps(body),
                                {"Authorization": f"Bearer {self.environment['DATABRICKS_TOKEN']}"})
        response = self.connection.getresponse()
        answer = json.loads(response.read() or "{}")
        if response.status != 200:
            raise SystemExit(f"{method} {path}: {response.status} {answer}")
        return answer

    def call(self, method, path, body=None):
        return self.send(method, f"/api/2.0/{path}", body)

    def finish(self, method, path, body=None):
        begin = time.monotonic()
        operation = self.call(method, f"postgres/{path}", body)
        while not operation.get("done"):
            time.sleep(0.005)
            operation = self.call("GET", f"postgres/{operation['name']}")
        if "error" in operation:
            raise SystemExit(f"{method} {path}: {operation['error']}")
        return time.monotonic() - begin

    def processor_time(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_megabytes(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def variables(self, project):
        endpoint = f"projects/{project}/branches/production/endpoints/primary"
        return {
            "PGHOST": self.call("GET", f"postgres/{endpoint}")["status"]["hosts"]["host"],
            "PGPORT": self.environment["PGPORT"],
            "PGUSER": self.call("GET", "preview/scim/v2/Me")["userName"],
            "PGDATABASE": servers.DATABASE,
            "PGPASSWORD": self.call("POST", "postgres/credentials", {"endpoint": endpoint})["token"],
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": self.environment["PGSSLROOTCERT"],
        }

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)


@contextlib.contextmanager
def serving(program, *options):
    emulator = Emulator(program, *options)
    try:
        yield emulator
    finally:
        emulator.stop()


def initdb_alone(programs):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="initdb-"))
    account = "postgres" if os.geteuid() == 0 else None
    if account:
        shutil.chown(folder, account)
    begin = time.monotonic()
    subprocess.run([programs / "initdb", "-D", folder / "data", "-E", "UTF8", "--no-sync", "--auth=trust"], check=True,
                   user=account, cwd=folder, stdout=subprocess.DEVNULL)
    took = time.monotonic() - begin
    shutil.rmtree(folder)
    return took


def starts_and_projects(program, major):
    ready = []
    for _ in range(7):
        with serving(program) as emulator:
            ready.append(emulator.ready)
    tell("ready", statistics.median(ready) * 1e3, "ms", "20")
    initdb = statistics.median(initdb_alone(servers.programs(major)) for _ in range(3))
    spec = {"spec": {"pg_version": major}}
    with serving(program) as emulator:
        first = emulator.finish("POST", "projects?project_id=first", spec)
        tell("first project", first * 1e3, "ms", "initdb + 300", f"initdb {initdb * 1e3:.1f} ms")
        later = [emulator.finish("POST", f"projects?project_id=later{i}", spec) for i in range(5)]
        tell("later project, median of 5", statistics.median(later) * 1e3, "ms", "300")
        wake(emulator)


def wake(emulator):
    variables = emulator.variables("first")
    awake, asleep = [], []
    for _ in range(15):
        emulator.send("POST", "/emulator/suspend", {"endpoint": "projects/first/branches/production/endpoints/primary"})
        for times in (asleep, awake):
            begin = time.monotonic()
            if servers.psql(variables, "-c", "SELECT 1").returncode != 0:
                raise SystemExit("no connection")
            times.append(time.monotonic() - begin)
    wake_time = statistics.median(asleep) - statistics.median(awake)
    tell("wake, median of 15", wake_time * 1e3, "ms", "100", f"psql awake {statistics.median(awake) * 1e3:.1f} ms")


def pgbench(variables, *arguments):
    command = ["pgbench", "-n", *arguments]
    done = subprocess.run(command, env=dict(os.environ, **variables), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"pgbench: {done.stderr}")
    return done.stdout


def transactions_per_second(variables, clients):
    printed = pgbench(variables, "-S", "-M", "prepared", "-c", str(clients), "-T", str(SECONDS_OF_PGBENCH))
    return float(re.search(r"tps = ([\d.]+)", printed)[1])


def seconds_of_bulk(variables):
    begin = time.monotonic()
    done = servers.psql(variables, "-o", os.devnull, "-c", f"COPY (SELECT generate_series(1, {ROWS_OF_BULK})) TO STDOUT")
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return time.monotonic() - begin


def relay(program, major):
    bare = servers.BarePostgres()
    try:
        direct = bare.start(major)
        with serving(program) as emulator:
            emulator.finish("POST", "projects?project_id=relay", {"spec": {"pg_version": major}})
            relayed = emulator.variables("relay")
            for variables in (direct, relayed):
                pgbench(variables, "-i", "-q", "-s", "2")
            for clients, aim in ((1, 80), (4, 75)):
                ratios, shown = [], ""
                for _ in range(3):
                    there, here = (transactions_per_second(variables, clients) for variables in (direct, relayed))
                    ratios.append(here / there * 100)
                    shown = f"{here:.0f} of {there:.0f} transactions/s"
                tell(f"relay, {clients} client(s), median of 3", statistics.median(ratios), "%", f">= {aim}", shown)
            bulk = [seconds_of_bulk(direct) / seconds_of_bulk(relayed) * 100 for _ in range(5)]
            tell("relay, bulk, median of 5", statistics.median(bulk), "%", ">= 100")
    finally:
        bare.stop()


def calls(program):
    with serving(program) as emulator:
        for i in range(BRANCHES):
            emulator.finish("POST", f"projects?project_id=p{i}", {})
        for what, path, aim in (("get of a project", "postgres/projects/p1", "8000"),
                                ("list of 10 projects", "postgres/projects", "3000")):
            count = 5000
            before = emulator.processor_time()
            for _ in range(count):
                emulator.call("GET", path)
            spent = emulator.processor_time() - before
            tell(f"{what}, by processor time", count / spent, "/s", f">= {aim}")


def many(program, projects):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="emulator-figures-"))
    folder.chmod(0o755)  # for the account of PostgreSQL
    try:
        with serving(program, "--data-dir", folder / "data") as emulator:
            for i in range(projects):
                emulator.finish("POST", f"projects?project_id=many{i}", {})
                for j in range(BRANCHES - 1):
                    emulator.finish("POST", f"projects/many{i}/branches?branch_id=b{j}",
                                    {"spec": {"source_branch": f"projects/many{i}/branches/production", "no_expiry": True}})
        with serving(program, "--data-dir", folder / "data") as emulator:
            time.sleep(2)  # what it does in the background after its start counts as well
            tell(f"{projects} x {BRANCHES} branches: start", emulator.ready, "s", "2")
            tell(f"{projects} x {BRANCHES} branches: memory", emulator.resident_megabytes(), "MB", "150")
            used = subprocess.run(["du", "-sm", folder], check=True, capture_output=True, text=True).stdout.split()[0]
            tell(f"{projects} x {BRANCHES} branches: disk", float(used), "MB", "2000", "shared blocks count once, as du does")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    projects = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    major = os.environ.get("LAKEBASE_TEST_POSTGRES_MAJOR", "15")
    starts_and_projects(program, major)
    relay(program, major)
    calls(program)
    many(program, projects)


main()
