// error: a value is written as bool, a number, text
// errors: 1
// flags: -std=gnu++20
#include <vector>

#include <lakebase/pq/pq.hpp>

void write(lakebase::pq::CopyIn& copy) {
#ifdef WRONG
  copy.row(std::vector<__int128>{1});
#else
  copy.row(std::vector<long long>{1});
#endif
}
