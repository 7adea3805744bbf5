// How fast values become C++ and go back, each figure beside bare libpq with conversions by hand, and beside libpqxx 6
// if that was there when this was built, in the same run:
//   - 1,000,000 rows of five columns into structs: at most 1.2 x libpq, with the statement and without it;
//   - 1,000,000 structs into a table by COPY: at most 1.2 x;
//   - a row looked up by its key: at most 1.05 x;
//   - the same rows in binary: what that gains.
//
//   rows_benchmark [rows, default 1000000]

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include <lakebase/pq/pq.hpp>

#include "benchmark/bare_libpq.hpp"
#include "benchmark/orders.hpp"
#include "benchmark/rows_by_libpqxx.hpp"
#include "pq/support/local_postgres.hpp"

namespace {

using namespace lakebase::benchmarks;
using namespace lakebase::pq;

Order order_by_hand(PGresult const* result, int row) {
  Order order;
  order.id = number<std::int64_t>(PQgetvalue(result, row, 0));
  order.item.assign(PQgetvalue(result, row, 1), static_cast<std::size_t>(PQgetlength(result, row, 1)));
  order.price = number<double>(PQgetvalue(result, row, 2));
  order.paid = *PQgetvalue(result, row, 3) == 't';
  if (PQgetisnull(result, row, 4) == 0) order.discount = number<int>(PQgetvalue(result, row, 4));
  return order;
}

struct Task {
  char const* what;
  double limit = 0;  // of the time by hand; 0: none
  int turns = 5;
};

// The least of several readings of each, taken in turn, so that a busy machine hurts all alike.
void compare(Task const& task, auto&& ours, auto&& by_hand, std::function<void()> const& by_libpqxx = {}) {
  double our_time = 1e9;
  double hand_time = 1e9;
  double libpqxx_time = 1e9;
  for (int turn = 0; turn < task.turns; ++turn) {
    hand_time = std::min(hand_time, seconds_of(by_hand));
    our_time = std::min(our_time, seconds_of(ours));
    if (by_libpqxx) libpqxx_time = std::min(libpqxx_time, seconds_of(by_libpqxx));
  }
  std::printf("%-40s %8.1f ms; libpq by hand %8.1f ms: %.2f x", task.what, our_time * 1e3, hand_time * 1e3,
              our_time / hand_time);
  if (task.limit > 0) std::printf(" (limit %.2f)", task.limit);
  if (by_libpqxx) std::printf("; libpqxx %8.1f ms: %.2f x", libpqxx_time * 1e3, our_time / libpqxx_time);
  std::printf("\n");
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Medians of many short readings in turn: a call that waits for the server differs by more from one second to the next
// than the two ways to make it do.
void compare_calls(char const* what, double limit, auto&& ours, auto&& by_hand,
                   std::function<void()> const& by_libpqxx) {
  constexpr int readings = 200;
  constexpr int calls = 100;
  auto const time_of = [](auto const& call) {
    return seconds_of([&] {
             for (int i = 0; i < calls; ++i) call();
           }) /
           calls;
  };
  std::vector<double> our_times;
  std::vector<double> hand_times;
  std::vector<double> libpqxx_times;
  for (int i = 0; i < readings; ++i) {
    if (i % 2 == 0) our_times.push_back(time_of(ours));
    hand_times.push_back(time_of(by_hand));
    if (i % 2 != 0) our_times.push_back(time_of(ours));
    if (by_libpqxx) libpqxx_times.push_back(time_of(by_libpqxx));
  }
  auto const our_time = median(our_times);
  auto const hand_time = median(hand_times);
  std::printf("%-40s %8.1f us; libpq by hand %8.1f us: %.3f x (limit %.2f)", what, our_time * 1e6, hand_time * 1e6,
              our_time / hand_time, limit);
  if (by_libpqxx) {
    auto const libpqxx_time = median(libpqxx_times);
    std::printf("; libpqxx %8.1f us: %.2f x", libpqxx_time * 1e6, our_time / libpqxx_time);
  }
  std::printf("\n");
  std::fflush(stdout);
}

void read_rows(Connection& connection, Peer const& libpqxx) {
  auto* const bare = connection.native();
  auto const result = connection.exec(all_orders);
  compare(
      {"rows into structs, without the statement", 1.2},
      [&] {
        for (Order const& order : result.rows<Order>()) add(order);
      },
      [&] {
        for (int row = 0; row < PQntuples(result.native()); ++row) add(order_by_hand(result.native(), row));
      },
      libpqxx.convert);
  auto const by_hand = [&] {
    auto const all = checked(bare, PQexec(bare, all_orders), PGRES_TUPLES_OK);
    for (int row = 0; row < PQntuples(all.get()); ++row) add(order_by_hand(all.get(), row));
  };
  compare(
      {"rows into structs, with the statement", 1.2},
      [&] {
        for (Order const& order : connection.query<Order>(all_orders)) add(order);
      },
      by_hand, libpqxx.query);
  compare(
      {"the same in binary"},
      [&] {
        for (Order const& order : connection.query<Order>(all_orders, {}, {.binary_results = true})) add(order);
      },
      by_hand);
  compare(
      {"rows of a stream into structs"},
      [&] {
        for (Order const& order : connection.stream(all_orders).rows<Order>()) add(order);
      },
      by_hand, libpqxx.stream);
}

// For what by hand knows to have no character that needs an escape.
void copy_by_hand(PGconn* connection, std::vector<Order> const& orders) {
  checked(connection, PQexec(connection, "COPY copied (id, item, price, paid, discount) FROM STDIN"), PGRES_COPY_IN);
  std::string buffer;
  char digits[64];
  auto const append = [&](auto value) {
    buffer.append(digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, value).ptr - digits));
  };
  auto const send = [&] {
    if (PQputCopyData(connection, buffer.data(), static_cast<int>(buffer.size())) != 1)
      throw std::runtime_error("COPY");
    buffer.clear();
  };
  for (auto const& order : orders) {
    append(order.id);
    buffer += '\t';
    for (char const letter : order.item) {
      if (letter == '\\' || letter == '\t' || letter == '\n' || letter == '\r') throw std::runtime_error("escape");
      buffer += letter;
    }
    buffer += '\t';
    append(order.price);
    buffer += order.paid ? "\tt\t" : "\tf\t";
    if (order.discount) {
      append(*order.discount);
    } else {
      buffer += "\\N";
    }
    buffer += '\n';
    if (buffer.size() >= 65'536) send();
  }
  send();
  if (PQputCopyEnd(connection, nullptr) != 1) throw std::runtime_error("COPY");
  checked(connection, PQgetResult(connection), PGRES_COMMAND_OK);
  while (auto* const result = PQgetResult(connection)) PQclear(result);
}

void copy_rows(Connection& connection, Peer const& libpqxx) {
  std::vector<Order> orders;
  for (Order const& order : connection.query<Order>(all_orders)) orders.push_back(order);
  connection.exec("CREATE UNLOGGED TABLE copied (LIKE orders) WITH (autovacuum_enabled = off)");
  auto const empty = [&] { connection.exec("TRUNCATE copied"); };
  auto const by_hand = [&] {
    empty();
    copy_by_hand(connection.native(), orders);
  };
  std::function<void()> by_libpqxx;
  if (libpqxx.copy) {
    by_libpqxx = [&] {
      empty();
      libpqxx.copy(orders);
    };
  }
  compare(
      {"structs by COPY", 1.2, 3},
      [&] {
        empty();
        sum += static_cast<std::int64_t>(connection.copy_in<Order>("copied", orders));
      },
      by_hand, by_libpqxx);
  compare(
      {"structs by INSERT, the others by COPY", 0, 1},
      [&] {
        empty();
        sum += static_cast<std::int64_t>(connection.insert_rows<Order>("copied", orders));
      },
      by_hand, by_libpqxx);
}

void look_up(Connection& connection, Peer const& libpqxx, int rows) {
  connection.prepare("by key", order_by_key);
  auto* const bare = connection.native();
  std::int64_t key = 0;
  auto const next_key = [&] { return key = (key + 7919) % rows; };
  auto const ours = [&] { add(connection.exec_prepared("by key", {next_key()})[0].as<Order>()); };
  auto const by_hand = [&] {
    auto const text = std::to_string(next_key());
    char const* const values[] = {text.c_str()};
    auto const result = checked(bare, PQexecPrepared(bare, "by key", 1, values, nullptr, nullptr, 0), PGRES_TUPLES_OK);
    add(order_by_hand(result.get(), 0));
  };
  std::function<void()> by_libpqxx;
  if (libpqxx.look_up) by_libpqxx = [&] { libpqxx.look_up(next_key()); };
  compare_calls("a row by key", 1.05, ours, by_hand, by_libpqxx);
}

Peer peer([[maybe_unused]] ConnectionSource const& source) {
#if defined(LAKEBASE_WITH_LIBPQXX)
  return rows_by_libpqxx(source);
#else
  std::printf("libpqxx 6 was not found when this was built: no figures of it\n");
  return {};
#endif
}

}  // namespace

int main(int count, char** arguments) try {
  int const rows = count > 1 ? std::atoi(arguments[1]) : 1'000'000;
  auto const source = lakebase::tests::LocalPostgres::instance().source();
  auto connection = connect(source);
  // Tables that other connections see, and that nobody else works on meanwhile.
  connection.exec(
      "CREATE UNLOGGED TABLE orders (id int8 PRIMARY KEY, item text, price float8, paid bool, discount int4)"
      " WITH (autovacuum_enabled = off)");
  connection.exec(
      "INSERT INTO orders SELECT g, 'item ' || g, g / 7.0, g % 2 = 0, nullif(g % 10, 0) FROM generate_series(0, $1) g",
      {rows - 1});
  connection.exec("VACUUM ANALYZE orders");
  auto const libpqxx = peer(source);
  look_up(connection, libpqxx, rows);
  read_rows(connection, libpqxx);
  copy_rows(connection, libpqxx);
  return sum == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "rows_benchmark: %s\n", error.what());
  return EXIT_FAILURE;
}
