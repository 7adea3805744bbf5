#pragma once

#include <string>
#include <string_view>

#include <lakebase/error.hpp>
#include <lakebase/json.hpp>
#include <lakebase/operation.hpp>

#include "json/form.hpp"
#include "json/masked.hpp"
#include "json/reader.hpp"
#include "json/response.hpp"
#include "json/writer.hpp"

// The definitions behind to_json and from_json. Included only by the files that instantiate them.

namespace lakebase {
inline namespace v0 {
namespace detail {

template <class T>
std::string encode(T const& value) {
  JsonWriter writer;
  writer.write(value);
  return std::move(writer).take();
}

template <class T>
std::string encode_masked(T const& value, FieldMask const& mask) {
  JsonWriter writer{mask};
  writer.write(value);
  return std::move(writer).take();
}

template <class T>
T decode(std::string_view text) {
  JsonDocument const document{text};
  T value{};
  read(document.root(), JsonPath{}, value);
  return value;
}

template <class T>
bool decode_response(std::string_view body, ResponseTo const& call, T& out) {
  if (is_blank(body)) {
    accept_blank(shape_of<T>, call);
    return true;
  }
  JsonDocument const document{body};
  auto const root = document.root();
  if (!accept(root, shape_of<T>, call)) return false;
  if (!root.is_null()) read(root, JsonPath{}, out);
  return true;
}

template <class T>
T decode_result(std::string_view response, std::string const& operation_name) {
  if (response.empty()) throw_no_result(operation_name);
  JsonDocument const document{response};
  if (!has_shape(document.root(), shape_of<T>)) throw_no_result(operation_name);
  try {
    T value{};
    read(document.root(), JsonPath{}, value);
    return value;
  } catch (ParseError const& error) {
    throw_misread_result(error, operation_name);
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase

#define LAKEBASE_INSTANTIATE_JSON(T)                                       \
  template LAKEBASE_EXPORT std::string lakebase::detail::encode(T const&); \
  template LAKEBASE_EXPORT T lakebase::detail::decode<T>(std::string_view);

// For models that a call returns.
#define LAKEBASE_INSTANTIATE_RESPONSE_JSON(T)                                                                 \
  template bool lakebase::detail::decode_response(std::string_view, lakebase::detail::ResponseTo const&, T&); \
  template LAKEBASE_EXPORT T lakebase::detail::decode_result<T>(std::string_view, std::string const&);

#define LAKEBASE_INSTANTIATE_MODEL_JSON(T) \
  LAKEBASE_INSTANTIATE_JSON(T)             \
  LAKEBASE_INSTANTIATE_RESPONSE_JSON(T)    \
  template std::string lakebase::detail::encode_masked(T const&, lakebase::FieldMask const&);
