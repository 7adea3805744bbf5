"""Many clients at a Data API while its compute is suspended and crashes, and its schema changes.

python3 tests/emulator/data_api/load.py PROGRAM [--seconds N] [--clients N] [--sessions N] [--any-memory]

Each client has rows of its own, reads and writes them under one of two identities, and knows what must be there: a row of
somebody else, one that is missing or one that was refused and is there all the same is wrong. A failure must be one that
docs/emulator-data-api.md tells of. The emulator's memory, its open files and its sessions with the database must stay where
they are.
"""

import argparse
import collections
import http.client
import json
import os
import sys
import tempfile
import threading
import time
import urllib.parse

from run import ENDPOINT, Emulator, PRINCIPALS, prepare, send

SETUP = """
CREATE TABLE load (id int PRIMARY KEY, client int, owner text DEFAULT current_user, value int);
ALTER TABLE load ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON load USING (owner = current_user) WITH CHECK (owner = current_user);
GRANT ALL ON load TO readers;
NOTIFY pgrst, 'reload schema';
"""
ROWS_OF_A_CLIENT = 1000


def is_documented(status, text):
    """Whether a request may fail so while its server goes away or comes back."""
    try:
        code = json.loads(text)["code"]
    except (ValueError, KeyError, TypeError):
        return False
    return (status == 503 and (code[:2] in ("08", "53") or code in ("PGRST000", "PGRST001", "PGRST002"))
            or status == 504 and code == "PGRST003" or status == 500 and code[:2] == "57")


class Client(threading.Thread):
    def __init__(self, number, url, tokens, deadline):
        super().__init__()
        self.number, self.deadline = number, deadline
        self.who = ("one", "two")[number % 2]
        parts = urllib.parse.urlsplit(url)
        self.address, self.path = parts.netloc, f"{parts.path}/public"
        self.token = tokens[self.who]
        self.connection = None
        self.rows = {}  # By id: the values that it may have; None: it may be missing.
        self.statuses = collections.Counter()
        self.wrong = []

    def ask(self, method, path, body=None, refusal=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            self.connection.request(method, self.path + path, None if body is None else json.dumps(body), headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            self.wrong.append(f"{method} {path}: {error!r}")
            return None, ""
        self.statuses[answer.status] += 1
        if answer.status >= 300 and answer.status != refusal and not is_documented(answer.status, text):
            self.wrong.append(f"{method} {path}: {answer.status} {text}")
        return answer.status, text

    def run(self):
        turn = 0
        while time.monotonic() < self.deadline and len(self.wrong) < 5:
            turn += 1
            id_ = self.number * ROWS_OF_A_CLIENT + turn % 20
            before = self.rows.get(id_, {None})
            kind = turn % 7
            if before == {None} or kind == 0:
                refusal = None if before == {None} else 409
                status, text = self.ask("POST", "/load", {"id": id_, "client": self.number, "value": turn}, refusal)
                if status == 201 and None not in before:
                    self.wrong.append(f"row {id_} is inserted twice")
                if status == 409:
                    self.rows[id_] = before - {None}
                else:
                    self.note(id_, before, status, {turn})
            elif kind in (1, 2):
                status, _ = self.ask("PATCH", f"/load?id=eq.{id_}", {"value": turn})
                self.note(id_, before, status, {turn} | (before & {None}))
            elif kind == 3:
                status, _ = self.ask("DELETE", f"/load?id=eq.{id_}")
                self.note(id_, before, status, {None})
            elif kind == 4:
                status, text = self.ask("GET", "/rpc/who")
                if status == 200 and json.loads(text) != PRINCIPALS[self.who]:
                    self.wrong.append(f"{self.who} is {text}")
            else:
                self.check(id_)

    def note(self, id_, before, status, after):
        # What failed may have been done before the server went away.
        self.rows[id_] = after if status is not None and status < 300 else before | after

    def check(self, id_):
        status, text = self.ask("GET", f"/load?id=gte.{id_}&order=id&limit=1&select=id,client,owner,value")
        if status != 200:
            return
        rows = json.loads(text)
        value = rows[0]["value"] if rows and rows[0]["id"] == id_ else None
        if value not in self.rows[id_] or any(row["owner"] != PRINCIPALS[self.who] for row in rows):
            self.wrong.append(f"row {id_}: {text}, wanted one of {self.rows[id_]} for {self.who}")


def figures(process):
    """Kilobytes in memory, and open files."""
    for line in open(f"/proc/{process}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]), len(os.listdir(f"/proc/{process}/fd"))
    raise SystemExit("the emulator has ended")


def disturb(emulator, deadline, pause):
    """One thing after the other happens to the database; between them, its sessions, and the emulator's memory and files."""
    seen, number = [], 0
    while time.monotonic() + pause < deadline:
        time.sleep(pause)
        number += 1
        kind = ("suspend", "schema", "crash")[number % 3]
        if kind == "schema":
            emulator.sql(f"ALTER TABLE load ADD COLUMN c{number} int; CREATE TABLE t{number} (id int); NOTIFY pgrst, 'reload schema'")
        else:
            send(f"{emulator.host}/emulator/{kind}", "POST", {"Authorization": f"Bearer {emulator.token}"}, {"endpoint": ENDPOINT})
        sessions = int(emulator.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'authenticator'"))
        seen.append((sessions, *figures(emulator.process.pid)))
    return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--any-memory", action="store_true", help="as of a build whose memory grows by itself")
    options = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(options.program, folder, options.sessions)
        try:
            url, tokens = prepare(emulator)
            emulator.sql(SETUP)
            deadline = time.monotonic() + options.seconds
            clients = [Client(number, url, tokens, deadline) for number in range(options.clients)]
            for client in clients:
                client.start()
            sessions, memory, files = zip(*disturb(emulator, deadline, options.seconds / 12))
            for client in clients:
                client.join()
            for client in clients:
                client.deadline = time.monotonic() + 60
                for id_ in client.rows:
                    client.check(id_)
                wrong.extend(f"client {client.number}: {each}" for each in client.wrong)
            kept = {int(id_): int(value) for id_, value in
                    (line.split("|") for line in emulator.value("SELECT id, value FROM load").splitlines())}
            known = {id_: values for client in clients for id_, values in client.rows.items()}
            wrong.extend(f"row {id_} is {kept.get(id_)}, wanted one of {values}" for id_, values in known.items()
                         if kept.get(id_) not in values)
            wrong.extend(f"row {id_} was never sent" for id_ in kept if id_ not in known)
            if max(sessions) > options.sessions:
                wrong.append(f"{max(sessions)} sessions, of which there may be {options.sessions}")
            settled = len(memory) // 3
            if not options.any_memory and memory[-1] > 1.2 * memory[settled] + 8192:
                wrong.append(f"the memory grows: {memory}")
            if files[-1] > files[settled] + 2 * options.clients + 50:
                wrong.append(f"the open files grow: {files}")
            statuses = sum((client.statuses for client in clients), collections.Counter())
            print(f"{options.clients} clients, {options.seconds:.0f} s, responses {dict(sorted(statuses.items()))}")
            print(f"memory {memory[0]} to {memory[-1]} kB, open files {files[0]} to {files[-1]}, at most {max(sessions)} sessions")
            if min(statuses[200], statuses[201], statuses[204]) < options.clients:
                wrong.append("hardly anything was done")
        finally:
            emulator.stop()
    for each in wrong[:50]:
        print(each)
    print(f"{len(wrong)} complaints")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
