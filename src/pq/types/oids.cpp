#include "pq/types/oids.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

struct Type {
  unsigned oid;
  unsigned array;
  std::string_view name;
};

constexpr Type types[] = {{16, 1000, "bool"},
                          {17, 1001, "bytea"},
                          {18, 1002, "char"},
                          {19, 1003, "name"},
                          {20, 1016, "int8"},
                          {21, 1005, "int2"},
                          {23, 1007, "int4"},
                          {25, 1009, "text"},
                          {26, 1028, "oid"},
                          {114, 199, "json"},
                          {142, 143, "xml"},
                          {700, 1021, "float4"},
                          {701, 1022, "float8"},
                          {790, 791, "money"},
                          {869, 1041, "inet"},
                          {1042, 1014, "bpchar"},
                          {1043, 1015, "varchar"},
                          {1082, 1182, "date"},
                          {1083, 1183, "time"},
                          {1114, 1115, "timestamp"},
                          {1184, 1185, "timestamptz"},
                          {1186, 1187, "interval"},
                          {1266, 1270, "timetz"},
                          {1700, 1231, "numeric"},
                          {2249, 2287, "record"},
                          {2950, 2951, "uuid"},
                          {3802, 3807, "jsonb"},
                          {3904, 3905, "int4range"},
                          {3906, 3907, "numrange"},
                          {3908, 3909, "tsrange"},
                          {3910, 3911, "tstzrange"},
                          {3912, 3913, "daterange"},
                          {3926, 3927, "int8range"},
                          // Arrays, with which nothing is to be done but to be named.
                          {1000, 0, "bool[]"},
                          {1001, 0, "bytea[]"},
                          {1005, 0, "int2[]"},
                          {1007, 0, "int4[]"},
                          {1009, 0, "text[]"},
                          {1016, 0, "int8[]"},
                          {1021, 0, "float4[]"},
                          {1022, 0, "float8[]"},
                          {1115, 0, "timestamp[]"},
                          {1182, 0, "date[]"},
                          {1183, 0, "time[]"},
                          {1185, 0, "timestamptz[]"},
                          {1187, 0, "interval[]"},
                          {1231, 0, "numeric[]"},
                          {2951, 0, "uuid[]"},
                          {3807, 0, "jsonb[]"}};

}  // namespace

std::string_view builtin_type(unsigned oid) noexcept {
  for (auto const& type : types) {
    if (type.oid == oid) return type.name;
  }
  return {};
}

TypeNumbers numbers_of(std::string_view name) noexcept {
  for (auto const& type : types) {
    if (type.name == name) return {type.oid, type.array};
  }
  return {};
}

unsigned element_of_array(unsigned oid) noexcept {
  for (auto const& type : types) {
    if (type.array == oid && oid != 0) return type.oid;
  }
  return 0;
}

unsigned bound_of_range(unsigned oid) noexcept {
  switch (oid) {
    case 3904:
      return oids::int4;
    case 3906:
      return oids::numeric;
    case 3908:
      return oids::timestamp;
    case 3910:
      return oids::timestamptz;
    case 3912:
      return oids::date;
    case 3926:
      return oids::int8;
    default:
      return 0;
  }
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
