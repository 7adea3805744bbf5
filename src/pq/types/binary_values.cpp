#include <limits>

#include <lakebase/pq/type_array.hpp>
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

std::optional<BinaryArray> BinaryArray::of(unsigned oid, std::string_view bytes) {
  if (element_of_array(oid) == 0) return std::nullopt;
  BinaryReader reader{bytes};
  auto const dimensions = reader.integer<std::int32_t>();
  reader.integer<std::int32_t>();  // whether there is a NULL
  auto const type = static_cast<std::uint32_t>(reader.integer<std::int32_t>());
  if (dimensions == 0) {
    reader.end();
    return BinaryArray{type, 0, {}};
  }
  if (dimensions != 1) return std::nullopt;
  auto const size = reader.integer<std::int32_t>();
  reader.integer<std::int32_t>();  // the lower bound
  // Each element has its length in 4 bytes.
  if (size < 0 || static_cast<std::size_t>(size) > reader.rest().size() / 4) bad_text("its bytes are cut short");
  return BinaryArray{type, static_cast<std::size_t>(size), reader.rest()};
}

std::optional<std::string_view> BinaryArray::next() {
  BinaryReader reader{rest_};
  auto const length = reader.integer<std::int32_t>();
  if (length < -1) bad_text("its bytes are cut short");
  std::optional<std::string_view> element;
  if (length >= 0) element = reader.bytes(static_cast<std::size_t>(length));
  rest_ = reader.rest();
  return element;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
