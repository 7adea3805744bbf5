#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// A `numeric` of any size and precision, as its text. For arithmetic, specialise TypeText for a decimal type of yours.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: the constructor throws what it names; the rest throws nothing but std::bad_alloc.
/// Lifetime: owns its text; `text()` refers to it.
class Numeric {
 public:
  /// 0
  Numeric() = default;
  /// Digits with an optional sign, point and exponent, `NaN`, `Infinity` or `-Infinity`.
  /// @throws InvalidArgument for any other text
  LAKEBASE_PQ_EXPORT explicit Numeric(std::string text);

  /// As it was read or given.
  [[nodiscard]] std::string const& text() const& noexcept { return text_; }
  /// The same of a temporary, as a text of its own.
  [[nodiscard]] std::string text() && { return std::move(text_); }

  /// Whether the texts are the same: 1.0 is not 1.00 here.
  friend bool operator==(Numeric const&, Numeric const&) = default;

 private:
  std::string text_ = "0";
};

/// `numeric`.
template <>
struct TypeText<Numeric> {
  /// In errors.
  static constexpr std::string_view name = "Numeric";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "numeric";
  /// Every digit is kept.
  LAKEBASE_PQ_EXPORT static Numeric read(std::string_view text);
  /// As it is.
  static void write(Numeric const& value, std::string& text) { text += value.text(); }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
