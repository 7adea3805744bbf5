#pragma once

#include <string_view>

namespace opentelemetry::nostd {

// A class of its own, as in builds of OpenTelemetry that do not use the standard library's: nothing converts to it by
// itself.
class string_view {
 public:
  string_view() noexcept = default;
  string_view(char const* text) noexcept : text_(text) {}
  string_view(char const* data, std::size_t size) noexcept : text_(data, size) {}
  char const* data() const noexcept { return text_.data(); }
  std::size_t size() const noexcept { return text_.size(); }

 private:
  std::string_view text_{};
};

}  // namespace opentelemetry::nostd
