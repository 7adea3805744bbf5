#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {

/// Adds the number of a value in an array to an error about it.
[[noreturn]] LAKEBASE_PQ_EXPORT void rethrow_of_array(ParseError const& error, std::size_t value);

/// Reads PostgreSQL's text form of arrays, `{1,NULL,"a b"}`, piece by piece.
class ArrayText {
 public:
  /// Skips what a text may tell of its bounds, `[0:1]=`, and its first brace.
  LAKEBASE_PQ_EXPORT explicit ArrayText(std::string_view text);

  enum class Token { open, close, value, null };
  /// After the last `close`, there is none. @throws BadText if the text is no array
  LAKEBASE_PQ_EXPORT Token next();
  /// What `next` has found, without quotes; valid until the next call.
  [[nodiscard]] std::string_view value() const noexcept { return value_; }

  /// Adds the place in the array to an error about one of its values.
  [[noreturn]] LAKEBASE_PQ_EXPORT void rethrow(ParseError const& error) const;

 private:
  [[nodiscard]] Token close();
  [[nodiscard]] Token read_plain();
  [[nodiscard]] Token read_quoted();

  std::string_view rest_;
  std::string_view value_{};
  std::string unquoted_{};
  std::size_t depth_ = 1;
  std::size_t values_ = 0;
  bool after_value_ = false;
};

/// Puts quotes around the element that begins at `begin`, if it needs them.
LAKEBASE_PQ_EXPORT void quote_element(std::string& text, std::size_t begin);

template <class T>
inline constexpr bool is_array = false;
template <class T>
inline constexpr bool is_array<std::vector<T>> = !std::same_as<T, std::byte>;

// Elements that a text can be kept of. An inner array cannot be NULL.
template <class T>
concept ReadableElement = Readable<Bare<T>> && !RefersToResult<T> && !(takes_null<T> && is_array<Bare<T>>);
template <class T>
concept WritableElement = Writable<Bare<T>> && !(takes_null<T> && is_array<Bare<T>>);

template <class T>
struct ElementOf : std::type_identity<T> {};
template <class T>
requires is_array<std::vector<T>>
struct ElementOf<std::vector<T>> : ElementOf<T> {
};

/// Reads one level of an array, up to its closing brace.
template <class T>
void read_array(ArrayText& array, std::vector<T>& values) {
  for (;;) {
    switch (array.next()) {
      case ArrayText::Token::close:
        return;
      case ArrayText::Token::open:
        if constexpr (is_array<T>) {
          read_array(array, values.emplace_back());
          if (values.back().size() != values.front().size()) bad_text("it is ragged");
          break;
        } else {
          bad_text("it has more dimensions than that");
        }
      case ArrayText::Token::null:
        if constexpr (takes_null<T>) {
          values.emplace_back();
          break;
        } else {
          bad_text("it has a NULL inside: read a vector of std::optional");
        }
      case ArrayText::Token::value:
        if constexpr (is_array<T>) {
          bad_text("it has fewer dimensions than that");
        } else {
          values.emplace_back(TypeText<Bare<T>>::read(array.value()));
        }
    }
  }
}

template <class T>
inline constexpr std::size_t dimensions_of = 0;
template <class T>
requires is_array<std::vector<T>>
inline constexpr std::size_t dimensions_of<std::vector<T>> = 1 + dimensions_of<T>;

/// `lengths`: of the inner arrays of each dimension, as far as they are known.
template <class Values>
void write_level(Values const& values, std::string& text, std::optional<std::size_t>* lengths) {
  text += '{';
  bool first = true;
  for (auto const& value : values) {
    using Element = std::remove_cvref_t<decltype(value)>;
    if (!first) text += ',';
    first = false;
    if constexpr (is_array<Element>) {
      if (lengths->value_or(value.size()) != value.size()) bad_value("a ragged array: its rows differ in length");
      *lengths = value.size();
      write_level(value, text, lengths + 1);
    } else {
      auto const begin = text.size();
      if (!append_value(value, text)) {
        text += "NULL";
      } else if constexpr (!is_plain<Bare<Element>>) {
        quote_element(text, begin);
      }
    }
  }
  text += '}';
}

template <class Values>
void write_array(Values const& values, std::string& text) {
  auto const begin = text.size();
  using Element = std::remove_cvref_t<decltype(*std::begin(values))>;
  std::array<std::optional<std::size_t>, 1 + dimensions_of<Element>> lengths{};
  write_level(values, text, lengths.data());
  // PostgreSQL knows one empty array, whatever its dimensions.
  if (text.find_first_not_of("{},", begin) == std::string::npos) text.replace(begin, std::string::npos, "{}");
}

/// Reads PostgreSQL's binary form of arrays.
class BinaryArray {
 public:
  /// None if it is another type. @throws BadText if it has elements, in another number of dimensions
  LAKEBASE_PQ_EXPORT static std::optional<BinaryArray> of(unsigned oid, std::string_view bytes, std::size_t dimensions);

