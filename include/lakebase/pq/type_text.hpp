#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <lakebase/error.hpp>
#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// How values of a C++ type are written to PostgreSQL and read from it, as text: the one place to teach this library a
/// type. With a specialisation, values, rows, parameters, arrays, ranges and COPY take the type. It has
///
///     template <>
///     struct lakebase::pq::TypeText<Money> {
///       static constexpr std::string_view name = "Money";    // what errors call it
///       static constexpr std::string_view sql = "numeric";   // PostgreSQL's type, for casts of arrays
///       static Money read(std::string_view text);             // throws by bad_text()
///       static void write(Money const& value, std::string& text);  // appends, without quotes; throws by bad_value()
///     };
///
/// of which `read` or `write` may be left out. NULL is not its business: that is `std::optional<Money>`. Text is as
/// PostgreSQL writes it with its default settings (`DateStyle` ISO, `IntervalStyle` postgres).
/// `<lakebase/pq/types.hpp>` has the specialisations for everything that is built in.
template <class T>
struct TypeText;

/// A text that is no value of the C++ type that it was to be read as. Reading a field adds column, row and types.
class LAKEBASE_PQ_EXPORT BadText : public ParseError {
 public:
  /// `reason` may be empty. It holds nothing of the text, which may be confidential.
  explicit BadText(std::string reason);
  ~BadText() override;

  /// Why, e.g. `it is infinity`; empty if there is nothing to say but that it is none.
  [[nodiscard]] std::string const& reason() const noexcept { return *reason_; }

 private:
  std::shared_ptr<std::string const> reason_;
};

/// For `TypeText<T>::read`: the text is no T. @throws BadText
[[noreturn]] LAKEBASE_PQ_EXPORT void bad_text(std::string_view reason = {});
/// For `TypeText<T>::write`: PostgreSQL has no such value. @throws InvalidArgument
[[noreturn]] LAKEBASE_PQ_EXPORT void bad_value(std::string_view reason);

/// A type that values can be read as; NULL aside, see `std::optional`.
template <class T>
concept Readable = requires(std::string_view text) {
  { TypeText<T>::name } -> std::same_as<std::string_view const&>;
  { TypeText<T>::read(text) } -> std::same_as<T>;
};

/// A type whose values can be written; NULL aside, see `std::optional`.
template <class T>
concept Writable = requires(T const& value, std::string& text) {
  { TypeText<T>::sql } -> std::same_as<std::string_view const&>;
  TypeText<T>::write(value, text);
};

namespace detail {

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
// An integer of 128 bits, where the compiler has one, is none: it has no name in errors.
template <class T>
concept Integer = std::integral<T> && std::same_as<T, std::remove_cv_t<T>> && !std::same_as<T, bool> && !Character<T> &&
                  sizeof(T) <= sizeof(std::int64_t);
template <class T>
concept Number = Integer<T> ||(std::floating_point<T>&& std::same_as<T, std::remove_cv_t<T>>);
template <class T>
concept Text = std::convertible_to<T const&, std::string_view> || std::convertible_to<T const&, std::string>;
// Told by its function, as its header is not needed otherwise.
template <class T>
concept Variant = requires(T const& value) {
  value.valueless_by_exception();
};

/// What a T without regard to NULL is.
template <class T>
struct WithoutOptional : std::type_identity<T> {};
template <class T>
struct WithoutOptional<std::optional<T>> : std::type_identity<T> {};
template <class T>
using Bare = typename WithoutOptional<T>::type;
template <class T>
inline constexpr bool takes_null = !std::same_as<Bare<T>, T>;
/// Values whose text needs neither quotes nor escapes, wherever it stands.
template <class T>
inline constexpr bool is_plain = Number<T> || std::same_as<T, bool>;
template <class T>
concept RefersToResult = std::same_as<Bare<T>, std::string_view>;

/// Texts of the program in one, e.g. for the name of a type that is made of others.
template <std::string_view const&... parts>
struct Joined {
 private:
  static constexpr auto join() {
    std::array<char, (parts.size() + ... + 1)> all{};
    std::size_t at = 0;
    auto const append = [&](std::string_view part) {
      for (char const letter : part) all[at++] = letter;
    };
    (append(parts), ...);
    return all;
  }
  static constexpr auto letters = join();

