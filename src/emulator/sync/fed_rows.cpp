#include "sync/fed_rows.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "common/json.hpp"

namespace lakebase::emulator {
namespace {

class FedRows {
 public:
  void read(std::string_view line) {
    constexpr std::string_view kind_field = R"({"_change_type":")";
    constexpr std::string_view last_field = R"("_commit_timestamp":")";
    auto const time = line.find(last_field);
    if (!line.starts_with(kind_field) || time == std::string_view::npos)
      throw std::runtime_error("a line is no change");
    auto const kind = line.substr(kind_field.size(), line.find('"', kind_field.size()) - kind_field.size());
    auto const columns = line.find('"', time + last_field.size()) + 1;
    std::string row{line.substr(columns, line.size() - columns - 1)};
    if (kind == "delete" || kind == "update_preimage") return remove(row);
    places_.emplace(row, rows_.size());
    rows_.emplace_back(std::move(row));
  }
  std::vector<std::string> rows() const {
    std::vector<std::string> present;
    for (auto const& row : rows_) {
      if (row) present.push_back(*row);
    }
    return present;
  }

 private:
  static Json parsed(std::string const& columns) {
    return Json::parse(columns.empty() ? "{}" : "{" + columns.substr(1) + "}", nullptr, false);
  }
  static bool agree(Json const& one, Json const& other) {
    if (!one.is_object() || !other.is_object()) return false;
    return std::all_of(one.items().begin(), one.items().end(), [&](auto const& column) {
      auto const found = other.find(column.key());
      return found == other.end() || *found == column.value();
    });
  }
  // The table's columns may have changed since the row was written: those that both have are compared then.
  std::unordered_multimap<std::string, std::size_t>::iterator place_of(std::string const& row) {
    if (auto const found = places_.find(row); found != places_.end()) return found;
    auto const wanted = parsed(row);
    return std::find_if(places_.begin(), places_.end(),
                        [&](auto const& place) { return agree(wanted, parsed(place.first)); });
  }
  void remove(std::string const& row) {
    auto const place = place_of(row);
    if (place == places_.end()) return;
    rows_[place->second].reset();
    places_.erase(place);
  }

  std::vector<std::optional<std::string>> rows_;
  std::unordered_multimap<std::string, std::size_t> places_;
};

}  // namespace

std::vector<std::string> rows_after(std::filesystem::path const& feed) {
  FedRows rows;
  std::ifstream file{feed, std::ios::binary};
  std::size_t number = 0;
  try {
    for (std::string line; std::getline(file, line);) {
      ++number;
      rows.read(line);
    }
  } catch (std::exception const& error) {
    throw std::runtime_error(fmt::format("{}, line {}: {}", feed.string(), number, error.what()));
  }
  if (file.bad()) throw std::runtime_error(fmt::format("{} cannot be read", feed.string()));
  return rows.rows();
}

}  // namespace lakebase::emulator
