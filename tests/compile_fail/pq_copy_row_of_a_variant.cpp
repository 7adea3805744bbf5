// error: which of its types a std::variant holds is not guessed: write that, by std::visit, or specialise
// errors: 1
#include <variant>

#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::CopyIn& copy, std::variant<int, bool> const& either) {
#ifdef WRONG
  copy.row(1, either);
#else
  copy.row(1, std::get<int>(either));
#endif
}
