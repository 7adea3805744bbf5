#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator::data_api {

/// What the header `Prefer` asks for.
struct Preferences {
  enum class Return { minimal, headers_only, representation };
  std::optional<Return> returns;
  /// `merge-duplicates` or `ignore-duplicates`; empty: none.
  std::string resolution;
  bool missing_default = false;
  bool count_exact = false;
  bool strict = false;
  std::optional<std::int64_t> max_affected;
  std::string timezone;
  /// Those that are honoured, as they are written.
  std::vector<std::string> applied;
  /// One that is not honoured after all.
  void withdraw(std::string_view name);
};

/// @throws ApiError PGRST122 for what is not known, if that is asked for
Preferences parse_preferences(std::string_view header);

}  // namespace lakebase::emulator::data_api
