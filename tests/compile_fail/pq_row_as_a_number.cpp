// error: a row is read as a std::tuple, or as a struct whose `describe` lists its members and their columns
// errors: 1
#include <tuple>

#include <lakebase/pq/pq.hpp>

void read(lakebase::pq::Row const& row) {
#ifdef WRONG
  static_cast<void>(row.as<int>());
#else
  static_cast<void>(row.as<std::tuple<int> >());
#endif
}
