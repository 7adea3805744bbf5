#!/usr/bin/env python3
"""What scripts/check-arrows says of this tree, and of small ones with a fault planted in them.

  check_arrows_test.py PATH/TO/scripts/check-arrows
"""

import shutil
import sys
import unittest

sys.dont_write_bytecode = True
from checked_tree import CheckedTree, run  # noqa: E402

FLOORS = """# Architecture

## Floors

| tower | floors, the lowest first | stands on |
|---|---|---|
| core | `src/base` < `src/json` < `src/red` + `src/blue` < `src` | `include/lakebase` |
| left | `src/left` | core |
| right | `src/right` | core |
| apart | `src/apart` | |
| user | `src/user` | `include/lakebase/*` |

## The rest
"""


class ThisTree(unittest.TestCase):
    def test_keeps_its_floors(self):
        self.assertEqual(run(), (0, "", ""))


class CheckArrows(CheckedTree):
    def setUp(self):
        super().setUp()
        self.write("ARCHITECTURE.md", FLOORS)
        self.write("src/base/text.hpp", "#pragma once\n")
        self.write("src/json/json.hpp", '#pragma once\n#include "base/text.hpp"\n')
        self.write("src/apart/apart.cpp", "#include <string>\n")
        self.write("src/user/user.cpp", "#include <lakebase/red_client.hpp>\n#include <lakebase/left/left.hpp>\n")
        for folder in ("red", "blue", "left", "right"):
            self.write(f"src/{folder}/{folder}.hpp", '#pragma once\n#include "json/json.hpp"\n')
        self.write("src/main.cpp", '#include <lakebase/lakebase.hpp>\n#include "red/red.hpp"\n')

    def test_an_include_that_goes_down_is_fine(self):
        self.assertEqual(self.findings(), [])

    def test_an_include_that_goes_up(self):
        self.write("src/base/text.cpp", '#include "base/text.hpp"\n\n#include "left/left.hpp"\n')
        self.write("src/left/left.hpp", "#pragma once\n")
        finding, = self.findings()
        self.assertIn("src/base/text.cpp:3: src/base includes src/left/left.hpp, which is not below it; move", finding)

    def test_an_include_by_a_relative_path(self):
        self.write("src/json/json.cpp", '#include "../base/text.hpp"\n')
        self.assertEqual(self.findings(), [])
        self.write("src/base/text.cpp", '#include "../left/left.hpp"\n')
        self.write("src/left/left.hpp", "#pragma once\n")
        finding, = self.findings()
        self.assertIn("src/base/text.cpp:1: src/base includes src/left/left.hpp, which is not below it", finding)

    def test_an_include_of_a_neighbour_on_the_same_floor(self):
        self.write("src/red/more.hpp", '#include "blue/blue.hpp"\n')
        finding, = self.findings()
        self.assertIn("src/red/more.hpp:1: src/red includes src/blue/blue.hpp", finding)

    def test_an_include_of_a_tower_that_it_does_not_stand_on(self):
        self.write("src/left/more.def", '#include "right/right.hpp"\n')
        finding, = self.findings()
        self.assertIn("src/left/more.def:1: src/left includes src/right/right.hpp", finding)

    def test_a_public_header_in_a_tower_that_does_not_stand_on_them(self):
        self.write("src/left/left.cpp", "#include <lakebase/time.hpp>\n")
        self.assertEqual(self.findings(), [])
        self.write("src/apart/apart.cpp", "#include <string>\n#include <lakebase/time.hpp>\n")
        finding, = self.findings()
        self.assertIn("src/apart/apart.cpp:2: src/apart includes <lakebase/time.hpp>, and does not stand on the SDK", finding)

    def test_a_public_header_of_a_service_from_below_it(self):
        self.write("src/red/red.cpp", "#include <lakebase/red/colour.hpp>\n#include <lakebase/json.hpp>\n")
        self.write("src/left/left.cpp", "#include <lakebase/red_client.hpp>\n")
        self.assertEqual(self.findings(), [])
        self.write("src/json/json.cpp", "#include <lakebase/red_client.hpp>\n")
        self.write("src/blue/blue.cpp", "#include <lakebase/red/colour.hpp>\n")
        self.write("src/main.cpp", '#include "red/red.hpp"\n#include <lakebase/left/left.hpp>\n')
        blue, json, main = self.findings()
        self.assertIn("src/blue/blue.cpp:1: src/blue includes <lakebase/red/colour.hpp>, whose folder is not below it", blue)
        self.assertIn("src/json/json.cpp:1: src/json includes <lakebase/red_client.hpp>, whose", json)
        self.assertIn("src/main.cpp:2: src includes <lakebase/left/left.hpp>, whose", main)

    def test_a_user_of_public_headers_alone(self):
        self.write("src/user/more.cpp", '#include "red/red.hpp"\n')
        finding, = self.findings()
        self.assertIn("src/user/more.cpp:1: src/user includes src/red/red.hpp, which is not below it", finding)

    def test_a_circle(self):
        self.write("src/base/text.hpp", '#pragma once\n#include "json/json.hpp"\n')
        up, circle = self.findings()
        self.assertIn("src/base/text.hpp:2:", up)
        self.assertIn("src/base: in a circle of includes: src/base, src/json; cut it", circle)

    def test_a_long_circle(self):
        self.write("src/base/text.hpp", '#include "right/right.hpp"\n')
        circle = self.findings()[-1]
        self.assertIn("src/base, src/json, src/right", circle)

    def test_30_files_but_not_31(self):
        for number in range(29):
            self.write(f"src/base/f{number}.cpp", "")
        self.write("src/base/CMakeLists.txt", "")
        self.assertEqual(self.findings(), [])
        self.write("src/base/f29.hpp", "")
        finding, = self.findings()
        self.assertIn("src/base: 31 files, 30 at most", finding)

    def test_resource_folders_may_have_more(self):
        self.write("ARCHITECTURE.md", FLOORS.replace("src/red", "src/postgres"))
        shutil.rmtree(self.tree / "src/red")
        self.write("src/main.cpp", "")
        for number in range(31):
            self.write(f"src/postgres/f{number}.cpp", "")
        self.assertEqual(self.findings(), [])

    def test_a_folder_on_no_floor(self):
        self.write("src/json/deep/deep.hpp", '#include "base/text.hpp"\n')
        finding, = self.findings()
        self.assertIn("src/json/deep: on no floor", finding)

    def test_a_new_service_needs_no_line_and_knows_no_other(self):
        self.write("ARCHITECTURE.md", FLOORS.replace("+ `src/blue`", "+ `src/blue` + `src/*`"))
        self.write("src/green/green.cpp", '#include "json/json.hpp"\n')
        self.assertEqual(self.findings(), [])
        self.write("src/green/green.cpp", '#include "red/red.hpp"\n')
        finding, = self.findings()
        self.assertIn("src/green/green.cpp:1: src/green includes src/red/red.hpp", finding)

    def test_a_floor_without_a_folder(self):
        shutil.rmtree(self.tree / "src/left")
        finding, = self.findings()
        self.assertIn("the floor src/left has no sources", finding)

    def test_a_quoted_include_of_nothing(self):
        self.write("src/red/red.cpp", '#include "red/gone.hpp"\n')
        finding, = self.findings()
        self.assertIn('src/red/red.cpp:1: "red/gone.hpp" is no file of src/', finding)

    def test_lists_the_pairs(self):
        _, out, _ = run("--tree", self.tree, "--list")
        self.assertIn("   1 src/json -> src/base\n", out)

    def test_a_document_without_floors(self):
        self.write("ARCHITECTURE.md", "# Architecture\n")
        status, out, err = run("--tree", self.tree)
        self.assertEqual((status, out), (2, ""))
        self.assertIn('no section "Floors"', err)

    def test_a_folder_on_two_floors(self):
        self.write("ARCHITECTURE.md", FLOORS.replace("`src/left`", "`src/base`"))
        status, _, err = run("--tree", self.tree)
        self.assertEqual(status, 2)
        self.assertIn("src/base is on two floors", err)


if __name__ == "__main__":
    unittest.main()
