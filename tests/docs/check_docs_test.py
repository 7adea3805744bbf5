#!/usr/bin/env python3
"""What scripts/check-docs says of this tree, and of headers that leave something out.

  check_docs_test.py PATH/TO/scripts/check-docs
"""

import sys
import unittest

sys.dont_write_bytecode = True
from checked_tree import CheckedTree, run  # noqa: E402

HEADER = """#pragma once

#include <string>

namespace lakebase {
inline namespace v0 {

namespace detail {
struct Undocumented {
  int member = 0;
};
}  // namespace detail

class Forward;

/// The root of errors.
///
/// Thread safety: immutable.
/// Exceptions: none.
/// Lifetime: owns its text.
class LAKEBASE_EXPORT Error : public std::exception {
 public:
  /// Made of a text.
  explicit Error(std::string text = "a \\"text\\" { with ; in it");
  Error(Error const&) noexcept;
  Error& operator=(Error const&) noexcept;
  ~Error() override;
  /// The text.
  [[nodiscard]] std::string const& text() const& noexcept { return text_; }
  std::string const& text() const&& = delete;

 private:
  std::string text_;
};

/// No such thing.
class LAKEBASE_EXPORT NotFound : public Error {
 public:
  using Error::Error;
};

/// Plain data.
struct Point {
  /// To the right.
  int x{};
  int y{};  ///< Up.
  friend bool operator==(Point const&, Point const&) = default;
};

/// A list.
///
/// Thread safety: none.
/// Exceptions: none.
/// Lifetime: its own.
template <class T>
class List {
 public:
  /// Over the items.
  class iterator {
   public:
    T& operator*() const;
  };
  /// Calls it.
  template <class F>
  auto apply(F&& f) {
    if constexpr (requires { f(1); }) return f(1);
  }
};

/// The sum.
[[nodiscard]] int sum(Point const& point, std::initializer_list<int> more = {1, 2});

}  // namespace v0
}  // namespace lakebase
"""


class ThisTree(unittest.TestCase):
    def test_documents_all_that_is_public(self):
        self.assertEqual(run(), (0, "", ""))


class CheckDocs(CheckedTree):
    def findings(self, *edits):
        text = HEADER
        for before, after in edits:
            self.assertIn(before, text)
            text = text.replace(before, after)
        self.write("include/lakebase/it.hpp", text)
        return super().findings()

    def test_a_header_with_all_of_it(self):
        self.assertEqual(self.findings(), [])

    def test_a_function_without_a_comment(self):
        finding, = self.findings(("/// The sum.\n", ""))
        self.assertIn("include/lakebase/it.hpp:70: no comment for: [[nodiscard]] int sum(Point const& point", finding)

    def test_a_member_function_without_a_comment(self):
        finding, = self.findings(("  /// The text.\n", ""))
        self.assertIn("no comment for: [[nodiscard]] std::string const& text() const& noexcept", finding)

    def test_a_template_without_a_comment(self):
        finding, = self.findings(("  /// Calls it.\n", ""))
        self.assertIn("no comment for: template <class F> auto apply(F&& f)", finding)

    def test_a_member_of_an_aggregate_without_a_comment(self):
        finding, = self.findings(("  ///< Up.", ""))
        self.assertIn("no comment for: int y", finding)

    def test_a_comment_that_a_blank_line_separates(self):
        finding, = self.findings(("/// Plain data.\n", "/// Plain data.\n\n"))
        self.assertIn("no comment for: struct Point", finding)

    def test_each_of_the_three_lines(self):
        for promise in ("Thread safety", "Exceptions", "Lifetime"):
            finding, = self.findings((self.lines(), self.lines(without=promise)))
            self.assertIn(f": List does not say: {promise}:", finding)

    @staticmethod
    def lines(without=None):
        return "".join(f"/// {line}.\n" for line in ("Thread safety: none", "Exceptions: none", "Lifetime: its own")
                       if not without or not line.startswith(without))

    def test_the_three_lines_in_another_order(self):
        finding, = self.findings((self.lines(), "/// Exceptions: none.\n/// Thread safety: none.\n/// Lifetime: its own.\n"))
        self.assertIn("List says it in another order than: Thread safety: Exceptions: Lifetime:", finding)

    def test_errors_have_them_from_their_root(self):
        finding, = self.findings((" : public Error {\n public:\n  using", " {\n public:\n  using"))
        self.assertIn("NotFound does not say: Thread safety: Exceptions: Lifetime:", finding)

    def test_a_struct_with_an_exported_function(self):
        finding, = self.findings(("  int x{};\n", "  int x{};\n  /// Far off.\n  LAKEBASE_EXPORT double far() const;\n"))
        self.assertIn("Point does not say: Thread safety: Exceptions: Lifetime:", finding)


if __name__ == "__main__":
    unittest.main()
