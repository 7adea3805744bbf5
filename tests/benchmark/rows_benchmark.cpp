// How fast values become C++ and go back, each figure beside bare libpq with conversions by hand, in the same run:
//   - 1,000,000 rows of five columns into structs: at most 1.2 x, with the statement and without it;
//   - 1,000,000 structs into a table by COPY: at most 1.2 x;
//   - a row looked up by its key: at most 1.05 x;
//   - the same rows in binary, and an array of 1,000 numbers as parameter and as result, in text and in binary: what
//     each gains.
//
//   rows_benchmark [rows, default 1000000]

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include <lakebase/pq/pq.hpp>

#include "pq/support/local_postgres.hpp"

namespace {

using namespace lakebase::pq;
using Clock = std::chrono::steady_clock;

struct Order {
  std::int64_t id = 0;
  std::string item{};
  double price = 0;
  bool paid = false;
  std::optional<int> discount{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Order::id);
    field("item", &Order::item);
    field("price", &Order::price);
    field("paid", &Order::paid);
    field("discount", &Order::discount);
  }
};

constexpr auto all_orders = "SELECT id, item, price, paid, discount FROM orders";

struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using BareResult = std::unique_ptr<PGresult, Clear>;

BareResult checked(PGconn* connection, PGresult* result, ExecStatusType wanted) {
  BareResult owned{result};
  if (PQresultStatus(result) != wanted) throw std::runtime_error(PQerrorMessage(connection));
  return owned;
}

template <class T>
T number(char const* text) {
  T value{};
  auto const [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc{} || *end != '\0') throw std::runtime_error("no number");
  return value;
}

Order order_by_hand(PGresult const* result, int row) {
  Order order;
  order.id = number<std::int64_t>(PQgetvalue(result, row, 0));
  order.item.assign(PQgetvalue(result, row, 1), static_cast<std::size_t>(PQgetlength(result, row, 1)));
  order.price = number<double>(PQgetvalue(result, row, 2));
  order.paid = *PQgetvalue(result, row, 3) == 't';
  if (PQgetisnull(result, row, 4) == 0) order.discount = number<int>(PQgetvalue(result, row, 4));
  return order;
}

