#!/usr/bin/env python3
"""What scripts/check-skips says of what ctest printed.

  check_skips_test.py PATH/TO/scripts/check-skips
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve()
PASSED = "100% tests passed, 0 tests failed out of 3\n\nTotal Test time (real) =   0.30 sec\n"


def of(log):
    with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
        file.write(log)
        file.flush()
        result = subprocess.run([SCRIPT, file.name], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


class CheckSkips(unittest.TestCase):
    def test_nothing_was_skipped(self):
        self.assertEqual(of(PASSED), (0, ""))

    def test_a_skip_that_is_listed(self):
        self.assertEqual(of(PASSED + "\nThe following tests did not run:\n\t  2 - interop.databricks_cli (Skipped)\n"), (0, ""))

    def test_a_skip_that_is_not_listed(self):
        log = (PASSED + "\nThe following tests did not run:\n\t  1 - interop.pgx (Skipped)\n"
               "\t  2 - interop.databricks_cli (Skipped)\n\t 13 - Some.Test (Disabled)\n"
               "\nThe following tests FAILED:\n\t 14 - Other.Test (Failed)\n")
        status, told = of(log)
        self.assertEqual(status, 1)
        lines = told.splitlines()
        self.assertEqual(len(lines), 2, told)
        self.assertIn("interop.pgx was skipped", lines[0])
        self.assertIn("Some.Test was skipped", lines[1])

    def test_a_part_of_a_listed_name(self):
        self.assertEqual(of("The following tests did not run:\n\t1 - interop.databricks (Skipped)\n")[0], 1)


unittest.main()
