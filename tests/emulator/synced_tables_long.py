#!/usr/bin/env python3
"""Synced tables at length: a million rows beside COPY by hand, and a feed of 1,000 changes/s while the emulator is killed.

    synced_tables_long.py EMULATOR

Prints the figures; asserts that nothing is lost or doubled, and no time, as machines differ.
"""

import json
import os
import pathlib
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import datetime

ROWS = 1_000_000
KILLS = 8
BRANCH = "projects/p/branches/production"
COLUMNS = "id bigint{}, name text, price numeric(10,2), at timestamptz, qty int"


class Emulator:
    def __init__(self, program, folder, sources):
        command = [program, "--data-dir", str(folder / "data"), "--postgres-port", "0", "--log-level", "quiet"]
        for name, file in sources.items():
            command += ["--source", f"{name}={file}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.environment = {}
        for line in self.process.stdout:
            if line.startswith("ready"):
                break
            name, value = shlex.split(line)[1].split("=", 1)
            self.environment[name] = value

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait()

    def call(self, verb, path, body=None):
        request = urllib.request.Request(
            f"{self.environment['DATABRICKS_HOST']}/api/2.0/postgres/{path}", method=verb,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.environment['DATABRICKS_TOKEN']}"})
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def finish(self, verb, path, body):
        operation = self.call(verb, path, body)
        while not operation["done"]:
            time.sleep(0.05)
            operation = self.call("GET", operation["name"])

    def psql(self, *statements):
        endpoint = f"{BRANCH}/endpoints/primary"
        host = self.call("GET", endpoint)["status"]["hosts"]["host"]
        token = self.call("POST", "credentials", {"endpoint": endpoint})["token"]
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", host, "-U", "developer@example.com",
                   "-d", "databricks_postgres", *(part for each in statements for part in ("-c", each))]
        environment = dict(os.environ, PGPASSWORD=token, PGSSLMODE="verify-full", **self.environment)
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def sync(self, table, source, policy):
        self.finish("POST", f"synced_tables?synced_table_id=main.gold.{table}", {"spec": {
            "source_table_full_name": source, "primary_key_columns": ["id"], "branch": BRANCH,
            "postgres_database": "databricks_postgres", "scheduling_policy": policy}})

    def wait_until_online(self, table):
        while True:
            status = self.call("GET", f"synced_tables/main.gold.{table}")["status"]
            if "ONLINE" in status["detailed_state"]:
                return status
            assert "FAILED" not in status["detailed_state"], status
            time.sleep(0.05)


def seconds_of(status):
    begin, end = (datetime.fromisoformat(status["last_sync"][f"sync_{which}_time"].replace("Z", "+00:00"))
                  for which in ("start", "end"))
    return (end - begin).total_seconds()


def write_orders(folder):
    chance = random.Random(1)
    typed, plain = folder / "orders.csv", folder / "plain.csv"
    with typed.open("w") as one, plain.open("w") as other:
        one.write("id:bigint,name:string,price:decimal(10,2),at:timestamp,qty:int\n")
        other.write("id,name,price,at,qty\n")
        for i in range(ROWS):
            line = (f"{i},customer number {chance.randrange(100000)},{chance.randrange(1, 999999) / 100:.2f},"
                    f"2026-01-{1 + i % 28:02} 12:{i % 60:02}:00Z,{i % 50}\n")
            one.write(line)
            other.write(line)
    return typed, plain


def snapshots(emulator, plain):
    emulator.psql("CREATE SCHEMA IF NOT EXISTS gold")
    for i in range(3):
        emulator.psql(f"CREATE TABLE gold.hand{i} ({COLUMNS.format(' PRIMARY KEY')})")
        begin = time.monotonic()
        emulator.psql(f"\\copy gold.hand{i} FROM '{plain}' CSV HEADER")
        by_hand = time.monotonic() - begin
        emulator.sync(f"orders{i}", "main.raw.orders", "SNAPSHOT")
        by_sync = seconds_of(emulator.wait_until_online(f"orders{i}"))
        assert emulator.psql(f"SELECT count(*), sum(id) FROM gold.orders{i}") == f"{ROWS}|{ROWS * (ROWS - 1) // 2}"
        print(f"{ROWS} rows: COPY by hand {by_hand:.2f} s, snapshot {by_sync:.2f} s: {by_hand / by_sync:.0%}", flush=True)


class Feed:
    """Writes 1,000 changes/s, and knows what the table must be."""

    def __init__(self, file):
        self.file, self.rows, self.count, self.stopped = file, {}, 0, False
        self.chance = random.Random(7)
        file.write_text("")
        self.write(50)
        self.thread = threading.Thread(target=self.run)

    def write(self, changes):
        lines = []
        for _ in range(changes):
            self.count += 1
            key = self.chance.randrange(20_000)
            if key in self.rows and self.chance.random() < 0.3:
                del self.rows[key]
                lines.append({"_change_type": "delete", "id": key})
            else:
                kind = "update_postimage" if key in self.rows else "insert"
                self.rows[key] = self.count
                lines.append({"_change_type": kind, "id": key, "n": self.count})
        with self.file.open("a") as out:
            out.write("".join(json.dumps(line) + "\n" for line in lines))

    def run(self):
        due = time.monotonic()
        while not self.stopped:
            self.write(50)
            due += 0.05
            time.sleep(max(0, due - time.monotonic()))

    def stop(self):
        self.stopped = True
        self.thread.join()


def lag_of(emulator, feed):
    wanted, begin = feed.count, time.monotonic()
    # The last change of all may be a deletion.
    while int(emulator.psql("SELECT max(n) FROM gold.feed")) < wanted - 50:
        time.sleep(0.02)
    return time.monotonic() - begin


def check(program, folder):
    typed, plain = write_orders(folder)
    sources = {"main.raw.orders": typed, "main.raw.feed": folder / "feed.jsonl"}
    emulator = Emulator(program, folder, sources)
    emulator.finish("POST", "projects?project_id=p", {})
    snapshots(emulator, plain)
    feed = Feed(sources["main.raw.feed"])
    emulator.sync("feed", "main.raw.feed", "CONTINUOUS")
    emulator.sync("killed", "main.raw.orders", "SNAPSHOT")
    feed.thread.start()
    for _ in range(KILLS):
        time.sleep(feed.chance.uniform(0.3, 2))
        emulator.end(signal.SIGKILL)
        emulator = Emulator(program, folder, sources)
    emulator.wait_until_online("killed")
    assert emulator.psql("SELECT count(*), sum(id) FROM gold.killed") == f"{ROWS}|{ROWS * (ROWS - 1) // 2}"
    lags = sorted(lag_of(emulator, feed) for _ in range(10))
    feed.stop()
    wanted = f"{len(feed.rows)}|{sum(feed.rows)}|{sum(feed.rows.values())}"
    for _ in range(100):
        found = emulator.psql("SELECT count(*), sum(id), sum(n) FROM gold.feed")
        if found == wanted:
            break
        time.sleep(0.1)
    assert found == wanted, (found, wanted)
    print(f"{feed.count} changes at 1,000/s, killed {KILLS} times: lag {lags[0]:.2f} to {lags[-1]:.2f} s; none lost or doubled")
    emulator.end(signal.SIGTERM)


with tempfile.TemporaryDirectory() as name:
    os.chmod(name, 0o711)
    check(sys.argv[1], pathlib.Path(name))
