#include <lakebase/field_mask.hpp>

#include <algorithm>

namespace lakebase {
inline namespace v0 {

FieldMask::FieldMask(std::initializer_list<std::string_view> paths) : paths_(paths.begin(), paths.end()) {}

FieldMask FieldMask::parse(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string> paths;
  while (!text.empty()) {
    auto const end = std::min(text.find(','), text.size());
    auto path = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto const first = path.find_first_not_of(blanks);
    if (first == std::string_view::npos) continue;
    path = path.substr(first, path.find_last_not_of(blanks) - first + 1);
    paths.emplace_back(path);
  }
  return FieldMask{std::move(paths)};
}

std::string FieldMask::to_string() const {
  std::string text;
  for (auto const& path : paths_) {
    if (!text.empty()) text += ',';
    text += path;
  }
  return text;
}

}  // namespace v0
}  // namespace lakebase
