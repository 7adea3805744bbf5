#include <lakebase/set_fields.hpp>

#include <algorithm>

namespace lakebase {
inline namespace v0 {
namespace detail {

void SetPaths::add_once(std::string path) {
  if (std::find(paths_.begin(), paths_.end(), path) == paths_.end()) paths_.push_back(std::move(path));
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
