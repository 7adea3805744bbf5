"""A client of MCP with the standard library alone, over stdio in the legacy era."""

import json
import subprocess


class Client:
    def __init__(self, program, *arguments, capabilities=None, answers=None):
        self.process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.number = 0
        self.notifications = []
        self.asked = []
        self.answers = list(answers or [])
        self.request("initialize", {"protocolVersion": "2025-06-18", "capabilities": capabilities or {},
                                    "clientInfo": {"name": "test", "version": "1"}})
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def start(self, method, params=None):
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params or {}})
        return self.number

    def response(self, number):
        while True:
            message = json.loads(self.process.stdout.readline())
            if "method" not in message and message.get("id") == number:
                return message
            if "id" in message and "method" in message:
                self.asked.append(message)
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": self.answers.pop(0)})
            else:
                self.notifications.append(message)

    def request(self, method, params=None):
        return self.response(self.start(method, params))

    def call(self, tool, /, **arguments):
        """The structured result, and whether it is an error."""
        result = self.request("tools/call", {"name": tool, "arguments": arguments, "_meta": {"progressToken": 1}})["result"]
        return result.get("structuredContent"), result.get("isError", False)
