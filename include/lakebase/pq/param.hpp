#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/type_bytes.hpp>
#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

class Param;
class Params;

namespace detail {
struct ParamAccess;

template <class T>
inline constexpr bool is_param = std::same_as<T, bool> || Number<T> || Text<T> || std::same_as<T, std::nullptr_t> ||
                                 std::same_as<T, std::nullopt_t> || std::same_as<T, Param> || Writable<T>;
template <class T>
inline constexpr bool is_param<std::optional<T>> = is_param<T>;

// What goes by its TypeText, other constructors aside.
template <class T>
concept WrittenParam = Writable<T> && !std::same_as<T, bool> && !Number<T> && !Text<T> && !ByteString<T>;

// Lists of parameters are none of one value either, but are no mistake.
template <class T>
concept ParamList =
    std::same_as<T, Params> || std::same_as<T, std::vector<Param>> || std::same_as<T, std::initializer_list<Param>>;
template <class T>
concept NoParam = !is_param<T> && !ParamList<T>;
}  // namespace detail

/// One parameter of a statement: NULL, or a value as text. The server decides its type; a cast such as `$1::int` tells
/// it. Made of `bool`, numbers (also `std::int8_t`, but no `char`), text, bytes, nullptr, everything else that has a
/// TypeText (see `<lakebase/pq/types.hpp>`), or `std::optional` of one of these. Pointers, and enums without
/// `enum_names`, are refused: convert them first, e.g. by `static_cast<int>(colour)`.
///
/// A value that PostgreSQL does not have, such as a ragged array, makes a parameter that is refused before anything is
/// sent, by an InvalidArgument that says which one it is.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: owns its text; `text()` refers to it.
class Param {
 public:
  /// NULL.
  Param(std::nullptr_t = nullptr) noexcept {}  // NOLINT(google-explicit-constructor): `{1, "x", nullptr}`
  /// NULL.
  Param(std::nullopt_t) noexcept {}  // NOLINT(google-explicit-constructor)
  /// Text.
  Param(std::string text) noexcept  // NOLINT(google-explicit-constructor)
      : text_(std::move(text)), kind_(Kind::text) {}
  /// Text.
  Param(std::string_view text) : text_(text), kind_(Kind::text) {}  // NOLINT(google-explicit-constructor)
  /// Text; NULL for a null pointer.
  Param(char const* text) {  // NOLINT(google-explicit-constructor)
    if (text != nullptr) *this = Param{std::string_view{text}};
  }
  /// A boolean, and nothing that only converts to one.
  Param(std::same_as<bool> auto value)  // NOLINT(google-explicit-constructor)
      : text_(value ? "t" : "f"), kind_(Kind::text) {}

  /// `bytea`, in binary.
  template <detail::ByteString T>
  Param(T const& value)  // NOLINT(google-explicit-constructor)
      : text_(detail::characters_of(value)), oid_(detail::bytea_type), kind_(Kind::bytes) {}

  /// Numbers; floating point in the shortest form that reads back the same.
  template <detail::Number T>
  Param(T value) : kind_(Kind::text) {  // NOLINT(google-explicit-constructor)
    TypeText<T>::write(value, text_);
  }

  /// By the type's TypeText.
  template <detail::WrittenParam T>
  Param(T const& value) : kind_(Kind::text) {  // NOLINT(google-explicit-constructor)
    try {
      TypeText<T>::write(value, text_);
    } catch (Error const& error) {
      text_ = error.message();
      kind_ = Kind::refused;
    }
  }

  /// NULL if there is no value.
  template <class T>
  requires detail::is_param<T> Param(std::optional<T> const& value) {  // NOLINT(google-explicit-constructor)
    if (value) *this = Param{*value};
  }

  template <detail::NoParam T>
  Param(T const&) = delete;  // a Param is made of bool, a number, text, Bytes, nullptr or std::optional; see TypeText

  /// Whether it is NULL.
  [[nodiscard]] bool is_null() const noexcept { return kind_ == Kind::null; }
  /// Whether it goes to the server in binary.
  [[nodiscard]] bool is_binary() const noexcept { return kind_ == Kind::bytes; }
  /// PostgreSQL's number of its type; 0 if the server decides.
  [[nodiscard]] unsigned oid() const noexcept { return oid_; }
  /// Empty if it is NULL, or was refused.
  [[nodiscard]] std::string const& text() const& noexcept { return is_refused() ? empty() : text_; }
  /// The same of a temporary, as a text of its own.
  [[nodiscard]] std::string text() const&& { return text(); }
  /// Why it cannot be sent; empty if it can.
  [[nodiscard]] std::string const& refusal() const& noexcept { return is_refused() ? text_ : empty(); }
  /// The same of a temporary, as a text of its own.
  [[nodiscard]] std::string refusal() const&& { return refusal(); }

 private:
  friend struct detail::ParamAccess;
  enum class Kind : unsigned char { null, text, bytes, refused };

  Param(std::string bytes, unsigned oid) noexcept : text_(std::move(bytes)), oid_(oid), kind_(Kind::bytes) {}

  [[nodiscard]] bool is_refused() const noexcept { return kind_ == Kind::refused; }
  static std::string const& empty() noexcept {
    static std::string const none;
    return none;
  }

  std::string text_{};  // or the reason of a refusal
  unsigned oid_ = 0;
  Kind kind_ = Kind::null;
};

namespace detail {
/// Makes what programs cannot: values of any type in PostgreSQL's binary format.
struct ParamAccess {
  static Param binary(std::string bytes, unsigned oid) noexcept { return Param{std::move(bytes), oid}; }
};
}  // namespace detail

/// The parameters of a statement, `$1` first.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: owns its values; iterators refer to them.
class Params {
 public:
  Params() = default;
  /// These values, for `$1`, `$2`, …
  Params(std::initializer_list<Param> params) : params_(params) {}  // NOLINT(google-explicit-constructor)
  /// These values, for `$1`, `$2`, …
  Params(std::vector<Param> params) : params_(std::move(params)) {}  // NOLINT(google-explicit-constructor)

  /// The members of a struct that lists them by `describe` (see `Row::as`), in that order.
  template <lakebase::detail::Described T>
  [[nodiscard]] static Params of(T const& value) {
    Params params;
    T::describe([&](auto const&, auto member) {
      using Value = std::remove_cvref_t<decltype(value.*member)>;
      detail::require_writable<Value, detail::is_param<Value>>();
      if constexpr (std::is_array_v<Value>) {
        params.add(Param{std::string_view{value.*member, detail::length_of(value.*member)}});
      } else if constexpr (detail::is_param<Value>) {
        params.add(Param{value.*member});
      }
    });
    return params;
  }

  /// Appends a value.
  void add(Param param) { params_.push_back(std::move(param)); }
  /// How many values there are.
  [[nodiscard]] std::size_t size() const noexcept { return params_.size(); }
  /// Whether there is none.
  [[nodiscard]] bool empty() const noexcept { return params_.empty(); }
  /// The values in order.
  [[nodiscard]] auto begin() const& noexcept { return params_.begin(); }
  void begin() const&& = delete;  // would dangle: keep the Params in a variable first
  /// The end of the values.
  [[nodiscard]] auto end() const& noexcept { return params_.end(); }
  void end() const&& = delete;  // would dangle: keep the Params in a variable first

 private:
  std::vector<Param> params_{};
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
