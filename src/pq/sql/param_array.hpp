#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

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

/// @throws InvalidArgument for more bytes than PostgreSQL takes in one message, beside what else stands in it: it would
/// hang up
inline void require_sendable(std::size_t bytes, char const* what) {
  constexpr std::size_t most = (std::size_t{1} << 30U) - 1024;
  if (bytes <= most) return;
  throw InvalidArgument(std::string{what} + " of " + std::to_string(bytes) +
                        " bytes: PostgreSQL takes less than 1 GiB at a time; send it in parts");
}

/// The text of a statement itself, if it can be sent.
/// @throws InvalidArgument if it is too long, or has a NUL character
inline std::string_view statement_text(std::string_view sql) {
  require_sendable(sql.size(), "a statement");
  return without_nul(sql, "a statement");
}

/// That many values, without an allocation for a few.
template <class T>
class FewOrMany {
 public:
  explicit FewOrMany(std::size_t count) : many_(count > few ? std::make_unique<T[]>(count) : nullptr) {}
  T* data() noexcept { return many_ ? many_.get() : few_.data(); }
  T const* data() const noexcept { return many_ ? many_.get() : few_.data(); }

 private:
  static constexpr std::size_t few = 8;

  std::array<T, few> few_{};
  std::unique_ptr<T[]> many_;
};

/// Parameters in the form that libpq takes. Points into `params`, which must live as long.
class ParamArray {
 public:
  /// @throws InvalidArgument if there are too many, or a text has a NUL character in it
  explicit ParamArray(Params const& params)
      : size_(params.size() <= most ? params.size() : throw InvalidArgument("more than 65535 parameters")) {
    std::size_t at = 0;
    std::size_t bytes = 0;
    for (auto const& param : params) {
      auto const which = [&] { return "parameter $" + std::to_string(at + 1); };
      if (!param.refusal().empty()) throw InvalidArgument(which() + " is refused: " + param.refusal());
      if (!param.is_binary() && param.text().find('\0') != std::string::npos) {
        throw InvalidArgument("a NUL character in " + which() + " (use Bytes for binary data)");
      }
      types_.data()[at] = param.oid();
      values_.data()[at] = param.is_null() ? nullptr : param.text().c_str();
      lengths_.data()[at] = static_cast<int>(param.text().size());
      formats_.data()[at] = param.is_binary() ? 1 : 0;
      bytes += param.text().size() + beside_a_value;
      ++at;
    }
    require_sendable(bytes, "parameters");
  }

  int size() const noexcept { return static_cast<int>(size_); }
  char const* const* values() const noexcept { return values_.data(); }
  int const* lengths() const noexcept { return lengths_.data(); }
  int const* formats() const noexcept { return formats_.data(); }
  /// PostgreSQL's numbers of the types; 0 for those that the server decides.
  unsigned const* types() const noexcept { return types_.data(); }

 private:
  static constexpr std::size_t beside_a_value = 8;  // its length and its format
  static constexpr std::size_t most = 65535;        // the protocol counts them in 16 bits

  std::size_t size_;
  FewOrMany<char const*> values_{size_};
  FewOrMany<int> lengths_{size_};
  FewOrMany<int> formats_{size_};
  FewOrMany<unsigned> types_{size_};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
