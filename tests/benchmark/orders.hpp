#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// The rows that rows_benchmark reads and writes.

namespace lakebase::benchmarks {

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

inline constexpr auto all_orders = "SELECT id, item, price, paid, discount FROM orders";
inline constexpr auto order_by_key = "SELECT id, item, price, paid, discount FROM orders WHERE id = $1";

inline std::int64_t sum = 0;  // of what was read, so that nothing is left out

inline void add(Order const& order) {
  sum += order.id + static_cast<std::int64_t>(order.item.size()) + order.discount.value_or(0) + (order.paid ? 1 : 0) +
         static_cast<std::int64_t>(order.price);
}

/// The same work by another library; empty functions if that was not there when this was built. Each adds what it has
/// read.
struct Peer {
  /// Rows that have come already into structs.
  std::function<void()> convert{};
  /// A statement, and its rows into structs.
  std::function<void()> query{};
  /// The same without holding all rows at once.
  std::function<void()> stream{};
  /// Structs into the table `copied`.
  std::function<void(std::vector<Order> const&)> copy{};
  /// One row by a prepared statement.
  std::function<void(std::int64_t key)> look_up{};
};

}  // namespace lakebase::benchmarks
