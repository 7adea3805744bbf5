#include "cli/output/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/base/words.hpp"

namespace lakebase::cli {
namespace {

std::string value_text(Json const& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void flatten(Json const& value, std::string const& path, std::vector<std::pair<std::string, std::string>>& fields) {
  if (value.is_object() && !value.empty()) {
    for (auto const& [name, member] : value.items()) flatten(member, path.empty() ? name : path + '.' + name, fields);
  } else if (value.is_array() &&
             std::all_of(value.begin(), value.end(), [](Json const& item) { return item.is_primitive(); })) {
    std::string joined;
    for (auto const& item : value) joined += (joined.empty() ? "" : ", ") + value_text(item);
    fields.emplace_back(path, joined);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) flatten(value[i], fmt::format("{}[{}]", path, i), fields);
  } else {
    fields.emplace_back(path, value_text(value));
  }
}

// Members by which people know a resource, in the order of the columns. Others are in the JSON.
constexpr std::array<std::string_view, 24> telling = {
    "name",
    "display_name",
    "postgres_database",
    "postgres_role",
    "role",
    "identity_type",
    "current_state",
    "state",
    "detailed_state",
    "endpoint_type",
    "compute_type",
    "host",
    "capacity",
    "pg_version",
    "read_write_dns",
    "default",
    "is_protected",
    "autoscaling_limit_min_cu",
    "autoscaling_limit_max_cu",
    "source_branch",
    "catalog",
    "schema",
    "expire_time",
    "create_time",
};

/// The member of that name, in the resource itself or in what the service reports of it.
Json const* telling_member(Json const& object, std::string_view name) {
  if (auto const found = object.find(name); found != object.end() && found->is_primitive()) return &*found;
  for (std::string_view const group : {"status", "spec"}) {
    auto const inner = object.find(group);
    if (inner == object.end() || !inner->is_object()) continue;
    if (auto const found = inner->find(name); found != inner->end() && found->is_primitive()) return &*found;
    if (auto const hosts = inner->find("hosts"); name == "host" && hosts != inner->end() && hosts->is_object()) {
      if (auto const found = hosts->find(name); found != hosts->end()) return &*found;
    }
  }
  return nullptr;
}

}  // namespace

std::string printable(std::string text) {
  text = printable_lines(std::move(text));
  for (char& letter : text) {
    if (letter == '\n' || letter == '\t') letter = ' ';
  }
  return text;
}

std::string printable_lines(std::string text) {
  for (char& letter : text) {
    bool const is_control = static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
    if (is_control && letter != '\n' && letter != '\t') letter = '?';
  }
  return text;
}

std::string fitted(std::string const& text, std::size_t columns) {
  constexpr std::string_view gap = "...";
  std::vector<std::size_t> letters;  // where each begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) letters.push_back(i);
  }
  if (letters.size() <= columns) return text;
  auto const kept = columns - std::min(columns, gap.size());
  auto const before = kept / 2;
  return text.substr(0, letters[before]) + std::string{gap} +
         (kept == before ? "" : text.substr(letters[letters.size() - (kept - before)]));
}

std::string fields_text(Json const& object) {
  std::vector<std::pair<std::string, std::string>> fields;
  flatten(object, "", fields);
  std::size_t widest = 0;
  for (auto const& [name, value] : fields) widest = std::max(widest, name.size());
  std::string text;
  for (auto const& [name, value] : fields)
    text += fmt::format("{:<{}}  {}\n", name + ':', widest + 1, printable(value));
  return text;
}

std::string table_text(std::vector<Json> const& objects) {
  std::vector<std::vector<std::string>> columns;
  for (auto const name : telling) {
    std::vector<std::string> column{upper(name)};
    bool is_anywhere = false;
    for (auto const& object : objects) {
      auto const* const member = telling_member(object, name);
      is_anywhere = is_anywhere || member != nullptr;
      column.push_back(member == nullptr ? "" : printable(value_text(*member)));
    }
    if (is_anywhere) columns.push_back(std::move(column));
  }
  std::string text;
  for (std::size_t row = 0; !columns.empty() && row <= objects.size(); ++row) {
    std::string line;
    for (auto const& column : columns) {
      std::size_t widest = 0;
      for (auto const& cell : column) widest = std::max(widest, cell.size());
      line += fmt::format("{:<{}}", column[row], widest + 2);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

}  // namespace lakebase::cli
