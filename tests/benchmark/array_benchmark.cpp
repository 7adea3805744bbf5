// Arrays of numbers as results and as parameters, in text and in binary, in one run: what each gains. See
// docs/adr/0018-text-or-binary.md for what was made of it.
//
//   array_benchmark

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <vector>

#include <libpq-fe.h>

#include <lakebase/pq/pq.hpp>

#include "benchmark/bare_libpq.hpp"
#include "pq/support/local_postgres.hpp"

namespace {

using namespace lakebase::benchmarks;
using namespace lakebase::pq;

std::int64_t sum = 0;  // of what was read, so that nothing is left out

// PostgreSQL's binary form of an array of one dimension without NULL.
template <class T>
std::string binary_array(std::vector<T> const& values, std::uint32_t element_type) {
  static_assert(sizeof(T) == 8);
  std::string bytes;
  bytes.reserve(20 + 12 * values.size());
  auto const append = [&](auto value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
      bytes += static_cast<char>(value >> shift);
    }
  };
  for (auto const number : {1U, 0U, element_type, static_cast<std::uint32_t>(values.size()), 1U}) append(number);
  for (auto const value : values) {
    append(std::uint32_t{8});
    append(std::bit_cast<std::uint64_t>(value));
  }
  return bytes;
}

struct ArrayType {
  char const* name;
  unsigned oid;
  unsigned of_element;
};
constexpr ArrayType int8_array{"int8", 1016, 20};
constexpr ArrayType float8_array{"float8", 1022, 701};

struct BinaryParameters {
  template <class T>
  void add(std::vector<T> const& values, ArrayType const& type) {
    types.push_back(type.oid);
    texts.push_back(binary_array(values, type.of_element));
  }
  BareResult exec(PGconn* connection, std::string const& sql, ExecStatusType wanted) const {
    std::vector<char const*> values;
    std::vector<int> lengths;
    for (auto const& text : texts) {
      values.push_back(text.data());
      lengths.push_back(static_cast<int>(text.size()));
    }
    std::vector<int> const formats(texts.size(), 1);
    return checked(connection,
                   PQexecParams(connection, sql.c_str(), static_cast<int>(texts.size()), types.data(), values.data(),
                                lengths.data(), formats.data(), 0),
                   wanted);
  }

  std::vector<unsigned> types{};
  std::vector<std::string> texts{};
};

// With arrays as the library sends them, as text, and in binary by hand; in turn, so that a busy machine hurts both
// alike.
void compare(std::string const& what, std::size_t values, auto&& text, auto&& binary) {
  int const times = static_cast<int>(std::clamp<std::size_t>(100'000 / values, 20, 1000));
  auto const all = [times](auto&& one) {
    return seconds_of([&] {
      for (int i = 0; i < times; ++i) one();
    });
  };
  double text_time = 1e9;
  double binary_time = 1e9;
  for (int turn = 0; turn < 9; ++turn) {
    text_time = std::min(text_time, all(text));
    binary_time = std::min(binary_time, all(binary));
  }
  std::printf("%-44s %6zu values: text %8.1f us, binary %8.1f us: %.2f x\n", what.c_str(), values,
              text_time * 1e6 / times, binary_time * 1e6 / times, text_time / binary_time);
  std::fflush(stdout);
}

template <class T>
void array_parameter(Connection& connection, ArrayType const& type, std::vector<T> const& values) {
  for (char const* const before : {"SELECT cardinality($1::", "SELECT count(*) FROM unnest($1::"}) {
    auto const sql = before + std::string{type.name} + "[])";
    compare(
        sql, values.size(), [&] { sum += connection.query_value<int>(sql, {values}); },
        [&] {
          BinaryParameters parameters;
          parameters.add(values, type);
          auto const result = parameters.exec(connection.native(), sql, PGRES_TUPLES_OK);
          sum += number<int>(PQgetvalue(result.get(), 0, 0));
        });
  }
}

// As insert_rows sends them.
void inserted_arrays(Connection& connection, std::vector<std::int64_t> const& ids, std::vector<double> const& values) {
  connection.exec("CREATE TEMP TABLE IF NOT EXISTS readings (id int8, value float8)");
  std::string const sql = "INSERT INTO readings SELECT * FROM unnest($1::int8[], $2::float8[])";
  connection.exec("TRUNCATE readings");
  compare(
      "INSERT of int8 and float8 by unnest", values.size(),
      [&] {
        sum += static_cast<std::int64_t>(connection.exec(sql, {ids, values}).affected_rows());
      },
      [&] {
        BinaryParameters parameters;
        parameters.add(ids, int8_array);
        parameters.add(values, float8_array);
        parameters.exec(connection.native(), sql, PGRES_COMMAND_OK);
      });
}

void array_parameters(Connection& connection) {
  for (std::size_t const size : {1U, 100U, 1000U, 10'000U}) {
    std::vector<std::int64_t> ids(size);
    std::vector<double> fractions(size);
    for (std::size_t i = 0; i < size; ++i) {
      ids[i] = static_cast<std::int64_t>(1'000'000 + 7919 * i);
      fractions[i] = static_cast<double>(ids[i]) / 7.0;
    }
    array_parameter(connection, int8_array, ids);
    array_parameter(connection, float8_array, fractions);
    inserted_arrays(connection, ids, fractions);
  }
}

void array_results(Connection& connection) {
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

int main() try {
  auto connection = connect(lakebase::tests::LocalPostgres::instance().source());
  array_results(connection);
  array_parameters(connection);
  return sum == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "array_benchmark: %s\n", error.what());
  return EXIT_FAILURE;
}
