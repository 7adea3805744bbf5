#include "benchmark/rows_by_libpqxx.hpp"

// Its headers read std::optional if told to; Debian's are built without.
#if !defined(PQXX_HAVE_OPTIONAL)
#define PQXX_HAVE_OPTIONAL 1
#endif

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <pqxx/pqxx>

#include <lakebase/pq/libpqxx.hpp>

namespace lakebase::benchmarks {
namespace {

// In the order of the columns, of the statement and of the tables.
using Values = std::tuple<std::int64_t, std::string, double, bool, std::optional<int>>;
std::vector<std::string> const columns{"id", "item", "price", "paid", "discount"};

Order order_of(pqxx::row const& row) {
  return {.id = row[0].as<std::int64_t>(),
          .item = row[1].as<std::string>(),
          .price = row[2].as<double>(),
          .paid = row[3].as<bool>(),
          .discount = row[4].get<int>()};
}

void add_all(pqxx::result const& rows) {
  for (auto const& row : rows) add(order_of(row));
}

struct Session {
  explicit Session(pq::ConnectionSource const& source) : connection(pq::pqxx_connect(source)) {
    connection.prepare("by key", order_by_key);
  }

  void stream() {
    pqxx::stream_from orders{statements, "orders"};  // with columns, 6.4.5 reads a member that it has not set
    Values values;
    while (orders >> values) {
      auto& [id, item, price, paid, discount] = values;
      add({.id = id, .item = std::move(item), .price = price, .paid = paid, .discount = discount});
    }
    orders.complete();
  }

  void copy(std::vector<Order> const& orders) {
    pqxx::stream_to copied{statements, "copied", columns};
    for (auto const& order : orders) {
      copied << std::tie(order.id, order.item, order.price, order.paid, order.discount);
    }
    copied.complete();
  }

  pqxx::connection connection;
  pqxx::nontransaction statements{connection};  // no BEGIN and COMMIT, which the others do without, too
};

}  // namespace

Peer rows_by_libpqxx(pq::ConnectionSource const& source) {
  auto const session = std::make_shared<Session>(source);
  return {.convert = [rows = session->statements.exec(all_orders)] { add_all(rows); },
          .query = [session] { add_all(session->statements.exec(all_orders)); },
          .stream = [session] { session->stream(); },
          .copy = [session](std::vector<Order> const& orders) { session->copy(orders); },
          .look_up = [session](std::int64_t key) { add(order_of(session->statements.exec_prepared1("by key", key))); }};
}

}  // namespace lakebase::benchmarks
