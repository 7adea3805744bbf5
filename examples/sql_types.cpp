// Rows as structs, and types of SQL in types of C++; README.md and docs/sql-types.md show the parts in brackets.
//
//   sql_types [projects/my-app/branches/production]
//
// Works in temporary tables.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

namespace pq = lakebase::pq;
using namespace std::chrono_literals;

// [order]
struct Order {
  int id{};
  std::string item{};
  std::vector<std::string> tags{};                 // text[]
  std::optional<std::chrono::sys_days> shipped{};  // date, or NULL

  static constexpr void describe(auto&& column) {
    column("id", &Order::id);
    column("item", &Order::item);
    column("tags", &Order::tags);
    column("shipped", &Order::shipped);
  }
};
// [order end]

// [decimal]
struct Cents {
  std::int64_t count{};
};

template <>
struct pq::TypeText<Cents> {
  static constexpr std::string_view name = "Cents";   // in errors
  static constexpr std::string_view sql = "numeric";  // PostgreSQL's type
  static Cents read(std::string_view text) {
    auto const point = text.find('.');
    if (point == std::string_view::npos || text.size() != point + 3) pq::bad_text("it has not two decimal places");
    return {TypeText<std::int64_t>::read(std::string{text.substr(0, point)}.append(text.substr(point + 1)))};
  }
  static void write(Cents value, std::string& text) { text += std::to_string(value.count) + "e-2"; }
};
// [decimal end]

// [enum]
namespace shop {

enum class State { open, paid, sent };
constexpr auto enum_names(State) {
  return std::array<std::string_view, 3>{"open", "paid", "sent"};
}
constexpr std::string_view enum_sql(State) {
  return "order_state";
}  // left out for a column of type text

}  // namespace shop
// [enum end]

namespace {

void orders(pq::Connection& connection) {
  connection.exec("CREATE TEMP TABLE orders (id int PRIMARY KEY, item text, tags text[], shipped date)");
  // [rows]
  connection.insert_rows<Order>("orders", {{1, "tea", {"hot", "green"}, {}}, {2, "milk", {}, 2026y / 11 / 26}});

  for (Order const& order : connection.query<Order>("SELECT * FROM orders WHERE id < $1", {10}))
    std::printf("%d: %s, %zu tags\n", order.id, order.item.c_str(), order.tags.size());

  for (auto const& [id, item] : connection.query<int, std::string>("SELECT id, item FROM orders"))
    std::printf("%d: %s\n", id, item.c_str());

  std::optional<Order> const third = connection.query_optional<Order>("SELECT * FROM orders WHERE id = 3");
  int const count = connection.query_value<int>("SELECT count(*) FROM orders");
  // [rows end]
  std::printf("%d orders, %s third one\n", count, third ? "a" : "no");
  // [violation]
  try {
    connection.insert_rows<Order>("orders", {{1, "coffee"}});
  } catch (pq::UniqueViolation const& error) {
    std::printf("there already: %s\n", error.constraint().c_str());  // orders_pkey
  }
  // [violation end]
}

void types(pq::Connection& connection) {
  connection.exec("CREATE TYPE pg_temp.order_state AS ENUM ('open', 'paid', 'sent')");
  connection.exec("CREATE TEMP TABLE bills (price numeric(10, 2), state pg_temp.order_state)");
  // [own_types]
  connection.exec("INSERT INTO bills VALUES ($1, $2)", {Cents{1999}, shop::State::paid});
  auto const [price, state] = connection.query_one<Cents, shop::State>("SELECT price, state FROM bills");
  // [own_types end]
  std::printf("%lld cents, %s\n", static_cast<long long>(price.count),
              state == shop::State::paid ? "paid" : "not paid");
}

}  // namespace

int main(int count, char** arguments) try {
  lakebase::WorkspaceClient const w;
  auto connection = pq::connect(pq::source_for(w, count > 1 ? arguments[1] : "projects/my-app/branches/production"));
  orders(connection);
  types(connection);
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "sql_types: %s\n", error.what());
  return EXIT_FAILURE;
}
