#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// The query options of a request. Unknown ones are ignored, as by the service.
class Query {
 public:
  using Options = std::map<std::string, std::string, std::less<>>;

  Query() = default;
  explicit Query(Options options) : options_(std::move(options)) {}

  /// Empty if it is absent.
  std::string text(std::string_view name) const;
  /// False if it is absent.
  bool flag(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;

 private:
  Options options_;
};

}  // namespace lakebase::emulator
