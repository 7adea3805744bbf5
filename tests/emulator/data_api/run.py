"""Sends the requests of cases.jsonl to the Data API of an emulator, and holds each answer against what is written there.

python3 tests/emulator/data_api/run.py PROGRAM [CASES]

A line of the file is one case: `request` (method and what follows the schema; a leading `//` stands for the whole path after
the database), `status`, and where they matter `as` (one, two, ungranted, owner, pat, nonsense or nobody; by default one),
`send` (headers), `body` (JSON, or text as it is), `headers` (null: it is not there; true: whatever it is) and `answer` (JSON;
of a message that is too long to be told, `code`; of bytes, `hex`). `sql` runs statements as the owner instead, and `script`
those of a file; `settings` changes those of the Data API; `control` is one of the emulator's; `schema` is that of what follows.

A line of specification.jsonl asserts what PostgREST does, and names in `spec` the part of its specification. Where the
service differs, `differs` names the section of the facts about the Data API that says so, and `ours` is what is asserted
instead. Where only the emulator does, `defect` names what it lacks; those are counted.
"""

import base64
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
BRANCH = "projects/rows/branches/production"
ENDPOINT = f"{BRANCH}/endpoints/primary"
DATA_API = f"{BRANCH}/databases/databricks-postgres/data-api"
SESSIONS = 3
PRINCIPALS = {"one": "1" * 8 + "-1111-1111-1111-" + "1" * 12, "two": "2" * 8 + "-2222-2222-2222-" + "2" * 12,
              "ungranted": "3" * 8 + "-3333-3333-3333-" + "3" * 12, "unknown": "4" * 8 + "-4444-4444-4444-" + "4" * 12}


def send(url, method="GET", headers=None, body=None):
    """Status, headers in lower case, and text."""
    data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    if data is not None and not any(name.lower() == "content-type" for name in headers or {}):
        request.add_header("Content-Type", "application/json")
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read().decode(errors="surrogateescape")


class Emulator:
    def __init__(self, program, folder, sessions=SESSIONS):
        options = [option for name in PRINCIPALS.values() for option in ("--service-principal", f"{name}:secret")]
        self.log = open(os.path.join(folder, "log"), "w")
        self.process = subprocess.Popen([program, "--postgres-port", "0", "--data-api-sessions", str(sessions), *options], stdout=subprocess.PIPE, stderr=self.log,
                                        text=True)
        self.variables = {}
        for line in self.process.stdout:
            if line.startswith("ready"):
                break
            name, _, value = line.removeprefix("export ").strip().partition("=")
            self.variables[name] = value.strip("'")
        self.host = self.variables["DATABRICKS_HOST"]
        self.token = self.variables["DATABRICKS_TOKEN"]

    def call(self, method, path, body=None, token=None):
        status, _, text = send(f"{self.host}/api/2.0/postgres/{path}", method, {"Authorization": f"Bearer {token or self.token}"},
                               body)
        if status != 200:
            raise SystemExit(f"{method} {path}: {status} {text}")
        return json.loads(text)

    def finish(self, operation):
        while not operation.get("done"):
            time.sleep(0.05)
            operation = self.call("GET", operation["name"])
        if "error" in operation:
            raise SystemExit(operation["error"])
        return operation["response"]

    def credential(self, token=None):
        return self.call("POST", "credentials", {"endpoint": ENDPOINT}, token)["token"]

    def oauth(self, principal):
        basic = base64.b64encode(f"{principal}:secret".encode()).decode()
        _, _, text = send(f"{self.host}/oidc/v1/token", "POST", {"Authorization": f"Basic {basic}",
                          "Content-Type": "application/x-www-form-urlencoded"}, "grant_type=client_credentials&scope=all-apis")
        return json.loads(text)["access_token"]

    def value(self, query):
        """What a query returns, as text."""
        return self.sql(query, "-At").strip()

    def sql(self, text, *options):
        host = self.call("GET", ENDPOINT)["status"]["hosts"]["host"]
        variables = {"PGHOST": host, "PGPORT": self.variables["PGPORT"], "PGUSER": "developer@example.com",
                     "PGDATABASE": "databricks_postgres", "PGPASSWORD": self.credential(), "PGSSLMODE": "verify-full",
                     "PGSSLROOTCERT": self.variables["PGSSLROOTCERT"]}
        done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, "-f", "-"], input=text, text=True,
                              env=dict(os.environ, **variables), capture_output=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return done.stdout

    def stop(self):
        self.process.terminate()
        if self.process.wait(60) != 0:
            raise SystemExit("the emulator did not end well")


def prepare(emulator):
    emulator.finish(emulator.call("POST", "projects?project_id=rows", {}))
    api = emulator.finish(emulator.call("POST", DATA_API, {"spec": {}}))
    emulator.sql((HERE / "setup.sql").read_text())
    tokens = {name: emulator.credential(emulator.oauth(id_)) for name, id_ in PRINCIPALS.items()}
    tokens |= {"oauth": emulator.oauth(PRINCIPALS["one"]), "owner": emulator.credential(), "pat": emulator.token,
               "nonsense": "eyJhbGciOiJIUzI1NiJ9.e30.x", "nobody": None}
    return api["status"]["url"], tokens


