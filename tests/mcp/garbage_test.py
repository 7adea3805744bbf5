#!/usr/bin/env python3
"""Hostile bytes at a server, over stdio and HTTP: a response by the protocol or a clean end, in 64 MB.

  garbage_test.py PATH/TO/mcp_fixture_server
  garbage_test.py PATH/TO/lakebase-mcp          run with an emulator's environment
"""
import http.client
import json
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

SERVER = sys.argv[1]
IS_LAKEBASE = pathlib.Path(SERVER).name == "lakebase-mcp"
MOST_KB = 64 * 1024
META = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                  "io.modelcontextprotocol/clientCapabilities": {}}}
INITIALIZE = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}


def request(method, number=1, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, **META}}


FIXTURES = [
    request("resources/read", uri="test://static-text"),
    request("tools/call", name="test_input_required_result_elicitation", requestState="a.b", inputResponses={"user_name": 1}),
    request("prompts/get", name="test_prompt_with_arguments", arguments={"arg1": "a", "arg2": "b"})]
LAKEBASE = [
    request("resources/read", uri="lakebase://projects/none/branches/production/schema"),
    request("tools/call", name="manage_lakebase_database", arguments={"action": "get", "name": "none", "type": "autoscale"}),
    request("tools/call", name="try_lakebase_change", requestState="a.b", inputResponses={"confirm": {"action": "accept"}},
            arguments={"target": "projects/none", "script": "SELECT 1", "confirm": "a.b"}),
    request("completion/complete", ref={"type": "ref/prompt", "name": "inspect_database"},
            argument={"name": "target", "value": "n"}),
    request("prompts/get", name="inspect_database", arguments={"target": "projects/none"})]
GOOD = [json.dumps(message).encode() for message in (
    INITIALIZE, request("server/discover"), request("tools/list"), *(LAKEBASE if IS_LAKEBASE else FIXTURES),
    {"jsonrpc": "2.0", "id": "server-1", "result": {}}, {"jsonrpc": "2.0", "method": "notifications/cancelled"})]
# A member with many small values takes the most memory for its bytes.
CORPUS = [b"", b"{", b"null", b"[]", b"[[]]", b"[" * 10_000, b'{"a":' * 10_000, b'"\xff\xfe"', b"\x00", b"1" * 100_000,
          b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":[' + b"[]," * 340_000 + b"0]}}",
          b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{' + b",".join(b'"%d":0' % i for i in range(100_000)) + b"}}"]
CORPUS += [good[:cut] for good in GOOD for cut in range(0, len(good), 7)]
CORPUS += [good.replace(b'"id": 1', b'"id": ' + wrong) for good in GOOD
           for wrong in (b"null", b"true", b"1.5", b"{}", b"[]", b'""', b"99999999999999999999999")]


def mutated(random_source, count):
    for _ in range(count):
        text = bytearray(random_source.choice(GOOD))
        for _ in range(random_source.randint(1, 4)):
            text[random_source.randrange(len(text))] = random_source.randrange(256)
        yield bytes(text)


def memory(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def check_memory(process, name):
    used = memory(process)
    assert used <= MOST_KB, f"{name}: {used} kB"
    print(f"ok {name}: {used} kB at most")


def over_stdio(lines):
    server = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    seen = []
    # Whatever it writes is a message.
    reader = threading.Thread(target=lambda: seen.extend(json.loads(line) for line in server.stdout))
    reader.start()
    for line in lines:
        server.stdin.write(line.replace(b"\n", b" ") + b"\n")
    for _ in range(100):
        server.stdin.write(b"x" * 1024 * 1024)
    server.stdin.write(b"\n" + json.dumps(request("server/discover", "the last")).encode() + b"\n")
    server.stdin.flush()
    while not any(message.get("id") == "the last" for message in list(seen)):
        assert reader.is_alive(), "it has ended"
        time.sleep(0.01)
    check_memory(server, "stdio")
    server.stdin.close()
    assert server.wait(timeout=10) == 0, server.returncode
    reader.join()
    assert all(message["jsonrpc"] == "2.0" and ("result" in message or "error" in message or "method" in message)
               for message in seen)


class Http:
    def __init__(self):
        options = ["127.0.0.1:0", "--no-token"] if IS_LAKEBASE else []
        self.process = subprocess.Popen([SERVER, "--http", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT if IS_LAKEBASE else None, text=True)
        # The last word of its first line.
        self.address = urllib.parse.urlsplit(self.process.stdout.readline().split()[-1]).netloc

    def post(self, body, **headers):
        connection = http.client.HTTPConnection(self.address, timeout=20)
        connection.request("POST", "/mcp", body, {"Content-Type": "application/json",
                                                  "Accept": "application/json, text/event-stream", **headers})
        response = connection.getresponse()
        return response.status, response.read()

    def call(self, name, **arguments):
        return self.post(json.dumps(request("tools/call", name=name, arguments=arguments)), **{
            "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": name})

    def end(self):
        self.process.stdin.close()
        if IS_LAKEBASE:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=10) == 0, self.process.returncode


def over_http(bodies):
    server = Http()
    for body in bodies:
        status, text = server.post(body, **{"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"})
        assert status in (200, 202, 400, 404, 406, 413), (status, body[:200])
        assert not text or status == 202 or json.loads(text)["jsonrpc"] == "2.0", body[:200]
    try:
        assert server.post(b"x" * 100 * 1024 * 1024)[0] == 413
    except (BrokenPipeError, ConnectionResetError):
        pass
    check_memory(server.process, "HTTP")
    server.end()


def many_at_once():
    server = Http()
    slow = threading.Thread(target=server.call, args=("test_wait",), kwargs={"milliseconds": 5_000})
    slow.start()
    results = []
    begin = time.monotonic()
    calls = [threading.Thread(target=lambda: results.append(server.call("test_simple_text")[0])) for _ in range(199)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    took = time.monotonic() - begin
    assert results == [200] * 199, results
    assert slow.is_alive() and took < 4, took
    print(f"ok 199 calls beside a slow one: {took * 1000:.0f} ms")
    check_memory(server.process, "200 at once")
    slow.join()
    server.end()


hostile = CORPUS + list(mutated(random.Random(20260728), 2_000))
over_stdio(hostile)
over_http(CORPUS + list(mutated(random.Random(20251125), 500)))
if not IS_LAKEBASE:
    many_at_once()
