#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::tests {

/// What differs from the manifest, one line each.
class Report {
 public:
  template <class... Parts>
  void add(Parts const&... parts) {
    std::ostringstream line;
    (line << ... << parts);
    lines_.push_back(line.str());
  }
  /// Two lists of names that have to be the same, in the same order.
  void compare_names(std::string_view what, std::vector<std::string> const& wanted,
                     std::vector<std::string> const& found);
  template <class T>
  void compare(std::string_view what, T const& wanted, T const& found) {
    if (wanted != found) add(what, ": the manifest has ", show(wanted), ", the code has ", show(found));
  }

  bool empty() const { return lines_.empty(); }
  std::string text() const;

 private:
  static std::string show(std::string const& text) { return text.empty() ? "nothing" : text; }

  std::vector<std::string> lines_;
};

}  // namespace lakebase::tests
