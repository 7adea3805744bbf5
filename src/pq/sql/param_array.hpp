#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/error.hpp>
#include <lakebase/pq/param.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The text itself, if it has no NUL character: libpq would silently drop the rest after it.
/// @throws InvalidArgument if it has one
inline std::string_view without_nul(std::string_view text, char const* what) {
  if (text.find('\0') != std::string_view::npos) throw InvalidArgument("a NUL character in " + std::string{what});
  return text;
}

/// Parameters in the form that libpq takes. Points into `params`, which must live as long.
class ParamArray {
 public:
  /// @throws InvalidArgument if there are too many, or a text has a NUL character in it
  explicit ParamArray(Params const& params) {
    if (params.size() > most) throw InvalidArgument("more than 65535 parameters");
    values_.reserve(params.size());
    lengths_.reserve(params.size());
    formats_.reserve(params.size());
    types_.reserve(params.size());
    for (auto const& param : params) {
      auto const which = [&] { return "parameter $" + std::to_string(values_.size() + 1); };
      if (!param.refusal().empty()) throw InvalidArgument(which() + " is refused: " + param.refusal());
      if (!param.is_binary() && param.text().find('\0') != std::string::npos) {
        throw InvalidArgument("a NUL character in " + which() + " (use Bytes for binary data)");
      }
      types_.push_back(param.oid());
      values_.push_back(param.is_null() ? nullptr : param.text().c_str());
      lengths_.push_back(static_cast<int>(param.text().size()));
      formats_.push_back(param.is_binary() ? 1 : 0);
    }
  }

  int size() const noexcept { return static_cast<int>(values_.size()); }
  char const* const* values() const noexcept { return values_.data(); }
  int const* lengths() const noexcept { return lengths_.data(); }
  int const* formats() const noexcept { return formats_.data(); }
  /// PostgreSQL's numbers of the types; 0 for those that the server decides.
  unsigned const* types() const noexcept { return types_.data(); }

 private:
  static constexpr std::size_t most = 65535;  // the protocol counts them in 16 bits

  std::vector<char const*> values_{};
  std::vector<int> lengths_{};
  std::vector<int> formats_{};
  std::vector<unsigned> types_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
