// error: a value is written as bool, a number, text, bytes, nullptr, or std::optional of one of these
// error: specialise lakebase::pq::TypeText for other types
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::CopyIn& copy, int const* number) {
#ifdef WRONG
  copy.row(1, number);
#else
  copy.row(1, *number);
#endif
}
