"""The manifest of the API (tests/surface/postgres-api.json): methods, messages with the types of their fields, enums."""

import json
import os
import re

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "surface", "postgres-api.json")


class Manifest:
    def __init__(self, path=PATH):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.enums = document["enums"]
        self.messages = {
            name: {field["name"]: field["type"] for field in fields} for name, fields in document["messages"].items()}
        self.methods = {method["name"]: method for method in document["methods"]}

    def writable(self, message):
        """The fields of a resource that a request may set: `spec` and `initial_…`, or all, where there is no `spec`."""
        fields = self.messages[message]
        if "spec" in fields:
            return {name for name in fields if name == "spec" or name.startswith("initial_")}
        return {name for name in fields if name not in ("name", "create_time") and not name.endswith("_config_id")}

    def shape(self, type_name):
        """A type as ("list", T), ("map",), ("message", M), ("enum", E) or (scalar,)."""
        listed = re.fullmatch(r"List\[(\w+)\]", type_name)
        if listed:
            return "list", listed[1]
        if type_name == "Dict[str, str]":
            return ("map",)
        if type_name in self.messages:
            return "message", type_name
        if type_name in self.enums:
            return "enum", type_name
        return (type_name,)