double seconds_of(auto&& action) {
  auto const start = Clock::now();
  action();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The least of several readings of both, taken in turn, so that a busy machine hurts both alike.
void compare(char const* what, double limit, auto&& ours, auto&& theirs, int turns = 5) {
  double our_time = 1e9;
  double their_time = 1e9;
  for (int turn = 0; turn < turns; ++turn) {
    their_time = std::min(their_time, seconds_of(theirs));
    our_time = std::min(our_time, seconds_of(ours));
  }
  std::printf("%-44s %8.1f ms, by hand %8.1f ms: %.2f x", what, our_time * 1e3, their_time * 1e3,
              our_time / their_time);
  if (limit > 0) std::printf(" (limit %.2f)", limit);
  std::printf("\n");
  std::fflush(stdout);
}

std::int64_t sum = 0;  // of what was read, so that nothing is left out

void add(Order const& order) {
  sum += order.id + static_cast<std::int64_t>(order.item.size()) + order.discount.value_or(0) + (order.paid ? 1 : 0) +
         static_cast<std::int64_t>(order.price);
}

void read_rows(Connection& connection) {
  auto* const bare = connection.native();
  auto const result = connection.exec(all_orders);
  compare(
      "rows into structs, without the statement", 1.2,
      [&] {
        for (Order const& order : result.rows<Order>()) add(order);
      },
      [&] {
        for (int row = 0; row < PQntuples(result.native()); ++row) add(order_by_hand(result.native(), row));
      });
  auto const by_hand = [&] {
    auto const all = checked(bare, PQexec(bare, all_orders), PGRES_TUPLES_OK);
    for (int row = 0; row < PQntuples(all.get()); ++row) add(order_by_hand(all.get(), row));
  };
  compare(
      "rows into structs, with the statement", 1.2,
      [&] {
        for (Order const& order : connection.query<Order>(all_orders)) add(order);
      },
      by_hand);
  compare(
      "the same in binary", 0,
      [&] {
        for (Order const& order : connection.query<Order>(all_orders, {}, {.binary_results = true})) add(order);
      },
      by_hand);
  compare(
      "rows of a stream into structs", 0,
      [&] {
        for (Order const& order : connection.stream(all_orders).rows<Order>()) add(order);
      },
      by_hand);
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

void copy_rows(Connection& connection) {
  std::vector<Order> orders;
  for (Order const& order : connection.query<Order>(all_orders)) orders.push_back(order);
  connection.exec("CREATE TEMP TABLE copied (LIKE orders)");
  auto const empty = [&] { connection.exec("TRUNCATE copied"); };
  compare(
      "structs by COPY", 1.2,
      [&] {
        empty();
        sum += static_cast<std::int64_t>(connection.copy_in<Order>("copied", orders));
      },
      [&] {
        empty();
        copy_by_hand(connection.native(), orders);
      },
      3);
  compare(
      "structs by INSERT", 0,
      [&] {
        empty();
        sum += static_cast<std::int64_t>(connection.insert_rows<Order>("copied", orders));
      },
      [&] {
        empty();
        copy_by_hand(connection.native(), orders);
      },
      1);
}

void look_up(Connection& connection, int rows) {
  auto const sql = "SELECT id, item, price, paid, discount FROM orders WHERE id = $1";
  connection.prepare("by key", sql);
  auto* const bare = connection.native();
  std::int64_t key = 0;
  auto const next_key = [&] { return key = (key + 7919) % rows; };
  auto const ours = [&] {
    for (int i = 0; i < 5000; ++i) add(connection.exec_prepared("by key", {next_key()})[0].as<Order>());
  };
  auto const theirs = [&] {
    for (int i = 0; i < 5000; ++i) {
      auto const text = std::to_string(next_key());
      char const* const values[] = {text.c_str()};
      auto const result =
          checked(bare, PQexecPrepared(bare, "by key", 1, values, nullptr, nullptr, 0), PGRES_TUPLES_OK);
      add(order_by_hand(result.get(), 0));
    }
  };
  compare("5000 rows by key", 1.05, ours, theirs, 9);
}

void arrays(Connection& connection) {
  std::vector<int> numbers(1000);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int>(i * 2'654'435'761U);
  std::vector<double> fractions(1000);
  for (std::size_t i = 0; i < fractions.size(); ++i) fractions[i] = numbers[i] / 7.0;
  auto const time = [&](char const* what, auto const& values, char const* type, bool binary) {
    using Values = std::remove_cvref_t<decltype(values)>;
    auto const sql = std::string{"SELECT $1::"} + type + "[]";
    double least = 1e9;
    for (int turn = 0; turn < 5; ++turn) {
      least = std::min(least, seconds_of([&] {
                         for (int i = 0; i < 200; ++i) {
                           sum += static_cast<std::int64_t>(
                               connection.query_value<Values>(sql, {values}, {.binary_results = binary}).size());
                         }
                       }));
    }
    std::printf("%-44s %8.1f us\n", what, least * 1e6 / 200);
  };
  time("1000 ints there and back, text", numbers, "int4", false);
  time("1000 ints there and back, binary results", numbers, "int4", true);
  time("1000 doubles there and back, text", fractions, "float8", false);
  time("1000 doubles there and back, binary results", fractions, "float8", true);
}

}  // namespace

int main(int count, char** arguments) try {
  int const rows = count > 1 ? std::atoi(arguments[1]) : 1'000'000;
  auto connection = connect(lakebase::tests::LocalPostgres::instance().source());
  connection.exec("CREATE TEMP TABLE orders (id int8 PRIMARY KEY, item text, price float8, paid bool, discount int4)");
  connection.exec(
      "INSERT INTO orders SELECT g, 'item ' || g, g / 7.0, g % 2 = 0, nullif(g % 10, 0) FROM generate_series(0, $1) g",
      {rows - 1});
  connection.exec("ANALYZE orders");
  look_up(connection, rows);
  arrays(connection);
  read_rows(connection);
  copy_rows(connection);
  return sum == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "rows_benchmark: %s\n", error.what());
  return EXIT_FAILURE;
}