 public:
  static constexpr std::string_view text{letters.data(), letters.size() - 1};
};

template <class T>
constexpr std::string_view name_of_number() {
  if constexpr (std::same_as<T, signed char>) return "signed char";
  if constexpr (std::same_as<T, unsigned char>) return "unsigned char";
  if constexpr (std::same_as<T, short>) return "short";
  if constexpr (std::same_as<T, unsigned short>) return "unsigned short";
  if constexpr (std::same_as<T, int>) return "int";
  if constexpr (std::same_as<T, unsigned>) return "unsigned";
  if constexpr (std::same_as<T, long>) return "long";
  if constexpr (std::same_as<T, unsigned long>) return "unsigned long";
  if constexpr (std::same_as<T, long long>) return "long long";
  if constexpr (std::same_as<T, unsigned long long>) return "unsigned long long";
  if constexpr (std::same_as<T, float>) return "float";
  if constexpr (std::same_as<T, double>) return "double";
  if constexpr (std::same_as<T, long double>) return "long double";
}

// The smallest type that holds them all.
template <class T>
constexpr std::string_view sql_of_number() {
  if constexpr (std::same_as<T, float>) return "float4";
  if constexpr (std::same_as<T, double>) return "float8";
  if constexpr (std::integral<T>) {
    constexpr std::size_t bytes = sizeof(T) + (std::unsigned_integral<T> ? 1 : 0);
    if constexpr (bytes <= 2) return "int2";
    if constexpr (bytes > 2 && bytes <= 4) return "int4";
    if constexpr (bytes > 4 && bytes <= 8) return "int8";
  }
  return "numeric";
}

/// A number's digits in place, without the NUL that ends a text.
template <Number T>
void append_number(T value, std::string& text) {
  std::array<char, 128> buffer{};
  auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  text.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

/// For a text that is not all of a number: says what it is instead, if it is a number.
[[noreturn]] LAKEBASE_PQ_EXPORT void bad_number(std::string_view text);

// Values in the binary format, by PostgreSQL's number of their type; none if the type is another one.
LAKEBASE_PQ_EXPORT std::optional<std::int64_t> binary_integer(unsigned oid, std::string_view bytes);
LAKEBASE_PQ_EXPORT std::optional<bool> binary_bool(unsigned oid, std::string_view bytes);
LAKEBASE_PQ_EXPORT std::optional<float> binary_float4(unsigned oid, std::string_view bytes);
LAKEBASE_PQ_EXPORT std::optional<double> binary_float8(unsigned oid, std::string_view bytes);
/// The text itself, for types whose binary format is text.
LAKEBASE_PQ_EXPORT std::optional<std::string_view> binary_text(unsigned oid, std::string_view bytes) noexcept;
/// Whether a type is none of PostgreSQL's own: an enum, a composite type, an array of these, a type of an extension.
constexpr bool is_user_type(unsigned oid) noexcept {
  return oid >= 16384;
}
/// Any value as text. @throws BadText for types that are not known, and for bytes that are no value
LAKEBASE_PQ_EXPORT std::string text_of_binary(unsigned oid, std::string_view bytes);

/// A type that knows the binary format of PostgreSQL's type: `read_binary` returns none for other types.
template <class T>
concept BinaryReadable = requires(unsigned oid, std::string_view bytes) {
  { TypeText<T>::read_binary(oid, bytes) } -> std::same_as<std::optional<T>>;
};

template <class T>
T read_binary(unsigned oid, std::string_view bytes) {
  if constexpr (BinaryReadable<T>) {
    if (auto value = TypeText<T>::read_binary(oid, bytes)) return std::move(*value);
  }
  if constexpr (RefersToResult<T>) {
    bad_text("it came in binary, and its text is nowhere: read std::string");
  } else {
    return TypeText<T>::read(text_of_binary(oid, bytes));
  }
}

/// Up to a NUL, which an array that is full does not have.
template <std::size_t size>
constexpr std::size_t length_of(char const (&text)[size]) noexcept {
  auto const length = std::string_view{text, size}.find('\0');
  return length == std::string_view::npos ? size : length;
}

/// Appends a value's text. False for NULL, for which nothing is appended.
template <class T>
bool append_value(T const& value, std::string& text) {
  if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::nullopt_t>) {
    return false;
  } else if constexpr (takes_null<T>) {
    return value && append_value(*value, text);
  } else if constexpr (std::is_array_v<T>) {
    text += std::string_view{value, length_of(value)};
    return true;
  } else if constexpr (std::is_pointer_v<T>) {
    if (value != nullptr) text += value;
    return value != nullptr;
  } else if constexpr (Writable<T>) {
    TypeText<T>::write(value, text);
    return true;
  } else {
    if constexpr (std::convertible_to<T const&, std::string_view>) {
      text += static_cast<std::string_view>(value);
    } else {
      text += static_cast<std::string>(value);
    }
    return true;
  }
}

/// What `append_value` takes.
template <class T>
concept Appendable =
    std::same_as<T, std::nullptr_t> || std::same_as<T, std::nullopt_t> || Writable<Bare<T>> || Text<Bare<T>>;

/// The one error for a type whose values cannot be written.
template <class T, bool allowed>
constexpr void require_writable() noexcept {
  static_assert(!std::same_as<Bare<T>, char>, "a char is a letter or a number: write std::string, or std::int8_t");
  static_assert(!Variant<Bare<T>>,
                "which of its types a std::variant holds is not guessed: write that, by std::visit, or specialise "
                "lakebase::pq::TypeText for the variant");
  static_assert(allowed || std::same_as<Bare<T>, char> || Variant<Bare<T>>,
                "a value is written as bool, a number, text, bytes, nullptr, or std::optional of one of these; "
                "with <lakebase/pq/types.hpp> also as a time, std::vector, Array, Uuid, Numeric, JsonText, Range, "
                "std::tuple, or an enum with enum_names; specialise lakebase::pq::TypeText for other types");
}

/// What a function returns that was called wrongly: it fits everywhere, so that one error is enough.
struct Anything {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};

}  // namespace detail

