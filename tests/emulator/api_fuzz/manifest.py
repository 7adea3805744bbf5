"""The manifest of the API (tests/surface/postgres-api.json): methods, messages with the types of their fields, enums."""

import json
import os
import re

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "surface", "postgres-api.json")


# What requests cannot set, of messages without a `spec`.
OUTPUT = {"Table": {"branch", "project", "table_serving_url"}, "CdfConfig": {"name", "create_time", "cdf_config_id"}}


class Manifest:
    def __init__(self, path=PATH):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.enums = document["enums"]
        self.messages = {
            name: {field["name"]: field["type"] for field in fields} for name, fields in document["messages"].items()}
        self.methods = {method["name"]: method for method in document["methods"]}
        self.messages["DatabaseCredentialRequest"] = {
            field["name"]: field["type"] for field in self.methods["generate_database_credential"]["params"]}

    def writable(self, message):
        """The fields of a resource that a request may set: `spec` and `initial_…`, or all, where there is no `spec`."""
        fields = self.messages[message]
        if "spec" in fields:
            return {name for name in fields if name == "spec" or name.startswith("initial_")}
        return set(fields) - OUTPUT.get(message, {"name"})

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
