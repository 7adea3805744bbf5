// error: gives two members the same column
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

Pair read(lakebase::pq::Row const& row) {
  return row.as<Pair>();
}