def complaints(case, status, headers, text):
    found = []
    if status != case["status"]:
        found.append(f"status {status}, wanted {case['status']}")
    for name, value in case.get("headers", {}).items():
        if (headers.get(name.lower()) if value is not True else name.lower() in headers) != value:
            found.append(f"{name}: {headers.get(name.lower())!r}, wanted {value!r}")
    is_json = "code" in case or "answer" in case and not case.get("raw")
    try:
        body = text if not is_json else json.loads(text) if text else None
    except ValueError:
        return [*found, "it is no JSON"]
    if "code" in case:
        if not isinstance(body, dict) or body.get("code") != case["code"] or set(body) != {"code", "message", "details", "hint"}:
            found.append(f"wanted code {case['code']!r}")
    if "hex" in case and text.encode(errors="surrogateescape").hex() != case["hex"]:
        found.append(f"wanted the bytes {case['hex']}")
    if "answer" in case:
        if body != case["answer"]:
            found.append(f"wanted {json.dumps(case['answer'], ensure_ascii=False)}")
    return found


def check(emulator, url, tokens, case, schema):
    if "script" in case:
        emulator.sql((HERE / case["script"]).read_text())
        return []
    if "sql" in case:
        emulator.sql(case["sql"])
        time.sleep(case.get("pause", 0))
        return []
    if "control" in case:
        send(f"{emulator.host}/emulator/{case['control']}", "POST", {"Authorization": f"Bearer {emulator.token}"},
             {"endpoint": ENDPOINT})
        return []
    if "settings" in case:
        mask = ",".join(f"spec.{name}" for name in case["settings"])
        emulator.finish(emulator.call("PATCH", f"{DATA_API}?update_mask={mask}", {"spec": case["settings"]}))
        return []
    method, _, path = case["request"].partition(" ")
    headers = dict(case.get("send", {}))
    if tokens[case.get("as", "one")]:
        headers["Authorization"] = f"Bearer {tokens[case.get('as', 'one')]}"
    whole = url + path[1:] if path.startswith("//") else f"{url}/{schema}{path}"
    status, seen, text = send(urllib.request.quote(whole, safe=":/?&=%.,()*!>{}[]\"'+-~@$<|;"), method, headers, case.get("body"))
    found = complaints(case, status, seen, text)
    if "differs" in case:
        differs = bool(found)
        found = complaints({"status": case["status"]} | case["ours"], status, seen, text)
        found += [] if differs else ["it does not differ"]
    return [f"{each}: {text[:500]}" for each in found]


def crowd(emulator, url, tokens):
    """Many clients at a time: each gets its own rows, by no more sessions than there may be."""
    def ask(number):
        who = ("one", "two")[number % 2]
        path, wanted = (("rpc/who", PRINCIPALS[who]), ("notes?select=owner", [{"owner": PRINCIPALS[who]}]))[number // 2 % 2]
        return who, wanted, *send(f"{url}/public/{path}", "GET", {"Authorization": f"Bearer {tokens[who]}"})

    with concurrent.futures.ThreadPoolExecutor(32) as threads:
        for who, wanted, status, _, text in threads.map(ask, range(600)):
            if status != 200 or json.loads(text) != wanted:
                yield f"{who} of a crowd: {status} {text}"
    emulator.sql(f"""DO $$BEGIN ASSERT (SELECT count(*) FROM pg_stat_activity WHERE usename = 'authenticator') <= {SESSIONS},
                     'too many sessions'; END$$""")


def end(emulator, url, tokens):
    """A Data API that is deleted: its sessions end, and nobody listens; made again, it is there."""
    emulator.finish(emulator.call("DELETE", DATA_API))
    count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'authenticator'"
    deadline = time.monotonic() + 10
    while True:
        try:
            send(f"{url}/public/actors")
            listens = True
        except OSError:
            listens = False
        if not listens and emulator.value(count) == "0":
            break
        if time.monotonic() > deadline:
            yield f"of a deleted Data API there is left: a listener: {listens}, sessions: {emulator.value(count)}"
            break
        time.sleep(0.05)
    emulator.finish(emulator.call("POST", DATA_API, {"spec": {}}))
    status, _, text = send(f"{url}/public/rpc/who", "GET", {"Authorization": f"Bearer {tokens['one']}"})
    if status != 200:
        yield f"of a Data API that is made again: {status} {text}"


def main():
    program = sys.argv[1]
    cases = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "cases.jsonl"
    wrong = count = 0
    schema = "public"
    different = collections.Counter()
    defects = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(program, folder)
        try:
            url, tokens = prepare(emulator)
            for number, line in enumerate(cases.read_text().splitlines(), 1):
                if not line.strip() or line.startswith("#"):
                    continue
                case = json.loads(line)
                schema = case.get("schema", schema)
                if "schema" in case:
                    continue
                count += "request" in case
                found = check(emulator, url, tokens, case, schema)
                if "defect" in case:
                    defects[case["defect"]].append(bool(found))
                    continue
                different[case.get("differs")] += 1
                for each in found:
                    wrong += 1
                    print(f"{cases.name}:{number}: {case.get('request')}: {each}")
            for each in itertools.chain(crowd(emulator, url, tokens), end(emulator, url, tokens)):
                wrong += 1
                print(each)
        finally:
            emulator.stop()
    del different[None]
    for section, number in sorted(different.items()):
        print(f"{number:4} differ by {section}")
    for defect, still in sorted(defects.items()):
        print(f"{len(still):4} of the emulator's own: {defect}" + ("" if any(still) else " (no more)"))
    print(f"{count} requests, {wrong} complaints")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