  /// How many there are of a dimension, from 0.
  [[nodiscard]] std::size_t size(std::size_t dimension) const noexcept { return sizes_[dimension]; }
  [[nodiscard]] unsigned element_type() const noexcept { return element_type_; }
  /// The bytes of the next element; none for NULL. @throws BadText if they are not all there
  LAKEBASE_PQ_EXPORT std::optional<std::string_view> next();
  /// @throws BadText if there is more than its elements
  LAKEBASE_PQ_EXPORT void end() const;
  /// Adds the place in the array to an error about one of its values.
  [[noreturn]] LAKEBASE_PQ_EXPORT void rethrow(ParseError const& error) const;

 private:
  static constexpr std::size_t most_dimensions = 6;

  BinaryArray() = default;

  unsigned element_type_ = 0;
  std::array<std::size_t, most_dimensions> sizes_{};
  std::string_view rest_{};
  std::size_t values_ = 0;
};

/// Reads one level of an array, all that it has.
template <class T>
void read_array(BinaryArray& array, std::size_t dimension, std::vector<T>& values) {
  auto const size = array.size(dimension);
  values.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    if constexpr (is_array<T>) {
      read_array(array, dimension + 1, values.emplace_back());
    } else if (auto const element = array.next()) {
      values.emplace_back(read_binary<Bare<T>>(array.element_type(), *element));
    } else if constexpr (takes_null<T>) {
      values.emplace_back();
    } else {
      bad_text("it has a NULL inside: read a vector of std::optional");
    }
  }
}

inline constexpr std::string_view vector_begin = "std::vector<";
inline constexpr std::string_view optional_begin = "std::optional<";
inline constexpr std::string_view template_end = ">";
inline constexpr std::string_view array_end = "[]";

template <class T>
struct NameOf {
  static constexpr std::string_view text = TypeText<T>::name;
};
template <class T>
struct NameOf<std::optional<T>> {
  static constexpr std::string_view text = Joined<optional_begin, TypeText<T>::name, template_end>::text;
};

}  // namespace detail

/// Arrays, also of several dimensions (`std::vector<std::vector<int>>`) and with NULL inside
/// (`std::vector<std::optional<int>>`). Lower bounds other than 1 are read and not kept. A ragged array is refused
/// before it is sent.
template <class T>
requires(detail::is_array<std::vector<T>> &&
         (detail::ReadableElement<T> || detail::WritableElement<T>)) struct TypeText<std::vector<T>> {
  /// In errors.
  static constexpr std::string_view name =
      detail::Joined<detail::vector_begin, detail::NameOf<T>::text, detail::template_end>::text;
  /// PostgreSQL's type, which is the same for all numbers of dimensions.
  static constexpr std::string_view sql =
      detail::Joined<TypeText<detail::Bare<typename detail::ElementOf<T>::type>>::sql, detail::array_end>::text;
  /// All elements.
  static std::vector<T> read(std::string_view text) requires detail::ReadableElement<T> {
    std::vector<T> values;
    detail::ArrayText array{text};
    try {
      detail::read_array(array, values);
    } catch (ParseError const& error) {
      array.rethrow(error);
    }
    return values;
  }
  /// `{1,NULL}`, with quotes as needed.
  static void write(std::vector<T> const& values, std::string& text) requires detail::WritableElement<T> {
    detail::write_array(values, text);
  }
  /// The binary format of arrays, if the element has one that is known.
  static std::optional<std::vector<T>> read_binary(unsigned oid,
                                                   std::string_view bytes) requires detail::ReadableElement<T> {
    auto array = detail::BinaryArray::of(oid, bytes, detail::dimensions_of<std::vector<T>>);
    if (!array) return std::nullopt;
    std::vector<T> values;
    try {
      detail::read_array(*array, 0, values);
    } catch (ParseError const& error) {
      array->rethrow(error);
    }
    array->end();
    return values;
  }
};

/// Any range as a parameter, where C++ cannot tell that an array is meant: `Array{span}`, `Array{{1, 2, 3}}`. It refers
/// to the range, which has to outlive the call that it is given to.
template <class Values>
struct Array {
  /// The elements.
  Values const& values;
};
/// `Array{span}`
template <class Values>
Array(Values const&) -> Array<Values>;
/// `Array{{1, 2, 3}}`
template <class T, std::size_t Size>
Array(T const (&&)[Size]) -> Array<std::initializer_list<T>>;

/// An array of the elements; it can be written only.
template <class Values>
requires detail::WritableElement<std::remove_cvref_t<decltype(*std::declval<Values const&>().begin())>>
struct TypeText<Array<Values>> {
  /// In errors.
  static constexpr std::string_view name = "Array";
  /// PostgreSQL's type.
  static constexpr std::string_view sql =
      TypeText<std::vector<std::remove_cvref_t<decltype(*std::declval<Values const&>().begin())>>>::sql;
  /// `{1,NULL}`, with quotes as needed.
  static void write(Array<Values> const& array, std::string& text) { detail::write_array(array.values, text); }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
