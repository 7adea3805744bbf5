// error: a char is a letter or a number: read std::string, or std::int8_t
// errors: 1
#include <cstdint>

#include <lakebase/pq/pq.hpp>

int read(lakebase::pq::Row const& row) {
#ifdef WRONG
  return row[0].as<char>();
#else
  return row[0].as<std::int8_t>();
#endif
}
