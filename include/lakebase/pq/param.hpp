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

namespace lakebase::inline v0::pq {

/// Bytes for a parameter of type `bytea`.
struct Bytes {
  /// Any bytes; has to outlive the call that it is given to.
  std::string_view bytes{};
};

/// One parameter of a statement: NULL, or a value as text. The server decides on its type, so `$1::int` may help it.
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
  /// Text.
  Param(char const* text) : text_(std::in_place, text) {}  // NOLINT(google-explicit-constructor)
  /// A boolean.
  Param(bool value) : text_(std::in_place, value ? "t" : "f") {}  // NOLINT(google-explicit-constructor)
  /// `bytea`, in binary.
  Param(Bytes value) : text_(std::in_place, value.bytes), binary_(true) {}  // NOLINT(google-explicit-constructor)

  /// Numbers; floating point in the shortest form that reads back the same.
  template <class Number>
  requires((std::integral<Number> || std::floating_point<Number>)&&!std::same_as<Number, bool> &&
           !std::same_as<Number, char>) Param(Number value) {  // NOLINT(google-explicit-constructor)
    std::array<char, 128> buffer{};
    auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    text_.emplace(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  }

  /// NULL where there is no value.
  template <class T>
  Param(std::optional<T> const& value) {  // NOLINT(google-explicit-constructor)
    if (value) *this = Param{*value};
  }

  /// Whether it is NULL.
  bool is_null() const noexcept { return !text_; }
  /// Whether it goes to the server in binary.
  bool is_binary() const noexcept { return binary_; }
  /// Empty where it is NULL.
  std::string const& text() const noexcept { return text_ ? *text_ : empty(); }

 private:
  static std::string const& empty() noexcept {
    static std::string const none;
    return none;
  }

  std::optional<std::string> text_{};
  bool binary_ = false;
};

/// The parameters of a statement, `$1` first.
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
  std::size_t size() const noexcept { return params_.size(); }
  /// Whether there is none.
  bool empty() const noexcept { return params_.empty(); }
  /// The values in order.
  auto begin() const noexcept { return params_.begin(); }
  /// The end of the values.
  auto end() const noexcept { return params_.end(); }

 private:
  std::vector<Param> params_{};
};

}  // namespace lakebase::inline v0::pq
