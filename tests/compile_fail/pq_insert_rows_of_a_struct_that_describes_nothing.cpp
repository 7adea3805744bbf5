// error: lists no member
// errors: 1
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Pair {
  int a = 0;
  static constexpr void describe([[maybe_unused]] auto&& field) {
#ifndef WRONG
    field("a", &Pair::a);
#endif
  }
};

void write(lakebase::pq::Connection& connection, std::vector<Pair> const& pairs) {
  connection.insert_rows("pairs", pairs);
}
