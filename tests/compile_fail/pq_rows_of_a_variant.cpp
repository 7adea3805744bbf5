// error: which of its types a std::variant holds is not guessed: read one of them, or specialise lakebase::pq::TypeText
// errors: 1
#include <variant>

#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Result const& result) {
#ifdef WRONG
  for (auto const& row : result.rows<std::variant<int, bool>>()) static_cast<void>(row);
#else
  for (auto const& row : result.rows<int>()) static_cast<void>(row);
#endif
}
