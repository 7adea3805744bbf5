#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <lakebase/pq/type_range.hpp>
#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

namespace detail {

/// Reads a part of a row by `read`; none is NULL.
template <class T, class Part, class Read>
T read_part(std::optional<Part> const& part, Read const& read) {
  if (!part) {
    if constexpr (takes_null<T>) {
      return std::nullopt;
    } else {
      bad_text("it has a NULL inside: read std::optional there");
    }
  }
  return read(*part);
}

/// Reads PostgreSQL's text form of a row in one value, `(1,,"a b")`, part by part.
class RowText {
 public:
  /// @throws BadText if the text is no row
  LAKEBASE_PQ_EXPORT explicit RowText(std::string_view text);

  /// The text of the next part, without quotes, valid until the next call; none for NULL.
  /// @throws BadText if there is no further part, or the text is no row
  LAKEBASE_PQ_EXPORT std::optional<std::string_view> next();
  /// @throws BadText if there are further parts
  LAKEBASE_PQ_EXPORT void end() const;

  template <class T>
  T read_next() {
    return read_part<T>(next(), [](std::string_view part) { return TypeText<Bare<T>>::read(part); });
  }

 private:
  std::string_view rest_;
  std::string unquoted_{};
  bool ended_ = false;
};

/// Reads PostgreSQL's binary form of a row in one value.
class BinaryRow {
 public:
  struct Part {
    unsigned type = 0;
    std::string_view bytes{};
  };
  /// @throws BadText if it has another number of parts
  LAKEBASE_PQ_EXPORT BinaryRow(std::string_view bytes, std::size_t parts);

  /// None for NULL. @throws BadText if it is not all there
  LAKEBASE_PQ_EXPORT std::optional<Part> next();
  /// @throws BadText if there is more than its parts
  LAKEBASE_PQ_EXPORT void end() const;

  template <class T>
  T read_next() {
    return read_part<T>(next(), [](Part const& part) { return read_binary<Bare<T>>(part.type, part.bytes); });
  }

 private:
  std::string_view rest_{};
};

/// Whether a value of a type may be a row: of a composite type of the user's, or of `ROW(…)`.
LAKEBASE_PQ_EXPORT bool is_row_type(unsigned oid) noexcept;

template <class T>
concept ReadablePart = Readable<Bare<T>> && !RefersToResult<T>;

}  // namespace detail

/// A row in one value, of a composite type or `ROW(…)`. As a parameter it takes a cast to its type: `$1::address`.
template <class... Ts>
requires((detail::ReadablePart<Ts> || Writable<detail::Bare<Ts>>)&&...) struct TypeText<std::tuple<Ts...>> {
  /// In errors.
  static constexpr std::string_view name = "std::tuple";
  /// PostgreSQL's type of rows without a name.
  static constexpr std::string_view sql = "record";
  /// It must have as many parts.
  static std::tuple<Ts...> read(std::string_view text) requires(detail::ReadablePart<Ts>&&...) {
    detail::RowText row{text};
    std::tuple<Ts...> parts{row.read_next<Ts>()...};
    row.end();
    return parts;
  }
  /// The binary format of rows.
  static std::optional<std::tuple<Ts...>> read_binary(unsigned oid,
                                                      std::string_view bytes) requires(detail::ReadablePart<Ts>&&...) {
    if (!detail::is_row_type(oid)) return std::nullopt;
    detail::BinaryRow row{bytes, sizeof...(Ts)};
    std::tuple<Ts...> parts{row.read_next<Ts>()...};
    row.end();
    return parts;
  }
  /// With quotes as needed.
  static void write(std::tuple<Ts...> const& value, std::string& text) requires(Writable<detail::Bare<Ts>>&&...) {
    text += '(';
    bool first = true;
    auto const write_part = [&](auto const& part) {
      if (!first) text += ',';
      first = false;
      auto const begin = text.size();
      if (detail::append_value(part, text)) detail::quote_part(text, begin);
    };
    std::apply([&](auto const&... parts) { (write_part(parts), ...); }, value);
    text += ')';
  }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
