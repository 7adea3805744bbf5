"""Carries out the steps of a run against an emulator, and holds each answer against the model's prediction."""

import http.client
import os
import shlex
import shutil
import signal
import subprocess
import urllib.parse

import checks
import postgres
from compare import differences
from kinds import KINDS
from life import PATIENCE, Life, Mismatch, log_of, sanitizer_report
from model import Call, Model
from rules import branches, snapshot_schedules, snapshots
from verdict import OK

LIMITS = ("--limit", f"snapshots={snapshots.MOST}", "--limit", f"root-branches={branches.MOST_ROOTS}")


class Driver:
    """One run: a data folder, and the lives of the emulator on it. `make_model` is a seam for tests."""

    def __init__(self, program, folder, make_model=Model):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        open(log_of(folder), "wb").close()
        self.program, self.folder = program, folder
        self.model = make_model()
        self.life = Life(program, folder, LIMITS)
        self.model.ask = lambda path: self.life.call("GET", path, [("page_size", "100")]).json
        self.steps, self.calls, self.successes = [], 0, 0
        self.outcomes = {}

    def take(self, step):
        """Carries out a step: a Call, ("walk", Call), ("overlap", Call, Call), ("table", branch, database, schema, table,
        form), ("restart",), ("kill",) or, as the last one, ("days", number) that the clock is moved by. Raises Mismatch, of
        whatever goes wrong."""
        self.steps.append(step)
        try:
            self._take(step)
        except (OSError, http.client.HTTPException) as error:
            raise Mismatch(f"no response: {error!r}") from error
        except subprocess.CalledProcessError as error:
            raise Mismatch(f"SQL fails: {error.stderr.decode()}") from error
        except subprocess.TimeoutExpired as error:
            raise Mismatch(f"SQL does not end: {error}") from error

    def send(self, call):
        self.calls += 1
        response = self.life.call(call.verb, call.path, call.query, call.body)
        if response.status >= 500 and response.status != 501:
            raise Mismatch(f"{response.status}: {response.text}")
        return response

    def _take(self, step):
        snapshot_schedules.pass_time(self.model)
        if isinstance(step, Call):
            self._call(step)
        elif step[0] == "days":
            self._days(step[1])
        elif step[0] == "walk":
            self._walk(step[1])
        elif step[0] == "overlap":
            self._overlap(*step[1:])
        elif step[0] == "table":
            postgres.make_table(self.life, self.model, *step[1:])
        else:
            self._restart(signal.SIGKILL if step[0] == "kill" else signal.SIGTERM)

    def _call(self, call):
        verdict = self.model.predict(call)
        response = self.send(call)
        self._judge(call, verdict, response, verdict.allowed)

    def _overlap(self, first, second):
        """Two changes, the second before the first has ended: it may be refused with 409 for that, or be too late for it."""
        verdict, before = self.model.predict(first), self.model.predict(second)
        one = self.send(first)
        other = self.send(second)
        self._judge(first, verdict, one, verdict.allowed)
        after = self.model.predict(second)
        self._judge(second, after, other, before.allowed - {OK} | after.allowed | {(409, "ABORTED")})

    def _judge(self, call, verdict, response, allowed):
        outcome, resource = self._outcome(verdict, response)
        if outcome not in allowed and not (outcome[0] == 200 and outcome[1] and (400, outcome[1]) in allowed):
            raise Mismatch(f"got {outcome}, allowed {sorted(allowed, key=str)}\n  {response.text[:600]}\n  "
                           + "\n  ".join(verdict.reasons))
        key = (collection_of(call), call.verb, *outcome)
        self.outcomes[key] = self.outcomes.get(key, 0) + 1
        if outcome != (200, None):
            return
        self.successes += 1
        verdict.effect(resource)
        expected = verdict.view()
        if isinstance(expected, list):
            found = next((part for part in response.json.values() if isinstance(part, list)), [])
            if "next_page_token" in response.json:
                return
            resource = found
        lines = differences(expected, resource)
        if lines:
            raise Mismatch("the response shows\n  " + "\n  ".join(lines))

    def _outcome(self, verdict, response):
        """((status, code), the resource): of the call, or of its operation when it is done."""
        if response.status != 200:
            if response.json is None or not response.json.get("message"):
                raise Mismatch(f"{response.status} without a message: {response.text}")
            return (response.status, response.code), None
        if not verdict.operation:
            return (200, None), response.json
        name = (response.json or {}).get("name", "")
        if "/operations/" not in name or "done" not in response.json:
            raise Mismatch(f"no operation: {response.text}")
        done = self.life.wait(name)
        if done is None or done.status != 200:
            raise Mismatch(f"the operation does not end: {done and done.text}")
        self.model.operations.add(name)
        if ("response" in done.json) == ("error" in done.json):
            raise Mismatch(f"an operation ends with a response or an error: {done.text}")
        if "error" in done.json:
            response.text = done.text
            return (200, done.json["error"].get("error_code")), None
        return (200, None), done.json["response"]

    def _walk(self, call):
        """A list from page to page: together what it holds, no page larger than asked."""
        verdict = self.model.predict(call)
        found, query = [], list(call.query)
        size = int(dict(query).get("page_size", "0"))
        for _ in range(1000):
            response = self.send(Call("GET", call.path, query))
            if response.status != 200:
                if (response.status, response.code) not in verdict.allowed:
                    raise Mismatch(f"got {response.status} {response.code}, allowed {verdict.allowed}\n  {response.text}")
                return
            page = next((part for part in response.json.values() if isinstance(part, list)), [])
            if size and len(page) > size:
                raise Mismatch(f"a page of {len(page)}, asked for {size}")
            found += page
            token = response.json.get("next_page_token")
            if not token:
                break
            query = [*call.query, ("page_token", token)]
        if not verdict.clean:
            raise Mismatch(f"got a list, allowed {verdict.allowed}")
        lines = differences(verdict.view(), found)
        if lines:
            raise Mismatch("the list shows\n  " + "\n  ".join(lines))

    def _restart(self, how):
        status = self.life.end(how)
        if how == signal.SIGTERM and status != 0:
            raise Mismatch(f"the emulator ended with {status}")
        self.life = Life(self.program, self.folder, LIMITS)
        self.look()

    def _days(self, number):
        """Moves the clock: the snapshots that are there then are those of the schedules, and what has not expired. What else
        ends meanwhile is not looked at."""
        self.life.advance(f"{number}d")
        self.model.ahead += number * checks.DAY
        snapshot_schedules.pass_time(self.model)
        for project in self.model.state.all_of("project"):
            if not project.deleted:
                self._walk(Call("GET", project.name + "/snapshots", [("page_size", "100")]))

    def look(self):
        """Everything that can be listed or got, and PostgreSQL, agree with the model."""
        state = self.model.state
        for kind in KINDS.values():
            if not kind.listed:
                for each in state.all_of(kind.name):
                    self._call(Call("GET", each.name))
        self._walk(Call("GET", "projects", [("show_deleted", "true"), ("page_size", "100")]))
        for project in state.all_of("project"):
            if project.deleted:
                continue
            self._walk(Call("GET", project.name + "/branches", [("show_deleted", "true"), ("page_size", "100")]))
            self._walk(Call("GET", project.name + "/snapshots"))
            for branch in state.below(project.name, "branch"):
                if not branch.deleted:
                    for kind in ("endpoints", "roles", "databases"):
                        self._walk(Call("GET", f"{branch.name}/{kind}", [("page_size", "100")]))
                    for database in state.below(branch.name, "database"):
                        self._walk(Call("GET", f"{database.name}/cdf-configs"))
                    lines = postgres.differences(self.life, self.model, branch)
                    if lines:
                        raise Mismatch(f"PostgreSQL of {branch.name} holds\n  " + "\n  ".join(lines))

    def close(self):
        """Ends the run, in which nothing may have gone wrong unseen. Raises Mismatch."""
        status = self.life.end()
        report = sanitizer_report(self.life.log)
        if status != 0 or report:
            raise Mismatch(f"the emulator ended with {status}\n{report}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def abandon(self):
        """Ends a run that has failed, or is over."""
        if self.life.process.poll() is None:
            self.life.process.terminate()
            try:
                self.life.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.life.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def collection_of(call):
    path = call.path.removesuffix("/undelete").removesuffix("/password").split("/")
    return path[::2][-1]


def as_curl(step):
    """A step as a line that a shell can run after `eval "$(lakebase-emulator …)"`."""
    if not isinstance(step, Call):
        if step[0] == "table":
            return "# in SQL: " + " ".join(step[1:])
        if step[0] == "overlap":
            return as_curl(step[1]) + " &\n" + as_curl(step[2])
        if step[0] != "walk":
            return f"# {step[0]}"
        return as_curl(step[1]) + "  # and its other pages"
    query = "?" + urllib.parse.urlencode(step.query) if step.query else ""
    url = f'"$DATABRICKS_HOST/api/2.0/postgres/{urllib.parse.quote(step.path)}{query}"'
    data = f" -d {shlex.quote(step.body)}" if step.body is not None else ""
    return f'curl -s -X {step.verb} -H "Authorization: Bearer $DATABRICKS_TOKEN" {url}{data}'
