// Values that libpqxx writes are read here, and the other way round.

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <pqxx/pqxx>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/libpqxx.hpp>

#include "support/chance.hpp"
#include "support/local_postgres.hpp"
#include "support/same.hpp"

namespace lakebase::tests::libpqxx_values {

using round_trip::same;
using namespace lakebase::pq;

template <class T>
struct Placed {
  int place = 0;
  T value{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("place", &Placed::place);
    field("value", &Placed::value);
  }
};

namespace {

constexpr int number_of_values = 300;

class LibpqxxValues : public ::testing::Test {
 protected:
  template <class T, class Make>
  void both_ways(std::string const& type, Make&& make) {
    SCOPED_TRACE(type + ", seed " + std::to_string(chance.seed()));
    std::vector<Placed<T>> rows;
    for (int i = 0; i < number_of_values; ++i) rows.push_back({.place = i, .value = make()});
    connection_.exec("CREATE TABLE written (place int, value " + type + ")");
    with_pqxx(source_, [&](pqxx::connection& theirs) {
      pqxx::work tx{theirs};
      auto const insert = "INSERT INTO written VALUES ($1, $2::" + type + ')';
      for (auto const& row : rows) tx.exec_params(insert, row.place, row.value);
      tx.commit();
    });
    for (bool const binary : {false, true}) {
      auto const back = connection_.query<Placed<T>>("TABLE written ORDER BY place", {}, {.binary_results = binary});
      ASSERT_EQ(back.size(), number_of_values);
      for (auto const& [place, value] : back) {
        ASSERT_TRUE(same(value, rows[static_cast<std::size_t>(place)].value)) << "value " << place << " of libpqxx";
      }
    }
    connection_.exec("TRUNCATE written");
    connection_.copy_in("written", rows);
    with_pqxx(source_, [&](pqxx::connection& theirs) {
      pqxx::work tx{theirs};
      auto const back = tx.exec("SELECT place, value FROM written");
      ASSERT_EQ(static_cast<int>(back.size()), number_of_values);
      for (auto const& row : back) {
        auto const place = row[0].as<std::size_t>();
        ASSERT_TRUE(same(row[1].as<T>(), rows[place].value)) << "value " << place << " of ours";
      }
    });
    connection_.exec("DROP TABLE written");
  }

  round_trip::Chance chance{};
  ConnectionSource source_ = LocalPostgres::instance().source();
  Connection connection_ = connect(source_);
};

TEST_F(LibpqxxValues, OfNumbersAreTheSame) {
  both_ways<bool>("bool", [&] { return chance.one_in(2); });
  both_ways<short>("int2", [&] { return chance.integer<short>(); });
  both_ways<unsigned short>("int4", [&] { return chance.integer<unsigned short>(); });
  both_ways<int>("int4", [&] { return chance.integer<int>(); });
  both_ways<unsigned>("int8", [&] { return chance.integer<unsigned>(); });
  both_ways<long>("int8", [&] { return chance.integer<long>(); });
  both_ways<long long>("int8", [&] { return chance.integer<long long>(); });
  both_ways<unsigned long long>("numeric", [&] { return static_cast<unsigned long long>(chance.bits()); });
  both_ways<float>("float4", [&] {
    auto const value = std::bit_cast<float>(static_cast<std::uint32_t>(chance.bits()));
    return std::fpclassify(value) == FP_SUBNORMAL ? 0.1F : value;
  });
  both_ways<double>("float8", [&] {
    auto const value = std::bit_cast<double>(chance.bits());
    return std::fpclassify(value) == FP_SUBNORMAL ? 0.1 : value;
  });
}

TEST_F(LibpqxxValues, OfTextAreTheSame) {
  both_ways<std::string>("text", [&] { return chance.text(); });
}

#if PQXX_VERSION_MAJOR == 6

TEST_F(LibpqxxValues, OfBytesAndNullAreTheSame) {
  connection_.exec("CREATE TABLE bytes (place int, value bytea)");
  std::vector<std::string> all;
  for (int i = 0; i < number_of_values; ++i) {
    auto& bytes = all.emplace_back();
    for (auto count = chance.bits() % 20; count > 0; --count) bytes += static_cast<char>(chance.bits());
  }
  auto const place_of = [](auto const& row) { return row[0].template as<std::size_t>(); };
  with_pqxx(source_, [&](pqxx::connection& theirs) {
    pqxx::work tx{theirs};
    for (std::size_t i = 0; i < all.size(); ++i) {
      tx.exec_params("INSERT INTO bytes VALUES ($1, $2)", i, pqxx::binarystring{all[i]});
    }
    tx.exec_params("INSERT INTO bytes VALUES ($1, $2)", all.size(), nullptr);
    tx.commit();
  });
  for (auto const& [place, value] :
       connection_.query<std::size_t, std::optional<std::vector<std::byte>>>("TABLE bytes")) {
    ASSERT_EQ(value.has_value(), place < all.size());
    if (value) {
      ASSERT_EQ(Param{*value}.text(), all[place]);
    }
  }
  connection_.exec("TRUNCATE bytes");
  for (std::size_t i = 0; i < all.size(); ++i) {
    connection_.exec("INSERT INTO bytes VALUES ($1, $2)", {i, Bytes{all[i]}});
  }
  connection_.exec("INSERT INTO bytes VALUES ($1, $2)", {all.size(), nullptr});
  with_pqxx(source_, [&](pqxx::connection& theirs) {
    pqxx::work tx{theirs};
    for (auto const& row : tx.exec("SELECT place, value FROM bytes")) {
      ASSERT_EQ(row[1].is_null(), place_of(row) == all.size());
      if (!row[1].is_null()) {
        ASSERT_EQ(pqxx::binarystring{row[1]}.str(), all[place_of(row)]);
      }
    }
  });
}

TEST_F(LibpqxxValues, OfArraysAreTheSame) {
  using Texts = std::vector<std::optional<std::string>>;
  Texts texts;
  for (int i = 0; i < number_of_values; ++i) {
    if (chance.one_in(5)) {
      texts.emplace_back();
    } else {
      // The parser of 6.4.5 takes an apostrophe at the beginning for a quote.
      auto text = chance.text();
      if (text.starts_with('\'')) text.insert(0, "a");
      texts.emplace_back(std::move(text));
    }
  }
  auto const array = connection_.query_value<std::string>("SELECT $1::text[]", {texts});
  // libpqxx reads arrays and does not write them.
  Texts theirs;
  pqxx::array_parser parser{array.c_str()};
  using Juncture = pqxx::array_parser::juncture;
  for (auto next = parser.get_next(); next.first != Juncture::done; next = parser.get_next()) {
    if (next.first == Juncture::string_value) theirs.emplace_back(next.second);
    if (next.first == Juncture::null_value) theirs.emplace_back();
  }
  EXPECT_EQ(theirs, texts);
}

#endif

}  // namespace
}  // namespace lakebase::tests::libpqxx_values
