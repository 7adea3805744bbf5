#!/usr/bin/env python3
"""Fills the disk of an emulator before each of a series of changes, leaving more or less room, and looks after a restart
whether what was acknowledged is there and what was refused is not: to the API, and in PostgreSQL.

    full_disk.py PATH/TO/lakebase-emulator FOLDER-ON-A-SMALL-DISK [ROOM-IN-KB ...]
"""

import datetime
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

PORT = "55461"
ROOT = "projects/shop/branches/production"
DEV = "projects/shop/branches/dev"
STEPS = [
    ("POST", "projects?project_id=shop", {}),
    ("POST", ROOT + "/roles?role_id=app", {"spec": {"membership_roles": ["DATABRICKS_SUPERUSER"]}}),
    ("POST", ROOT + "/databases?database_id=orders", {"spec": {"role": ROOT + "/roles/app"}}),
    ("PATCH", ROOT + "/roles/app?update_mask=spec.attributes", {"spec": {"attributes": {"createdb": True}}}),
    ("PATCH", ROOT + "/databases/orders?update_mask=spec.postgres_database", {"spec": {"postgres_database": "sales"}}),
    ("PATCH", "projects/shop?update_mask=spec.display_name", {"spec": {"display_name": "Shop"}}),
    ("POST", "projects/shop/branches?branch_id=dev", {"spec": {"no_expiry": True}}),
    ("POST", "projects/shop/branches?branch_id=past", {"spec": {"no_expiry": True, "source_branch_time": "now"}}),
    ("POST", DEV + "/reset", {}),
    ("PATCH", DEV + "?update_mask=spec.is_protected", {"spec": {"is_protected": True}}),
    ("PATCH", DEV + "?update_mask=spec.is_protected", {"spec": {"is_protected": False}}),
    ("DELETE", ROOT + "/databases/orders", None),
    ("DELETE", ROOT + "/roles/app", None),
    ("DELETE", DEV + "?purge=true", None),
]


# What a branch of a moment needs is the copy that it is recovered from, of some 85 MB with its log, and then what
# PostgreSQL writes.
RECOVERED = "projects/shop/branches?branch_id=past"
ROOMS_OF_A_RECOVERY = [mb * 1024 * 1024 for mb in (76, 84, 88, 92, 96, 100, 108, 120)]


class Life:
    """One run of the emulator."""

    def __init__(self, program, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [program, "--data-dir", folder, "--postgres-port", PORT],
            stdout=subprocess.PIPE, stderr=open(folder + ".log", "ab"), text=True)
        self.env = {}
        for line in self.process.stdout:
            if line.startswith("ready"):
                break
            name, _, value = line.strip().removeprefix("export ").partition("=")
            self.env[name] = value.strip("'\"")
        else:
            raise SystemExit(f"the emulator does not start; see {folder}.log")

    def call(self, method, target, body=None):
        request = urllib.request.Request(
            self.env["DATABRICKS_HOST"] + "/api/2.0/postgres/" + target, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.env["DATABRICKS_TOKEN"]})
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            return {"http": error.code, **json.load(error)}

    def take(self, step, patience):
        """True: acknowledged; False: refused; None: it was not told."""
        method, target, body = step
        if body and "source_branch_time" in body.get("spec", {}):
            now = datetime.datetime.now(datetime.timezone.utc)
            body = {"spec": {**body["spec"], "source_branch_time": now.isoformat()}}
        operation = self.call(method, target, body)
        if "http" in operation:
            return False
        end = time.monotonic() + patience
        while not operation["done"]:
            if time.monotonic() > end:
                return None
            time.sleep(0.02)
            operation = self.call("GET", operation["name"])
        return "response" in operation

    def view(self):
        """What clients see, and for each branch what PostgreSQL should hold by it."""
        seen, held = {}, {}
        for project in self.call("GET", "projects").get("projects", []):
            seen[project["name"]] = project["status"]["display_name"]
            for branch in self.call("GET", project["name"] + "/branches").get("branches", []):
                name = branch["name"]
                seen[name] = branch["status"]["is_protected"]
                roles = self.call("GET", name + "/roles").get("roles", [])
                databases = self.call("GET", name + "/databases").get("databases", [])
                names = {role["name"]: role["status"]["postgres_role"] for role in roles}
                held[name] = (
                    sorted((r["status"]["postgres_role"], r["status"]["attributes"]["createdb"]) for r in roles),
                    sorted((d["status"]["postgres_database"], names[d["status"]["role"]]) for d in databases))
        return seen, held

    def postgres(self, branch):
        """What PostgreSQL holds, as its owner sees it."""
        endpoint = branch + "/endpoints/primary"
        host = self.call("GET", endpoint)["status"]["hosts"]["host"]
        token = self.call("POST", "credentials", {"endpoint": endpoint})["token"]

        def rows(query):
            done = subprocess.run(
                ["psql", "-XAtq", "-F", "\t", "-d",
                 f"host={host} port={PORT} user=developer@example.com dbname=postgres sslmode=verify-full", "-c", query],
                env={**os.environ, "PGPASSWORD": token, "PGSSLROOTCERT": self.env["PGSSLROOTCERT"]},
                check=True, capture_output=True, text=True)
            return sorted(tuple(line.split("\t")) for line in done.stdout.splitlines())

        own = "('cloud_admin', 'databricks_superuser', 'postgres')"
        roles = rows("SELECT rolname, rolcreatedb FROM pg_roles WHERE rolcanlogin AND rolname NOT LIKE 'pg\\_%' "
                     f"AND rolname NOT IN {own}")
        databases = rows("SELECT datname, pg_get_userbyid(datdba) FROM pg_database "
                         "WHERE NOT datistemplate AND datname <> 'postgres'")
        return [(name, createdb == "t") for name, createdb in roles], databases

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(60)


