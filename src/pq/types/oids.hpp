#pragma once

#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// PostgreSQL's numbers of its own types, which are the same everywhere.
namespace oids {
inline constexpr unsigned boolean = 16, bytea = 17, letter = 18, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25,
                          oid = 26, json = 114, xml = 142, float4 = 700, float8 = 701, unknown = 705, bpchar = 1042,
                          varchar = 1043, date = 1082, time = 1083, timestamp = 1114, timestamptz = 1184,
                          interval = 1186, numeric = 1700, record = 2249, uuid = 2950, jsonb = 3802;
}  // namespace oids

/// PostgreSQL's name of one of its own types; empty for others, as a lookup would cost a statement.
std::string_view builtin_type(unsigned oid) noexcept;
/// PostgreSQL's numbers of one of its own types and of its arrays, by its name; 0 for others.
struct TypeNumbers {
  unsigned type = 0;
  unsigned array = 0;
};
TypeNumbers numbers_of(std::string_view name) noexcept;
/// The type of the elements of an array type; 0 if it is no array of a known type.
unsigned element_of_array(unsigned oid) noexcept;
/// The type of the bounds of a range type; 0 if it is no range of a known type.
unsigned bound_of_range(unsigned oid) noexcept;

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
