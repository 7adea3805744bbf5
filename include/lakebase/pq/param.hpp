#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// Bytes for a parameter of type `bytea`.
struct Bytes {
  /// Any bytes; has to outlive the call that it is given to.
  std::string_view bytes{};
};

class Param;
class Params;

namespace detail {
template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Number = (std::integral<T> || std::floating_point<T>)&&!std::same_as<T, bool> && !Character<T>;
template <class T>
concept Text = std::convertible_to<T const&, std::string_view> || std::convertible_to<T const&, std::string>;

template <class T>
inline constexpr bool is_param = std::same_as<T, bool> || Number<T> || Text<T> || std::same_as<T, std::nullptr_t> ||
                                 std::same_as<T, std::nullopt_t> || std::same_as<T, Bytes> || std::same_as<T, Param>;
template <class T>
inline constexpr bool is_param<std::optional<T>> = is_param<T>;

// Lists of parameters are none of one value either, but are no mistake.
template <class T>
concept NoParam = !is_param<T> && !std::same_as<T, Params> && !std::same_as<T, std::vector<Param>> &&
                  !std::same_as<T, std::initializer_list<Param>>;
}  // namespace detail

/// One parameter of a statement: NULL, or a value as text. The server decides its type; a cast such as `$1::int` tells
/// it. Made of `bool`, numbers (also `std::int8_t`, but no `char`), text, Bytes, nullptr, or `std::optional` of one of
/// these. Pointers and enums are refused: convert them first, e.g. by `static_cast<int>(colour)`.
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
  Param(std::string text) : text_(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  /// Text.
  Param(std::string_view text) : text_(std::in_place, text) {}  // NOLINT(google-explicit-constructor)
  /// Text; NULL for a null pointer.
  Param(char const* text) {  // NOLINT(google-explicit-constructor)
    if (text != nullptr) text_.emplace(text);
  }
  /// A boolean, and nothing that only converts to one.
  Param(std::same_as<bool> auto value)  // NOLINT(google-explicit-constructor)
      : text_(std::in_place, value ? "t" : "f") {}
  /// `bytea`, in binary.
  Param(Bytes value) : text_(std::in_place, value.bytes), binary_(true) {}  // NOLINT(google-explicit-constructor)

  /// Numbers; floating point in the shortest form that reads back the same.
  template <detail::Number T>
  Param(T value) {  // NOLINT(google-explicit-constructor)
    std::array<char, 128> buffer{};
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    text_.emplace(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  }

  /// NULL if there is no value.
  template <class T>
  requires detail::is_param<T> Param(std::optional<T> const& value) {  // NOLINT(google-explicit-constructor)
    if (value) *this = Param{*value};
  }

  template <detail::NoParam T>
  Param(T const&) = delete;  // a Param is made of bool, a number, text, Bytes, nullptr or std::optional

  /// Whether it is NULL.
  [[nodiscard]] bool is_null() const noexcept { return !text_; }
  /// Whether it goes to the server in binary.
  [[nodiscard]] bool is_binary() const noexcept { return binary_; }
  /// Empty if it is NULL.
  [[nodiscard]] std::string const& text() const& noexcept { return text_ ? *text_ : empty(); }
  /// The same of a temporary, as a text of its own.
  [[nodiscard]] std::string text() const&& { return text(); }

 private:
  static std::string const& empty() noexcept {
    static std::string const none;
    return none;
  }

  std::optional<std::string> text_{};
  bool binary_ = false;
};

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
