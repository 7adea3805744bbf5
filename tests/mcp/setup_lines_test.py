#!/usr/bin/env python3
"""The setup lines of docs/guide/mcp.md: each server that they name starts as they say, and lists its tools.

  setup_lines_test.py PAGE PATH/TO/lakebase-mcp    run with an emulator's environment, which becomes the profile DEV
"""

import json
import os
import pathlib
import re
import shlex
import sys
import tempfile
import tomllib
import unittest

from client import Client

PAGE = pathlib.Path(sys.argv.pop(1)).read_text(encoding="utf-8")
PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def lines(program):
    """The commands of a host that stand in the text."""
    return [shlex.split(" ".join(found.split())) for found in re.findall(rf"`({program} [^`]*)`", PAGE)]


class SetupLines(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        profile = folder / "databrickscfg"
        profile.write_text(f"[DEV]\nhost = {os.environ['DATABRICKS_HOST']}\ntoken = {os.environ['DATABRICKS_TOKEN']}\n",
                           encoding="utf-8")
        profile.chmod(0o600)
        kept = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(kept)))
        # Nothing but what a host hands on.
        for name in kept:
            if name.startswith(("DATABRICKS_", "LAKEBASE_", "PG")):
                del os.environ[name]
        os.environ["DATABRICKS_CONFIG_FILE"] = str(profile)
        os.environ["PATH"] = f"{PROGRAM.parent}:{kept['PATH']}"

    def serves(self, command, arguments):
        self.assertEqual(command, PROGRAM.name)
        with Client(command, *arguments) as client:
            tools = {tool["name"] for tool in client.request("tools/list")["result"]["tools"]}
            self.assertIn("query_lakebase", tools)
            listed, failed = client.call("manage_lakebase_database", action="list")
            self.assertFalse(failed, listed)

    def test_settings_in_json(self):
        servers = [server for block in blocks("json") for server in json.loads(block)["mcpServers"].values()]
        self.assertGreaterEqual(len(servers), 2)
        for server in servers:
            with self.subTest(server=server):
                self.assertLessEqual(server.keys(), {"command", "args", "env"})
                self.serves(server["command"], server.get("args", []))

    def test_settings_in_toml(self):
        servers = [server for block in blocks("toml") for server in tomllib.loads(block)["mcp_servers"].values()]
        self.assertGreaterEqual(len(servers), 1)
        for server in servers:
            with self.subTest(server=server):
                self.serves(server["command"], server.get("args", []))

    def test_command_lines_of_hosts(self):
        for host in ("claude", "codex", "gemini"):
            added = lines(f"{host} mcp add")
            self.assertEqual(len(added), 1, host)
            with self.subTest(host=host):
                words = [word for word in added[0][3:] if word != "--"]
                self.assertEqual(words[0], "lakebase")
                self.serves(words[1], words[2:])
        (words,) = lines("code --add-mcp")
        server = json.loads(words[2])
        self.assertEqual(server["name"], "lakebase")
        self.serves(server["command"], server.get("args", []))


if __name__ == "__main__":
    unittest.main()
