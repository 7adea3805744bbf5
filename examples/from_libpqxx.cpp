// What programs do with libpqxx, done with lakebase::pq; docs/from-libpqxx.md shows the parts in brackets.
//
// Needs the project my-app, whose production branch it works on, in temporary tables.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stop_token>
#include <string>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

using namespace std::chrono_literals;
namespace pq = lakebase::pq;

namespace {

void work(pq::Connection& connection) {
  // [work]
  auto tx = connection.begin();  // pqxx::work tx{connection};
  tx.exec("CREATE TEMP TABLE orders (id int PRIMARY KEY, item text NOT NULL, price float8)");
  tx.exec("INSERT INTO orders VALUES ($1, $2, $3)", {1, "tea", 2.5});  // exec_params, or pqxx::params{…}
  tx.exec("INSERT INTO orders VALUES ($1, $2, $3)", {2, "milk", nullptr});
  tx.commit();

  int const count = connection.query_value<int>("SELECT count(*) FROM orders");
  auto const orders = connection.query<int, std::string, std::optional<double>>("SELECT * FROM orders ORDER BY id");
  for (auto const& [id, item, price] : orders) std::printf("%d %s %.2f\n", id, item.c_str(), price.value_or(0));
  // [work end]
  std::printf("%d orders\n", count);
}

void bulk(pq::Connection& connection) {
  // [bulk]
  auto copy = connection.copy_in("COPY orders FROM STDIN");  // stream_to
  copy.row(3, "sugar", 1.5);                                 // write_values
  copy.finish();

  // tx.stream<std::string>(…): one row in memory at a time
  for (auto const& [item] : connection.stream("SELECT item FROM orders").rows<std::string>())
    std::printf("%s\n", item.c_str());
  // [bulk end]
}

void errors(pq::Connection& connection) {
  // [errors]
  try {
    connection.exec("INSERT INTO orders VALUES (1, 'coffee', 3)");
  } catch (pq::UniqueViolation const& error) {  // pqxx::unique_violation
    std::printf("%s of %s: %s\n", error.constraint().c_str(), error.table().c_str(), error.pg().detail.c_str());
  } catch (pq::PgError const& error) {  // pqxx::sql_error
    std::printf("%s: %s\n", error.sqlstate().c_str(), error.what());
  }
  // [errors end]
}

void listen(pq::ConnectionSource const& source, pq::Connection& other) {
  std::stop_source stop;
  // [listen]
  pq::Listener listener{source};  // a connection of its own, and another one when that has ended
  listener.listen("orders");
  other.exec("SELECT pg_notify('orders', 'the fourth')");
  listener.run(
      [&](pq::Notification const& notification) {  // notification_receiver::operator()
        std::printf("%s: %s\n", notification.channel.c_str(), notification.payload.c_str());
        stop.request_stop();
      },
      [&](pq::NotificationGap const& gap) {  // what libpqxx does not tell: some may have been missed
        std::printf("read everything again: %s\n", gap.reason.c_str());
      },
      stop.get_token());
  // [listen end]
}

}  // namespace

int main() try {
  // [connect]
  lakebase::WorkspaceClient const w;
  pq::ConnectionSource const source = pq::source_for(w, "projects/my-app/branches/production");
  pq::Connection connection = pq::connect(source);  // pqxx::connection connection{"host=… password=…"};
  // [connect end]
  work(connection);
  bulk(connection);
  errors(connection);
  listen(source, connection);
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "from_libpqxx: %s\n", error.what());
  return EXIT_FAILURE;
}
