#!/usr/bin/env python3
"""What the Databricks CLI prints in the checks of main.py, written down; and our own program held against that.

    recording.py record PATH/TO/databricks FILE     at the emulator that DATABRICKS_HOST names
    recording.py compare PATH/TO/lakebase FILE      by the name databricks

A recording is only ever made of the Databricks CLI. For each run it has the arguments, the exit status, what was printed (JSON
as such) and what stands after `Error: `. What differs from one emulator to the next is replaced in both: see `PATTERNS` and
`VALUES`. What differs on purpose between the programs is in `DIFFERENCES`, with the reason; an entry without an effect is an
error.
"""

import datetime
import json
import re
import sys

from cli import Cli
from main import run

# In texts.
PATTERNS = [
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"operations/(?!missing)[\w-]+", "operations/<id>"),
    (r"(?<![\w-])(?:br|ep)-[a-z]+-[a-z]+-[a-z0-9]{8}(?![\w-])", "<generated id>"),
    (r"--port=\d+", "--port=<port>"),
    (r"http://127\.0\.0\.1:\d+", "<workspace>"),
    (r"dapi[0-9a-f]{32}", "<token>"),
    (r" \[TraceId: [0-9a-f]{32}\]", ""),
    (r"^[0-9A-F]{1,8}/[0-9A-F]{1,8}$", "<position of the log>"),
    (r"^PG_VERSION_\d+$", "<version>"),
    # Which of these it is, is a matter of milliseconds.
    (r"^(ACTIVE|IDLE|INIT)$", "<state of a compute>"),
    (r"^(AVAILABLE|STARTING)$", "<state of an instance>"),
    (r"^CDF_STATE_(SNAPSHOTTING|STREAMING)$", "<state of a feed>"),
    (r"\n\d\d:\d\d:\d\d .*", ""),  # lines of --debug
]

# Members that are there from some moment on: in all objects, and in operations, which may have ended when they are printed.
LATER = {"last_sync_time", "pending_state"}
LATER_IN_OPERATIONS = {"done", "response"}

# Members whose values are of the moment or of the machine.
VALUES = {
    "uid": "<uid>", "host": "<host>", "read_only_host": "<host>", "read_write_pooled_host": "<host>",
    "read_only_pooled_host": "<host>", "read_write_dns": "<host>", "read_only_dns": "<host>",
    "logical_size_bytes": "<size>", "synthetic_storage_size_bytes": "<size>", "branch_logical_size_limit_bytes": "<size>",
    "pg_version": "<version>", "pipeline_id": "<id>", "creator": "<user>", "owner": "<user>",
    "url": "<url>",
}

# (what the words begin with, "output", "error" or "all", members that only one of the two prints, or a pattern of the part of the
# message that differs, and why).
URL_OF_TABLE = {"table_serving_url"}, "the CLI's models leave it out"
ANONYMOUS_ROLE = {"db_anon_role"}, "the CLI's models leave it out"
DIFFERENCES = [
    ("auth describe", "output", r"(?s)-----.*", "the list of settings, which is compared as JSON"),
    ("auth env", "output", {"DATABRICKS_CLI_PATH", "DATABRICKS_CLOUD", "DATABRICKS_CONFIG_PROFILE", "DATABRICKS_DISCOVERY_URL"},
     "what the CLI finds out for itself; a login needs none of it"),
    ("auth describe", "output", {"auth_type_mismatch", "auth_type", "cloud", "databricks_cli_path", "discovery_url", "profile"},
     "what the CLI finds out for itself, which is no setting"),
    ("postgres create-role projects/cli-errors/branches/production --json {\"role\"", "error", r"(?<=\.\.\.\}'\.) .*",
     "the same refusal, with another example"),
    ("postgres list-projects --limit x", "error", r"(?<=flag: ).*", "what is expected, instead of the words of Go's library"),
    ("postgres delete-project projects/cli-errors --purge=maybe", "error", r"(?<=flag: ).*", "the same"),
    ("postgres create-project other --timeout x", "error", ".+", "the same"),
    ("postgres create-project other --json", "error", "(?<=an argument: --json).*|--json.*|error decoding JSON.*|"
     "expected JSON object.*|invalid argument.*", "the same refusals, with the place in the JSON, and what is expected there"),
    ("postgres update-project projects/cli-errors spec.display_name --json {\"spec\": 5}", "all", None,
     "a value of a wrong type is an error; the CLI warns of it and sends the rest"),
    ("postgres generate-database-credential projects/cli-errors/branches/production/endpoints/primary --ttl 1h", "all", None,
     "durations may be written as 1h or 7d"),
    ("postgres create-data-api", "output", *ANONYMOUS_ROLE),
    ("postgres get-data-api", "output", *ANONYMOUS_ROLE),
    ("postgres update-data-api", "output", *ANONYMOUS_ROLE),
    ("database create-database-table", "output", *URL_OF_TABLE),
    ("database get-database-table", "output", *URL_OF_TABLE),
    ("database create-synced-database-table", "output", *URL_OF_TABLE),
    ("database get-synced-database-table", "output", *URL_OF_TABLE),
]


