// error: which of its types a std::variant holds is not guessed
// errors: 1
#include <string>
#include <variant>

#include <lakebase/pq/pq.hpp>

void read(lakebase::pq::Row const& row) {
#ifdef WRONG
  static_cast<void>(row[0].as<std::variant<int, std::string>>());
#else
  static_cast<void>(row[0].as<std::string>());
#endif
}
