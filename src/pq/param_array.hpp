#pragma once

#include <vector>

#include <lakebase/pq/param.hpp>

namespace lakebase::inline v0::pq::detail {

/// Parameters in the shape that libpq takes. Points into `params`, which must live as long.
class ParamArray {
 public:
  explicit ParamArray(Params const& params) {
    values_.reserve(params.size());
    lengths_.reserve(params.size());
    formats_.reserve(params.size());
    for (auto const& param : params) {
      values_.push_back(param.is_null() ? nullptr : param.text().c_str());
      lengths_.push_back(static_cast<int>(param.text().size()));
      formats_.push_back(param.is_binary() ? 1 : 0);
    }
  }

  int size() const noexcept { return static_cast<int>(values_.size()); }
  char const* const* values() const noexcept { return values_.data(); }
  int const* lengths() const noexcept { return lengths_.data(); }
  int const* formats() const noexcept { return formats_.data(); }

 private:
  std::vector<char const*> values_{};
  std::vector<int> lengths_{};
  std::vector<int> formats_{};
};

}  // namespace lakebase::inline v0::pq::detail
