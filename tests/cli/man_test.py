#!/usr/bin/env python3
"""The page of the manual: it has each command with its flags and example, and man reads it without a warning.

  man_test.py PATH/TO/lakebase PATH/TO/lakebase.1
"""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from program import ProgramTest, main

PAGE = pathlib.Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None


class Man(ProgramTest):
    def helps(self, *words):
        """The help of each command that is no group."""
        text = self.succeed(*words, "--help")
        listed = re.search(r"\nCommands:\n((?:  .*\n)+)", text)
        if not listed:
            yield text
        else:
            for command in re.findall(r"^  (\S+)  ", listed[1], re.MULTILINE):
                yield from self.helps(*words, command)

    def test_it_has_all_that_helps_have(self):
        page = PAGE.read_text().replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")
        for text in self.helps():
            usage = re.search(r"Usage:\n  (.*) \[flags\]\n", text)[1]
            section = page.partition(f"\n.SS {usage}\n")[2].partition("\n.S")[0]
            self.assertIn(text.partition("\n")[0], section.replace("\n", " "), usage)
            self.assertIn(re.search(r"Example:\n  (.*)\n", text)[1], section)
            own = text.partition("Global flags")[0].partition("Flags:")[2]
            for flag in re.findall(r" (--[a-z-]+)", own):
                if flag != "--help":
                    self.assertIn(f"\\fB{flag}\\fR", section, usage)

    def test_man_reads_it(self):
        if not shutil.which("man") or not shutil.which("groff"):
            raise unittest.SkipTest("man is not installed")
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", PAGE], capture_output=True, text=True, timeout=60,
                              env={**self.environment, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("lakebase postgres create-branch PARENT BRANCH_ID", done.stdout)


if __name__ == "__main__":
    main()
