#pragma once

#include <string>
#include <string_view>

#include <lakebase/json.hpp>
#include <lakebase/pq/type_text.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// A model of this SDK in a column of type `json` or `jsonb`, written by `to_json` and read by `from_json`:
/// `{Json{branch}}`, `row["branch"].as<Json<postgres::Branch>>().value`. Other JSON is `JsonText`.
template <class T>
struct Json {
  /// The model.
  T value{};

  friend bool operator==(Json const&, Json const&) = default;
};
/// `Json{branch}`
template <class T>
Json(T) -> Json<T>;

/// `json` and `jsonb`.
template <>
struct TypeText<JsonText> {
  /// In errors.
  static constexpr std::string_view name = "JsonText";
  /// `json`, which keeps the text as it is; a column of type `jsonb` takes it too.
  static constexpr std::string_view sql = "json";
  /// As the server writes it.
  static JsonText read(std::string_view text) { return {.text = std::string{text}}; }
  /// As it is. None, the empty JsonText, is refused: it would be no JSON.
  static void write(JsonText const& value, std::string& text) {
    if (value.text.empty()) bad_value("a JsonText without a text; for NULL use std::optional");
    text += value.text;
  }
};

/// `json` and `jsonb`.
template <lakebase::detail::HasJson T>
struct TypeText<Json<T>> {
  /// In errors.
  static constexpr std::string_view name = "Json";
  /// `json`, which keeps the text as it is; a column of type `jsonb` takes it too.
  static constexpr std::string_view sql = "json";
  /// By `from_json`.
  static Json<T> read(std::string_view text) { return {.value = from_json<T>(text)}; }
  /// By `to_json`.
  static void write(Json<T> const& value, std::string& text) { text += to_json(value.value); }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
