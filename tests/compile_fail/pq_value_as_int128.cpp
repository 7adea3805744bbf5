// error: a value is read as bool, a number, std::string
// errors: 1
// flags: -std=gnu++20
#include <lakebase/pq/pq.hpp>

void read(lakebase::pq::Row const& row) {
#ifdef WRONG
  static_cast<void>(row[0].as<__int128>());
#else
  static_cast<void>(row[0].as<long long>());
#endif
}
