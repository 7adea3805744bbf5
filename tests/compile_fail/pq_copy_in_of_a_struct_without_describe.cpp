// error: rows are written from structs whose `describe` lists their members and their columns
// errors: 1
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Pair {
  int a = 0;
  int b = 0;
#ifndef WRONG
  static constexpr void describe(auto&& field) {
    field("a", &Pair::a);
    field("b", &Pair::b);
  }
#endif
};

void write(lakebase::pq::Connection& connection, std::vector<Pair> const& pairs) {
  connection.copy_in("pairs", pairs);
}
