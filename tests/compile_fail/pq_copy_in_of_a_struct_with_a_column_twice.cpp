// error: gives two members the same column
// errors: 1
#include <vector>

#include <lakebase/pq/pq.hpp>

struct Pair {
  int a = 0;
  int b = 0;
  template <class Field>
  static constexpr void describe(Field&& field) {
    field("a", &Pair::a);
#ifdef WRONG
    field("a", &Pair::b);
#else
    field("b", &Pair::b);
#endif
  }
};

void write(lakebase::pq::Connection& connection, std::vector<Pair> const& pairs) {
  connection.copy_in("pairs", pairs);
}
