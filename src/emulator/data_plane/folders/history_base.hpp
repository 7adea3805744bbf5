#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"

namespace lakebase::emulator {

/// A state of a branch from which later ones can be recovered: an image, and the log of the branch from `lsn` on.
struct HistoryBase {
  std::string image;
  std::uint64_t lsn = 0;
  /// When the last transaction in it had committed, on the machine's clock.
  TimePoint since;

  friend bool operator==(HistoryBase const&, HistoryBase const&) = default;
};

/// As a file of lines.
std::string to_text(std::vector<HistoryBase> const& bases);
/// None: it is no such file.
std::optional<std::vector<HistoryBase>> parse_bases(std::string_view text);

}  // namespace lakebase::emulator
