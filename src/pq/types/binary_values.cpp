#include <algorithm>
#include <limits>

#include <lakebase/pq/type_array.hpp>
#include <lakebase/pq/type_row.hpp>
#include <lakebase/pq/type_text.hpp>
#include <lakebase/pq/type_time.hpp>

#include "pq/types/binary_reader.hpp"
#include "pq/types/binary_time.hpp"
#include "pq/types/oids.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

template <class T>
T whole(std::string_view bytes) {
  BinaryReader reader{bytes};
  auto const value = reader.integer<T>();
  reader.end();
  return value;
}

}  // namespace

std::optional<std::int64_t> binary_integer(unsigned oid, std::string_view bytes) {
  switch (oid) {
    case oids::int2:
      return whole<std::int16_t>(bytes);
    case oids::int4:
      return whole<std::int32_t>(bytes);
    case oids::int8:
      return whole<std::int64_t>(bytes);
    case oids::oid:
      return static_cast<std::uint32_t>(whole<std::int32_t>(bytes));
    default:
      return std::nullopt;
  }
}

std::optional<bool> binary_bool(unsigned oid, std::string_view bytes) {
  if (oid != oids::boolean) return std::nullopt;
  return whole<signed char>(bytes) != 0;
}

std::optional<float> binary_float4(unsigned oid, std::string_view bytes) {
  if (oid != oids::float4) return std::nullopt;
  return std::bit_cast<float>(whole<std::int32_t>(bytes));
}

std::optional<double> binary_float8(unsigned oid, std::string_view bytes) {
  if (oid != oids::float8) return std::nullopt;
  return std::bit_cast<double>(whole<std::int64_t>(bytes));
}

std::optional<std::string_view> binary_text(unsigned oid, std::string_view bytes) noexcept {
  switch (oid) {
    case oids::letter:
    case oids::name:
    case oids::text:
    case oids::json:
    case oids::xml:
    case oids::unknown:
    case oids::bpchar:
    case oids::varchar:
      return bytes;
    case oids::jsonb:  // a version, and then the text
      if (!bytes.empty() && bytes.front() == 1) return bytes.substr(1);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> binary_instant(unsigned oid, std::string_view bytes) {
  if (oid != oids::timestamptz) return std::nullopt;
  return microseconds_since_1970(whole<std::int64_t>(bytes));
}

std::optional<std::int64_t> binary_wall_clock(unsigned oid, std::string_view bytes) {
  if (oid != oids::timestamp) return std::nullopt;
  return microseconds_since_1970(whole<std::int64_t>(bytes));
}

std::optional<std::int64_t> binary_date(unsigned oid, std::string_view bytes) {
  if (oid != oids::date) return std::nullopt;
  auto const days = whole<std::int32_t>(bytes);
  if (infinity_of(days) != Infinity::none) bad_text(it_is_infinite);
  return std::int64_t{days} + days_to_2000;
}

std::optional<BinaryArray> BinaryArray::of(unsigned oid, std::string_view bytes, std::size_t dimensions) {
  if (element_of_array(oid) == 0 && !is_user_type(oid)) return std::nullopt;
  BinaryReader reader{bytes};
  auto const count = reader.integer<std::int32_t>();
  reader.integer<std::int32_t>();  // whether there is a NULL
  BinaryArray array;
  array.element_type_ = static_cast<std::uint32_t>(reader.integer<std::int32_t>());
  if (count < 0 || static_cast<std::size_t>(count) > most_dimensions) bad_text("it is no array");
  std::size_t elements = 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    auto const size = reader.integer<std::int32_t>();
    reader.integer<std::int32_t>();  // the lower bound
    // Each element has its length in 4 bytes.
    if (size < 0 || static_cast<std::size_t>(size) > reader.rest().size() / 4 / elements) {
      bad_text("its bytes are cut short");
    }
    array.sizes_[i] = static_cast<std::size_t>(size);
    elements *= std::max<std::size_t>(array.sizes_[i], 1);
  }
  array.rest_ = reader.rest();
  // An empty array is one of any number of dimensions.
  if (count != 0 && static_cast<std::size_t>(count) != dimensions) {
    bad_text(static_cast<std::size_t>(count) > dimensions ? "it has more dimensions than that"
                                                          : "it has fewer dimensions than that");
  }
  return array;
}

std::optional<std::string_view> BinaryArray::next() {
  BinaryReader reader{rest_};
  auto const length = reader.integer<std::int32_t>();
  if (length < -1) bad_text("its bytes are cut short");
  ++values_;
  std::optional<std::string_view> element;
  if (length >= 0) element = reader.bytes(static_cast<std::size_t>(length));
  rest_ = reader.rest();
  return element;
}

void BinaryArray::rethrow(ParseError const& error) const {
  rethrow_of_array(error, values_);
}

void BinaryArray::end() const {
  BinaryReader{rest_}.end();
}

BinaryRow::BinaryRow(std::string_view bytes, std::size_t parts) {
  BinaryReader reader{bytes};
  auto const count = reader.integer<std::int32_t>();
  if (count < 0) bad_text("it is no row");
  if (static_cast<std::size_t>(count) < parts) bad_text("it has fewer parts than that");
  if (static_cast<std::size_t>(count) > parts) bad_text("it has more parts than that");
  rest_ = reader.rest();
}

std::optional<BinaryRow::Part> BinaryRow::next() {
  BinaryReader reader{rest_};
  auto const type = static_cast<std::uint32_t>(reader.integer<std::int32_t>());
  auto const length = reader.integer<std::int32_t>();
  if (length < -1) bad_text("its bytes are cut short");
  std::optional<Part> part;
  if (length >= 0) part = Part{type, reader.bytes(static_cast<std::size_t>(length))};
  rest_ = reader.rest();
  return part;
}

void BinaryRow::end() const {
  BinaryReader{rest_}.end();
}

bool is_row_type(unsigned oid) noexcept {
  return oid == oids::record || is_user_type(oid);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
