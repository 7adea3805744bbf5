// error: a Param is made of bool, a number, text, Bytes, nullptr or std::optional; see TypeText
// errors: 1
#include <variant>

#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Connection& connection, std::variant<int, bool> const& either) {
#ifdef WRONG
  connection.exec("SELECT $1", {either});
#else
  connection.exec("SELECT $1", {std::get<int>(either)});
#endif
}
