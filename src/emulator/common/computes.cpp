#include "common/computes.hpp"

#include <algorithm>

namespace lakebase::emulator {
namespace {
constexpr int usual_version = 17;
}

int choose_version(std::vector<int> const& found, std::optional<int> wanted) {
  auto const is_found = [&](int version) { return std::find(found.begin(), found.end(), version) != found.end(); };
  if (wanted && is_found(*wanted)) return *wanted;
  return is_found(usual_version) ? usual_version : *std::max_element(found.begin(), found.end());
}

}  // namespace lakebase::emulator
