#!/usr/bin/env python3
"""ARCHITECTURE.md: each folder and file that it names exists, it names every folder of src/, and who should lead to it does.
CONTRIBUTING.md: each folder and file that it names exists. README.md: it leads to each document.

  architecture_test.py PATH/TO/SOURCES
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
# In backticks, with a slash inside, below a folder of the tree; `src` alone is one too.
NAMED = {name.rstrip("/") for name in re.findall(r"`((?:src|include|tests|scripts|cmake|docs|examples)(?:/[\w./-]*)?)`", TEXT)}


class Architecture(unittest.TestCase):
    def test_names_nothing_that_is_not_there(self):
        self.assertEqual([name for name in sorted(NAMED) if not (ROOT / name).exists()], [])

    def test_names_every_folder_of_the_sources(self):
        folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*")
                   if path.suffix in (".cpp", ".hpp", ".def")}
        cmake = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("CMakeLists.txt"))
        services = {f"src/{name}" for name in re.findall(r"^lakebase_service\((\w+)", cmake, re.MULTILINE)}
        self.assertIn("`src/*`", TEXT)  # which stands for those
        self.assertEqual(sorted(folders - NAMED - services), [])

    def test_its_picture_shows_every_tower_and_room(self):
        picture = TEXT.split("```")[1]
        rooms = {name.removeprefix("src/").rpartition("/")[2] for name in NAMED if name.startswith("src/")}
        self.assertEqual([room for room in sorted(rooms) if room not in picture], [])

    def test_is_one_page(self):
        self.assertLessEqual(len(TEXT.splitlines()), 100)

    def test_readme_and_contributing_lead_to_it(self):
        for document in ("README.md", "CONTRIBUTING.md"):
            self.assertIn("(ARCHITECTURE.md)", (ROOT / document).read_text(encoding="utf-8"), document)

    def test_readme_leads_to_every_document(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        documents = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")]
        self.assertEqual([name for name in sorted(documents) if f"({name})" not in readme], [])

    def test_contributing_names_nothing_that_is_not_there(self):
        text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        named = set(re.findall(r"`((?:src|include|tests|scripts|cmake|docs|examples)/[\w./-]+)`", text))
        self.assertGreater(len(named), 20)
        self.assertEqual([name for name in sorted(named) if not (ROOT / name).exists()], [])


if __name__ == "__main__":
    unittest.main()
