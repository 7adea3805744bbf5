"""For the tests of scripts/check-*: runs the script, and writes small trees for it to find fault with.

A test that includes this takes the path of its script as its first argument.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve()


def run(*arguments):
    """Exit status, output and errors of the script."""
    result = subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout, result.stderr


class CheckedTree(unittest.TestCase):
    def setUp(self):
        self.tree = pathlib.Path(tempfile.mkdtemp(prefix="checked_tree_"))
        self.addCleanup(shutil.rmtree, self.tree)

    def write(self, path, text, mode="w"):
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open(mode, encoding="utf-8") as out:
            out.write(text)

    def findings(self):
        """What the script says of the tree, a line each; it has to fail if it says anything, and only then."""
        status, out, err = run("--tree", self.tree)
        self.assertEqual(err, "")
        lines = out.splitlines()
        self.assertEqual(status, 1 if lines else 0)
        return lines
