#include "data_plane/folders/history_base.hpp"

#include <fmt/format.h>

#include <sstream>

namespace lakebase::emulator {

std::string to_text(std::vector<HistoryBase> const& bases) {
  std::string text;
  for (auto const& base : bases) {
    text += fmt::format("{} {} {}\n", base.image, base.lsn, base.since.time_since_epoch().count());
  }
  return text;
}

std::optional<std::vector<HistoryBase>> parse_bases(std::string_view text) {
  std::vector<HistoryBase> bases;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    HistoryBase base;
    TimePoint::rep since = 0;
    std::istringstream words{line};
    if (!(words >> base.image >> base.lsn >> since)) return std::nullopt;
    base.since = TimePoint{Duration{since}};
    bases.push_back(std::move(base));
  }
  return bases;
}

}  // namespace lakebase::emulator
