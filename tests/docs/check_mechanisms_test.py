#!/usr/bin/env python3
"""What scripts/check-mechanisms says of a small tree: of one that has each mechanism once, and of second ones planted in it.

  check_mechanisms_test.py PATH/TO/scripts/check-mechanisms
"""

import importlib.machinery
import importlib.util
import shutil
import sys
import unittest

sys.dont_write_bytecode = True
from checked_tree import SCRIPT, CheckedTree  # noqa: E402

# A line that is a definition of the mechanism of that name.
SAMPLES = {
    "owner of a descriptor": "  ~Owner() { ::close(file_); }",
    "pipe": "  if (::pipe2(ends, O_CLOEXEC) != 0) return;",
    "poll": "  while (::poll(&one, 1, -1) < 0) {",
    "forked child": "  bool same() const { return ::getpid() == pid_; }",
    "reader of the environment": '  char const* const value = std::getenv("HOME");',
    "source of chance": "  std::mt19937 random{std::random_device{}()};",
    "base64": 'constexpr auto alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";',
    "hex": 'constexpr std::string_view digits = "0123456789abcdef";',
    "percent-encoding": "  result += '%';",
    "nearest word": "std::size_t distance(std::string_view from, std::string_view to) {",
    "uuid": "  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);",
    "split of a URL": '  auto const colon = url.find("://");',
    "lower and upper case": "  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');",
    "date of RFC 3339": '  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year);',
    "sign for what is hidden": '  text.replace(at, secret.size(), "***");',
    "retry loop": "  clock.sleep_until(clock.now() + pause, stop);",
    "verdict on a failure": "  return status == 429 || status == 502;",
    "growing pauses": "  auto const pause = 0.1 * std::pow(1.5, failures);",
}


def load():
    loader = importlib.machinery.SourceFileLoader("check_mechanisms", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


MECHANISMS = load().MECHANISMS


class CheckMechanisms(CheckedTree):
    def setUp(self):
        super().setUp()
        for mechanism in MECHANISMS:
            for path in {mechanism.core, mechanism.emulator, *mechanism.others} - {""}:
                self.add(path, SAMPLES[mechanism.name])

    def add(self, path, line):
        self.write(path, line + "\n", mode="a")

    def test_has_a_sample_of_each(self):
        self.assertEqual(sorted(SAMPLES), sorted(mechanism.name for mechanism in MECHANISMS))

    def test_passes_if_each_is_there_once(self):
        self.assertEqual(self.findings(), [])

    def test_tells_the_place_of_a_second_one_and_what_to_use(self):
        self.add("src/auth/login.cpp", "")
        self.add("src/auth/login.cpp", SAMPLES["hex"])
        self.assertEqual(self.findings(),
                         ['src/auth/login.cpp:2: a second "hex"; use hex() or append_hex() (src/base/text/hex.hpp)'])

    def test_finds_a_second_one_of_each(self):
        for mechanism in MECHANISMS:
            with self.subTest(mechanism.name):
                self.setUp()
                self.add("src/pq/second.cpp", SAMPLES[mechanism.name])
                (finding,) = self.findings()
                self.assertTrue(finding.startswith(f'src/pq/second.cpp:1: a second "{mechanism.name}"'), finding)

    def test_finds_a_second_one_in_the_emulator(self):
        self.add("src/emulator/engine/second.cpp", SAMPLES["uuid"])
        self.assertEqual(self.findings(), ['src/emulator/engine/second.cpp:1: a second "uuid"; '
                                           "use what src/emulator/common/random.cpp has"])

    def test_leaves_the_emulator_alone_in_a_row_without_a_file_of_it(self):
        self.add("src/emulator/engine/second.cpp", SAMPLES["retry loop"])
        self.assertEqual(self.findings(), [])

    def test_finds_one_in_a_public_header(self):
        self.add("include/lakebase/second.hpp", SAMPLES["source of chance"])
        self.assertEqual(len(self.findings()), 1)

    def test_passes_over_comments(self):
        self.add("src/pq/second.cpp", "  // as ::poll(files) does it")
        self.assertEqual(self.findings(), [])

    def test_finds_a_row_whose_file_is_gone(self):
        (self.tree / "src/base/text/url.cpp").unlink()
        (finding,) = self.findings()
        self.assertTrue(finding.startswith("src/base/text/url.cpp: "), finding)

    def test_does_without_an_emulator(self):
        shutil.rmtree(self.tree / "src/emulator")
        self.assertEqual(self.findings(), [])


if __name__ == "__main__":
    unittest.main()