def fill(folder, room):
    filler = os.path.join(folder, "..", "filler")
    with open(filler, "wb") as file:
        while True:
            try:
                os.posix_fallocate(file.fileno(), 0, max(shutil.disk_usage(folder).free - room, 1))
                return filler
            except OSError as error:  # a server has taken some of it meanwhile
                if error.errno != errno.ENOSPC:
                    raise


def unfinished(folder):
    """What a change that was refused may not leave."""
    return [os.path.join(path, name) for path, names, _ in os.walk(folder) for name in names if name.startswith(".unfin")]


def run(program, disk, number, room, how):
    folder = os.path.join(disk, "data")
    shutil.rmtree(folder, ignore_errors=True)
    life = Life(program, folder)
    for step in STEPS[:number]:
        assert life.take(step, 120), step
    filler = fill(folder, room)
    acknowledged = life.take(STEPS[number], 5)
    left = unfinished(folder) if acknowledged is False else []
    assert not left, f"{STEPS[number]}, {room} bytes: it was refused and left {left}"
    life.end(how)
    os.remove(filler)

    life = Life(program, folder)
    seen, held = life.view()
    for branch, expected in held.items():
        found = life.postgres(branch)
        assert found == expected, f"{STEPS[number]}: PostgreSQL holds {found}, the API shows {expected}"
    life.end(signal.SIGTERM)
    return acknowledged, seen, held


def main():
    program, disk = sys.argv[1:3]
    rooms = [int(kb) * 1024 for kb in sys.argv[3:]] or [0, 8 * 1024, 64 * 1024, 2 * 1024 * 1024, 24 * 1024 * 1024]
    views = undisturbed(program, disk)
    counts = {True: 0, False: 0, None: 0}
    for number, step in enumerate(STEPS):
        for i, room in enumerate(rooms + (ROOMS_OF_A_RECOVERY if step[1] == RECOVERED and not sys.argv[3:] else [])):
            how = signal.SIGKILL if (number + i) % 2 else signal.SIGTERM
            acknowledged, seen, held = run(program, disk, number, room, how)
            counts[acknowledged] += 1
            allowed = {True: [number + 1], False: [number], None: [number, number + 1]}[acknowledged]
            assert (seen, held) in [views[n] for n in allowed], f"{step}, {room} bytes, {acknowledged}: {seen} {held}"
            print(f"{step[0]} {step[1]}: {room} bytes of room, acknowledged: {acknowledged}", flush=True)
    print(f"acknowledged {counts[True]}, refused {counts[False]}, not told {counts[None]}")


def undisturbed(program, disk):
    life = Life(program, os.path.join(disk, "data"))
    views = [life.view()]
    for step in STEPS:
        assert life.take(step, 120), step
        views.append(life.view())
    life.end(signal.SIGTERM)
    return views


if __name__ == "__main__":
    main()
