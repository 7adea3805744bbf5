"""The official Python SDK at the emulator: the main path, and each method of w.postgres with success and with an error."""

import os

from databricks.sdk import WorkspaceClient

import sdk_methods
import sdk_path
from checks import main

# Its variable in the environment of this test is a bare PostgreSQL's too.
assert "LAKEBASE_ENDPOINT" in os.environ
w = WorkspaceClient()
methods = sdk_methods.Methods(w)
main({
    "main path": lambda: sdk_path.check(w),
    "each method": methods.succeed,
    "each method's error": methods.fail,
})
