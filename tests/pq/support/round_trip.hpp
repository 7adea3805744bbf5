#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/types.hpp>

#include "chance.hpp"
#include "local_postgres.hpp"
#include "same.hpp"

namespace lakebase::tests::round_trip {

template <class T>
bool same(std::optional<T> const& left, std::optional<T> const& right);

template <class T>
bool same(std::vector<T> const& left, std::vector<T> const& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](auto const& one, auto const& other) { return same(one, other); });
}

template <class T>
bool same(std::optional<T> const& left, std::optional<T> const& right) {
  return left.has_value() == right.has_value() && (!left || same(*left, *right));
}

template <class T>
std::string show(std::optional<T> const& value) {
  std::string text;
  if (!value) return "NULL";
  pq::TypeText<T>::write(*value, text);
  return text;
}

/// A row of the table that values are kept in.
template <class T>
struct Placed {
  int place = 0;
  std::optional<T> value{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("place", &Placed::place);
    field("value", &Placed::value);
  }
};

/// Sends random values of a type, and NULLs among them, to a server and reads them back: as parameters, arrays, COPY
/// and rows, in text and in binary.
class PgRoundTrip : public ::testing::Test {
 protected:
  template <class T, class Make>
  void round_trip(std::string const& type, Make&& make) {
    SCOPED_TRACE("seed " + std::to_string(chance.seed()));
    auto const start = std::chrono::steady_clock::now();
    std::vector<std::optional<T>> values(number_of_values());
    for (auto& value : values) {
      if (!chance.one_in(50)) value = make();
    }
    connection.exec("CREATE TEMP TABLE placed (place int, value " + type + ")");
    for (bool const binary : {false, true}) {
      SCOPED_TRACE(type + (binary ? " in binary" : " as text"));
      options_.binary_results = binary;
      as_parameters(type, values);
      if constexpr (!pq::detail::is_array<T>) {
        as_array(type, values);
        as_array_of_arrays(type, values);
      }
      by_copy(values);
      as_structs(values);
      as_composites(values);
      if (HasFailure()) return;
    }
    connection.exec("DROP TABLE placed");
    if (std::getenv("LAKEBASE_ROUND_TRIPS") == nullptr) return;
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - start;
    std::cout << values.size() << ' ' << type << " (" << pq::TypeText<T>::name << "): " << took.count() << " s\n";
  }

  pq::Connection connection = pq::connect(LocalPostgres::instance().source());
  Chance chance{};

 private:
  static std::size_t number_of_values() {
    auto const* const wanted = std::getenv("LAKEBASE_ROUND_TRIPS");
    return wanted == nullptr ? 1'000 : static_cast<std::size_t>(std::atoll(wanted));
  }

  static void differ(std::string const& value, std::string const& back) {
    ADD_FAILURE() << value << " became " << back;
  }

  // No assertion of the framework, which is much to compile for each type.
  template <class T>
  static bool agree(std::optional<T> const& back, std::optional<T> const& value) {
    bool const agreed = same(back, value);
    if (!agreed) differ(show(value), show(back));
    return agreed;
  }

  // One statement for many, as each costs a round trip.
  template <class T>
  void as_parameters(std::string const& type, std::vector<std::optional<T>> const& values) {
    SCOPED_TRACE("as parameters");
    constexpr std::size_t most = 500;
    std::string statement;
    std::size_t width = 0;
    for (std::size_t begin = 0; begin < values.size(); begin += most) {
      pq::Params params;
      for (std::size_t i = begin; i < std::min(begin + most, values.size()); ++i) params.add(values[i]);
      if (params.size() != width) {
        width = params.size();
        statement = "SELECT * FROM (VALUES ";
        for (std::size_t i = 1; i <= width; ++i) {
          statement += (i == 1 ? "($" : ", ($") + std::to_string(i) + "::" + type + ')';
        }
        statement += ") AS given (value)";
      }
      auto place = begin;
      for (auto const& [back] : connection.query<std::optional<T>>(statement, params, options_)) {
        if (!agree(back, values[place++])) return;
      }
      ASSERT_EQ(place, begin + width);
    }
  }

  template <class T>
  void as_array(std::string const& type, std::vector<std::optional<T>> const& values) {
    SCOPED_TRACE("in an array");
    auto const back =
        connection.query_value<std::vector<std::optional<T>>>("SELECT $1::" + type + "[]", {values}, options_);
    ASSERT_EQ(back.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!agree(back[i], values[i])) return;
  }

  template <class T>
  void as_array_of_arrays(std::string const& type, std::vector<std::optional<T>> const& values) {
    SCOPED_TRACE("in an array of arrays");
    using Arrays = std::vector<std::vector<std::optional<T>>>;
    Arrays all;
    for (std::size_t i = 0; i + 4 <= values.size(); i += 4) {
      auto const begin = values.begin() + static_cast<std::ptrdiff_t>(i);
      all.emplace_back(begin, begin + 4);
    }
    auto const back = connection.query_value<Arrays>("SELECT $1::" + type + "[]", {all}, options_);
    ASSERT_EQ(back.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(back[i].size(), 4U);
      for (std::size_t j = 0; j < 4; ++j)
        if (!agree(back[i][j], all[i][j])) return;
    }
  }

  template <class T>
  void by_copy(std::vector<std::optional<T>> const& values) {
    SCOPED_TRACE("by COPY");
    connection.exec("TRUNCATE placed");
    auto copy = connection.copy_in("COPY placed FROM STDIN");
    for (std::size_t i = 0; i < values.size(); ++i) copy.row(i, values[i]);
    EXPECT_EQ(copy.finish(), values.size());
    std::size_t count = 0;
    for (auto const& [place, back] :
         connection.stream("SELECT place, value FROM placed", {}, options_).rows<std::size_t, std::optional<T>>()) {
      ASSERT_LT(place, values.size());
      if (!agree(back, values[place])) return;
      ++count;
    }
    EXPECT_EQ(count, values.size());
  }

  template <class T>
  void as_structs(std::vector<std::optional<T>> const& values) {
    SCOPED_TRACE("in structs");
    connection.exec("TRUNCATE placed");
    std::vector<Placed<T>> rows;
    for (auto const& value : values) rows.push_back({.place = static_cast<int>(rows.size()), .value = value});
    EXPECT_EQ(connection.insert_rows("placed", rows), values.size());
    auto const back = connection.query<Placed<T>>("TABLE placed", {}, options_);
    ASSERT_EQ(static_cast<std::size_t>(back.size()), values.size());
    for (Placed<T> const& row : back) {
      if (!agree(row.value, values[static_cast<std::size_t>(row.place)])) return;
    }
  }

  template <class T>
  void as_composites(std::vector<std::optional<T>> const& values) {
    SCOPED_TRACE("in rows of one value");
    using Part = std::tuple<int, std::optional<T>>;
    std::vector<Part> rows;
    for (auto const& value : values) rows.emplace_back(static_cast<int>(rows.size()), value);
    auto const back = connection.query_value<std::vector<Part>>("SELECT $1::placed[]", {rows}, options_);
    ASSERT_EQ(back.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(std::get<0>(back[i]), std::get<0>(rows[i]));
      if (!agree(std::get<1>(back[i]), std::get<1>(rows[i]))) return;
    }
    for (pq::Row const& row : connection.exec("SELECT placed FROM placed", {}, options_)) {
      auto const [place, value] = row[0].as<Part>();
      if (!agree(value, values[static_cast<std::size_t>(place)])) return;
    }
  }

  pq::StatementOptions options_{};
};

}  // namespace lakebase::tests::round_trip