def without(part, value):
    """Without the members, or the part of a message, that only one of the two has."""
    if isinstance(part, str):
        return re.sub(part, "", value) if isinstance(value, str) else value
    if isinstance(value, dict):
        return {key: without(part, member) for key, member in value.items() if key not in part}
    return [without(part, member) for member in value] if isinstance(value, list) else value


def plain(value):
    """A text, or JSON, without what differs each time."""
    if isinstance(value, dict):
        later = LATER | (LATER_IN_OPERATIONS if "/operations/" in str(value.get("name")) else set())
        return {key: VALUES[key] if key in VALUES and isinstance(member, (str, int)) else plain(member)
                for key, member in value.items() if key not in later}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, str):
        for pattern, name in PATTERNS:
            value = re.sub(pattern, name, value)
    return value


def output(text):
    try:
        return plain(json.loads(text))
    except ValueError:
        return plain(text)


def error(text):
    """The message, in one line, without how the command is used, which follows it."""
    _, sign, message = text.rpartition("Error: ")
    return " ".join(plain(message.partition("\n\nUsage:")[0]).split()) if sign else ""


def runs(cli):
    if run(cli) != 0:
        raise SystemExit("not all checks are ok")
    return [{"arguments": plain(done.args[1:]), "status": done.returncode, "output": output(done.stdout),
             "error": error(done.stderr)} for done in cli.runs]


def recording(program):
    cli = Cli(program)
    version = cli.run("version").stdout.strip()
    if cli.is_ours() or not version.startswith("Databricks CLI"):
        raise SystemExit(f"{program} is not the Databricks CLI: it says {version!r}")
    cli.runs.clear()
    commit = re.search(r"\+([0-9a-f]+)", version)
    return {"program": version, "commit": commit[1] if commit else "of the release",
            "date": datetime.date.today().isoformat(), "runs": runs(cli)}


def name_of(each):
    return " ".join(each["arguments"])


def differences(peers, ours):
    """Lines for what is not the same, without what is meant to differ."""
    if [each["arguments"] for each in peers] != [each["arguments"] for each in ours]:
        for peer, own in zip(peers, ours):
            if peer["arguments"] != own["arguments"]:
                yield f"other runs from here: {name_of(peer)} | {name_of(own)}"
                return
        yield f"{len(peers)} runs are recorded, and {len(ours)} were made"
        return
    unused = set(range(len(DIFFERENCES)))
    for peer, own in zip(peers, ours):
        for field in ("status", "output", "error"):
            left, right = peer[field], own[field]
            for number, (words, where, part, _) in enumerate(DIFFERENCES):
                if left != right and where in (field, "all") and name_of(peer).startswith(words):
                    left, right = (without(part, left), without(part, right)) if part else (None, None)
                    unused.discard(number)
            if left != right:
                yield f"{name_of(peer)}: {field}\n  recorded: {json.dumps(left)}\n  ours:     {json.dumps(right)}"
    for number in unused:
        yield f"a difference that is none any more: {DIFFERENCES[number]}"


def compare(program, recorded):
    cli = Cli(program)
    if not cli.is_ours():
        raise SystemExit(f"{program} is not ours")
    cli.runs.clear()
    found = list(differences(recorded["runs"], runs(cli)))
    print(f"{len(recorded['runs'])} runs, recorded of {recorded['program']} on {recorded['date']}; {len(found)} differ")
    if found:
        raise SystemExit("\n".join(found))


def main():
    action, program, file = sys.argv[1:]
    if action == "record":
        made = recording(program)
        with open(file, "w") as out:
            # A line for each run, so that a later recording shows what has changed.
            lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in made.pop("runs"))
            head = json.dumps(made, ensure_ascii=False)[:-1]
            out.write(f'{head}, "runs": [\n{lines}\n]}}\n')
    else:
        with open(file) as recorded:
            compare(program, json.load(recorded))


if __name__ == "__main__":
    main()
