#pragma once

#include <string>

namespace lakebase {
inline namespace v0 {
namespace data_api {
namespace detail {

/// What `text` makes of each part, with commas between.
template <class Parts, class Text>
std::string joined(Parts const& parts, Text text) {
  std::string all;
  for (auto const& part : parts) {
    if (!all.empty()) all += ',';
    all += text(part);
  }
  return all;
}

}  // namespace detail
}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