/// `boolean`.
template <>
struct TypeText<bool> {
  /// In errors.
  static constexpr std::string_view name = "bool";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "bool";
  /// `t` or `f`.
  static bool read(std::string_view text) {
    if (text == "t" || text == "true") return true;
    if (text == "f" || text == "false") return false;
    bad_text();
  }
  /// `t` or `f`.
  static void write(bool value, std::string& text) { text += value ? 't' : 'f'; }
  /// The binary format of `boolean`.
  static std::optional<bool> read_binary(unsigned oid, std::string_view bytes) {
    return detail::binary_bool(oid, bytes);
  }
};

/// Integers of all sizes, and floating point exactly: what is written reads back the same, NaN and infinity included. A
/// number that does not fit is an error, and so is NaN read as an integer.
template <detail::Number T>
struct TypeText<T> {
  /// In errors.
  static constexpr std::string_view name = detail::name_of_number<T>();
  /// The smallest type of PostgreSQL that holds all of them; `numeric` if none does.
  static constexpr std::string_view sql = detail::sql_of_number<T>();
  /// Decimal digits; of floating point also `NaN`, `Infinity`, and the form with an exponent.
  static T read(std::string_view text) {
    T value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) bad_text("it is out of range");
    if (error != std::errc{} || end != text.data() + text.size()) detail::bad_number(text);
    return value;
  }
  /// The shortest form that reads back the same.
  static void write(T value, std::string& text) {
    if constexpr (std::floating_point<T>) {
      if (value != value) {
        text += "NaN";
        return;
      }
    }
    detail::append_number(value, text);
  }
  /// The binary formats of numbers whose text would be read as the same value.
  static std::optional<T> read_binary(unsigned oid, std::string_view bytes) {
    if constexpr (std::integral<T>) {
      auto const value = detail::binary_integer(oid, bytes);
      if (value && !std::in_range<T>(*value)) bad_text("it is out of range");
      return value ? std::optional<T>{static_cast<T>(*value)} : std::nullopt;
    } else if constexpr (std::same_as<T, float>) {
      return detail::binary_float4(oid, bytes);
    } else if constexpr (std::same_as<T, double>) {
      return detail::binary_float8(oid, bytes);
    } else {
      return std::nullopt;  // of 0.1, a long double has more digits than a double
    }
  }
};

/// Text of any type, as PostgreSQL writes it.
template <>
struct TypeText<std::string> {
  /// In errors.
  static constexpr std::string_view name = "std::string";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "text";
  /// A copy.
  static std::string read(std::string_view text) { return std::string{text}; }
  /// As it is.
  static void write(std::string_view value, std::string& text) { text += value; }
  /// Of types whose binary format is text.
  static std::optional<std::string> read_binary(unsigned oid, std::string_view bytes) {
    auto const text = detail::binary_text(oid, bytes);
    return text ? std::optional<std::string>{*text} : std::nullopt;
  }
};

/// Text that refers to the result, valid as long as that.
template <>
struct TypeText<std::string_view> {
  /// In errors.
  static constexpr std::string_view name = "std::string_view";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "text";
  /// The text itself.
  static std::string_view read(std::string_view text) noexcept { return text; }
  /// As it is.
  static void write(std::string_view value, std::string& text) { text += value; }
  /// Of types whose binary format is text.
  static std::optional<std::string_view> read_binary(unsigned oid, std::string_view bytes) noexcept {
    return detail::binary_text(oid, bytes);
  }
};

/// Text of the program; it can be written only.
template <>
struct TypeText<char const*> {
  /// In errors.
  static constexpr std::string_view name = "char const*";
  /// PostgreSQL's type.
  static constexpr std::string_view sql = "text";
  /// Up to its end, which is a NUL.
  static void write(char const* value, std::string& text) { text += value; }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
