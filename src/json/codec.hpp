#pragma once

#include <string>
#include <string_view>

#include <lakebase/json.hpp>

#include "json/masked.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

// The definitions behind to_json and from_json. Included only where they are instantiated.

namespace lakebase::inline v0::detail {

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

}  // namespace lakebase::inline v0::detail

#define LAKEBASE_INSTANTIATE_JSON(T)                                       \
  template LAKEBASE_EXPORT std::string lakebase::detail::encode(T const&); \
  template LAKEBASE_EXPORT T lakebase::detail::decode<T>(std::string_view);

#define LAKEBASE_INSTANTIATE_MODEL_JSON(T) \
  LAKEBASE_INSTANTIATE_JSON(T)             \
  template std::string lakebase::detail::encode_masked(T const&, lakebase::FieldMask const&);
