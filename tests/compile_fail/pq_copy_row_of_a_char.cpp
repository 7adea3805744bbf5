// error: a char is a letter or a number: write std::string, or std::int8_t
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::CopyIn& copy, char letter) {
#ifdef WRONG
  copy.row(1, letter);
#else
  copy.row(1, std::string{letter});
#endif
}
