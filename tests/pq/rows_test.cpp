// Rows as C++ types, and structs on their way into tables, against a real server.

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/types.hpp>

#include "support/local_postgres.hpp"

namespace lakebase::tests::rows {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Person {
  std::int64_t id = 0;
  std::string name{};
  std::optional<std::string> nickname{};
  std::vector<int> scores{};
  std::chrono::sys_time<std::chrono::microseconds> born{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Person::id);
    field("name", &Person::name);
    field("nickname", &Person::nickname);
    field("scores", &Person::scores);
    field("born", &Person::born);
  }
  friend bool operator==(Person const&, Person const&) = default;
};

struct Pair {
  int a = 0;
  std::optional<std::string> b{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("a", &Pair::a);
    field("b", &Pair::b);
  }
  friend bool operator==(Pair const&, Pair const&) = default;
};

// Letters of fixed columns, as C has them: full, there is no NUL at the end.
struct Code {
  char letters[4]{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("letters", &Code::letters);
  }
};

struct Document {
  lakebase::JsonText body{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("body", &Document::body);
  }
};

struct Deep {
  int id = 0;
  std::vector<std::vector<int>> a{};
  std::chrono::sys_seconds t{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Deep::id);
    field("a", &Deep::a);
    field("t", &Deep::t);
  }
};

/// A type of the program that is an array in SQL.
struct Grid {
  std::vector<std::vector<int>> cells{};
  friend bool operator==(Grid const&, Grid const&) = default;
};

}  // namespace lakebase::tests::rows

template <>
struct lakebase::pq::TypeText<char32_t> {
  static constexpr std::string_view sql = "text";
  static void write(char32_t letter, std::string& text) { text += static_cast<char>(letter); }
};
template <>
struct lakebase::pq::TypeText<lakebase::tests::rows::Grid> {
  using Cells = TypeText<std::vector<std::vector<int>>>;
  static constexpr std::string_view name = "Grid";
  static constexpr std::string_view sql = "int4[]";
  static lakebase::tests::rows::Grid read(std::string_view text) { return {Cells::read(text)}; }
  static void write(lakebase::tests::rows::Grid const& value, std::string& text) { Cells::write(value.cells, text); }
};

namespace lakebase::tests::rows {

struct Board {
  int id = 0;
  std::optional<Grid> grid{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Board::id);
    field("grid", &Board::grid);
  }
  friend bool operator==(Board const&, Board const&) = default;
};

namespace {

Connection open() {
  return connect(LocalPostgres::instance().source());
}

Connection open_with_people() {
  auto connection = open();
  connection.exec(
      "CREATE TEMP TABLE people (id int8 PRIMARY KEY, name text NOT NULL, nickname text, scores int4[], born "
      "timestamptz)");
  return connection;
}

std::vector<Person> people(int count) {
  std::vector<Person> all;
  for (int i = 0; i < count; ++i) {
    Person person{.id = i, .name = "n\t\\\n\"{}," + std::to_string(i), .scores = {i, -i}};
    if (i % 3 == 0) person.nickname = i % 2 == 0 ? "" : "NULL";
    if (i % 5 == 0) person.scores.clear();
    person.born += std::chrono::microseconds{i * 1'000'003LL};
    all.push_back(std::move(person));
  }
  return all;
}

std::string message_of(auto&& action) {
  try {
    action();
  } catch (InvalidArgument const& error) {
    return error.what();
  } catch (ParseError const& error) {
    return error.what();
  }
  return "succeeded";
}

TEST(PgRows, AreTuples) {
  using Rows = TypedRows<std::tuple<int, std::string>>;
  static_assert(std::random_access_iterator<Rows::iterator> && std::ranges::random_access_range<Rows const>);
  static_assert(std::ranges::input_range<TypedStream<Pair, RowStream>>);
  auto connection = open();
  auto const sql = "SELECT g AS id, 'n' || g AS name FROM generate_series(1, 3) g";
  std::string all;
  for (auto [id, name] : connection.exec(sql).rows<int, std::string>()) all += std::to_string(id) + name + ' ';
  for (auto [id, name] : connection.query<int, std::string_view>(sql))
    all += std::to_string(id) + std::string{name} + ' ';
  for (auto [id, name] : connection.stream(sql).rows<int, std::string>()) all += std::to_string(id) + name + ' ';
  auto stream = connection.stream(sql);
  for (auto [id, name] : stream.rows<int, std::string_view>()) all += std::to_string(id) + std::string{name} + ' ';
  EXPECT_EQ(all, "1n1 2n2 3n3 1n1 2n2 3n3 1n1 2n2 3n3 1n1 2n2 3n3 ");
  auto const rows = connection.query<int, std::string>(sql);
  EXPECT_EQ(rows.size(), 3);
  EXPECT_EQ(std::get<1>(rows[2]), "n3");
  EXPECT_EQ(std::get<0>(rows.begin()[1]), 2);
  EXPECT_EQ(rows.end() - rows.begin(), 3);
  EXPECT_THAT(message_of([&] { static_cast<void>(connection.query<int>(sql)); }), HasSubstr("2 columns"));
  EXPECT_EQ((connection.exec("SELECT 1, NULL")[0].as<std::tuple<int, std::optional<int>>>()),
            (std::tuple<int, std::optional<int>>{1, std::nullopt}));
}

TEST(PgRows, AreStructsByTheNamesOfTheirColumns) {
  auto connection = open();
  auto const pairs = connection.query<Pair>("SELECT 'x' || g AS b, g AS a FROM generate_series(1, 2) g");
  EXPECT_THAT(std::vector<Pair>(pairs.begin(), pairs.end()), ElementsAre(Pair{1, "x1"}, Pair{2, "x2"}));
  std::vector<Pair> streamed;
  for (Pair const& pair : connection.stream("SELECT 1 AS a, NULL AS b").rows<Pair>()) streamed.push_back(pair);
  EXPECT_THAT(streamed, ElementsAre(Pair{1, std::nullopt}));
  EXPECT_EQ(connection.exec("SELECT 1 AS a, 'y' AS b")[0].as<Pair>(), (Pair{1, "y"}));
  auto const read = [&](char const* sql) {
    return message_of([&] { static_cast<void>(connection.query<Pair>(sql)); });
  };
  EXPECT_EQ(read("SELECT 1 AS a"), "the rows have no column \"b\"");
  EXPECT_EQ(read("SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d"), "the struct has no member for column \"c\", \"d\"");
  EXPECT_EQ(read("SELECT 1 AS a, 2 AS a, 3 AS b"), "there is more than one column \"a\"");
  EXPECT_EQ(read("SELECT 1 AS \"A\""),
            "the rows have no column \"a\", \"b\"; the struct has no member for column \"A\"");
  EXPECT_EQ(read("SELECT"), "the rows have no column \"a\", \"b\"");
  EXPECT_THAT(message_of([&] {
                for (auto const& pair : connection.query<Pair>(
                         "SELECT CASE g WHEN 2 THEN NULL ELSE g END AS a, NULL AS b FROM generate_series(1, 3) g")) {
                  static_cast<void>(pair);
                }
              }),
              HasSubstr("column \"a\" (int4, oid 23) of row 1 is NULL"));
}

TEST(PgRows, AreOneOrNoneOrAnError) {
  auto connection = open();
  EXPECT_EQ((connection.query_one<int, std::string>("SELECT 1, 'x'")), (std::tuple<int, std::string>{1, "x"}));
  EXPECT_EQ(connection.query_one<Pair>("SELECT 1 AS a, NULL AS b"), (Pair{1, std::nullopt}));
  EXPECT_EQ(connection.query_optional<Pair>("SELECT 1 AS a, NULL AS b WHERE false"), std::nullopt);
  EXPECT_EQ(connection.query_optional<int>("SELECT $1::int", {7}), std::tuple<int>{7});
  EXPECT_EQ(connection.query_value<int>("SELECT $1::int", {7}), 7);
  EXPECT_THAT(message_of([&] { static_cast<void>(connection.query_one<int>("SELECT 1 WHERE false")); }),
              HasSubstr("no row"));
  EXPECT_THAT(message_of([&] { static_cast<void>(connection.query_one<int>("SELECT generate_series(1, 2)")); }),
              HasSubstr("not one row but 2"));
  EXPECT_THAT(message_of([&] { static_cast<void>(connection.query_optional<int>("SELECT generate_series(1, 2)")); }),
              HasSubstr("not one row but 2"));
}

TEST(PgRows, KeepTheirResultAlive) {
  auto connection = open();
  auto const row = connection.exec("SELECT 'kept' AS word")[0];
  auto const copy = row;
  EXPECT_EQ(copy["word"].as<std::string_view>(), "kept");
  EXPECT_EQ(row[0].text(), "kept");
  auto const later = [&] {
    auto const result = connection.exec("SELECT generate_series(1, 3)");
    return result.keep(2);
  }();
  EXPECT_EQ(later[0].as<int>(), 3);
  Row const view = later;
  EXPECT_EQ(view[0].as<int>(), 3);
  EXPECT_THROW(static_cast<void>(connection.exec("SELECT 1")[1]), InvalidArgument);
}

TEST(PgRows, GoIntoATableByCopy) {
  auto connection = open_with_people();
  auto const all = people(20'000);
  EXPECT_EQ(connection.copy_in<Person>("people", all), all.size());
  std::size_t i = 0;
  for (auto const& person : connection.query<Person>("TABLE people ORDER BY id")) ASSERT_EQ(person, all[i++]);
  EXPECT_EQ(i, all.size());
}

TEST(PgRows, GoIntoATableByInsert) {
  auto connection = open_with_people();
  auto const all = people(2'500);
  EXPECT_EQ(connection.insert_rows("people", all), all.size());
  EXPECT_EQ(connection.insert_rows("people", std::vector<Person>{}), 0U);
  std::size_t i = 0;
  for (auto const& person : connection.query<Person>("TABLE people ORDER BY id", {}, {.binary_results = true})) {
    ASSERT_EQ(person, all[i++]);
  }
  EXPECT_EQ(i, all.size());
  std::vector<Person> bad{Person{.id = -1, .name = "good"}, Person{.id = -2, .name = std::string{"a\0b", 3}}};
  EXPECT_EQ(message_of([&] { connection.insert_rows("people", bad); }),
            "column \"name\" of row 1 is refused: a NUL character");
  EXPECT_EQ(connection.query_value<int>("SELECT count(*) FROM people WHERE id < 0"), 0);
}

TEST(PgRows, GoIntoATableFromAListInTheCode) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int, b text)");
  Pair const first{1, "x"};
  EXPECT_EQ(connection.insert_rows("t", {first}), 1U);
  EXPECT_EQ(connection.insert_rows<Pair>("t", {{2, "y"}, {3, {}}}, {.timeout = 10s}), 2U);
  EXPECT_EQ(connection.copy_in("t", {first, Pair{4, "z"}}), 2U);
  EXPECT_EQ(connection.copy_in<Pair>("t", {{5, {}}}, {.timeout = 10s}), 1U);
  EXPECT_EQ(connection.query_value<std::string>("SELECT string_agg(a || coalesce(b, '-'), ' ' ORDER BY a) FROM t"),
            "1x 1x 2y 3- 4z 5-");
}

struct Numbers {
  std::optional<std::int16_t> a{};
  std::optional<std::uint16_t> b{};
  std::optional<int> c{};
  std::optional<std::uint32_t> d{};
  std::optional<std::int64_t> e{};
  std::optional<std::uint64_t> f{};
  std::optional<float> g{};
  std::optional<double> h{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("a", &Numbers::a);
    field("b", &Numbers::b);
    field("c", &Numbers::c);
    field("d", &Numbers::d);
    field("e", &Numbers::e);
    field("f", &Numbers::f);
    field("g", &Numbers::g);
    field("h", &Numbers::h);
  }
};

template <class T>
void expect_same_bits(std::optional<T> const& one, std::optional<T> const& other) {
  ASSERT_EQ(one.has_value(), other.has_value());
  if (!one) return;
  EXPECT_EQ(std::memcmp(&*one, &*other, sizeof(T)), 0) << *one << ' ' << *other;
}

template <class T>
std::vector<std::optional<T>> edges() {
  using Limits = std::numeric_limits<T>;
  std::vector<std::optional<T>> all{std::nullopt, Limits::lowest(), Limits::max(), Limits::min(), T{1}, T(-1)};
  if constexpr (Limits::has_infinity) {
    for (T const value : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), T(-0.0), Limits::denorm_min()})
      all.push_back(value);
  }
  return all;
}

// They go in binary, apart from std::uint64_t.
TEST(PgRows, NumbersAreInsertedWithAllTheirBits) {
  auto connection = open();
  connection.exec(
      "CREATE TEMP TABLE numbers (id serial, a int2, b int4, c int4, d int8, e int8, f numeric, g float4, h float8)");
  std::vector<Numbers> all(2'100);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const pick = [&](auto const& values) { return values[i % values.size()]; };
    all[i] = {pick(edges<std::int16_t>()),  pick(edges<std::uint16_t>()), pick(edges<int>()),
              pick(edges<std::uint32_t>()), pick(edges<std::int64_t>()),  pick(edges<std::uint64_t>()),
              pick(edges<float>()),         pick(edges<double>())};
  }
  EXPECT_EQ(connection.insert_rows("numbers", all), all.size());
  std::size_t i = 0;
  for (auto const& read : connection.query<Numbers>("SELECT a, b, c, d, e, f, g, h FROM numbers ORDER BY id")) {
    auto const& sent = all[i++];
    expect_same_bits(sent.a, read.a);
    expect_same_bits(sent.b, read.b);
    expect_same_bits(sent.c, read.c);
    expect_same_bits(sent.d, read.d);
    expect_same_bits(sent.e, read.e);
    expect_same_bits(sent.f, read.f);
    expect_same_bits(sent.g, read.g);
    expect_same_bits(sent.h, read.h);
  }
  EXPECT_EQ(i, all.size());
}

// What an array of the C++ type would be as text, cast to that type, and assigned to the column.
TEST(PgRows, NumbersAreInsertedIntoColumnsOfOtherTypes) {
  auto connection = open();
  connection.exec(
      "CREATE TEMP TABLE numbers (id serial, a text, b int8, c int2, d numeric, e numeric, f text, g float8, "
      "h numeric)");
  EXPECT_EQ(connection.insert_rows("numbers", std::vector<Numbers>{{1, 2, 3, 4, 5, 6, 0.5F, 0.25}}), 1U);
  EXPECT_EQ(connection.query_value<std::string>("SELECT concat_ws(' ', a, b, c, d, e, f, g, h) FROM numbers"),
            "1 2 3 4 5 6 0.5 0.25");
  EXPECT_THROW(connection.insert_rows("numbers", std::vector<Numbers>{{1, 2, 70'000, 4, 5, 6, 0.5F, 0.25}}), PgError);
}

TEST(PgRows, HaveTypesOfTheProgramThatAreArraysInSql) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE boards (id int, grid int[])");
  std::vector<Board> const all{{1, Grid{{{1, 2}, {3, 4}}}}, {2, std::nullopt}, {3, Grid{}}};
  auto const read = [&] {
    std::vector<Board> boards;
    for (auto const& board : connection.query<Board>("TABLE boards ORDER BY id")) boards.push_back(board);
    return boards;
  };
  EXPECT_EQ(connection.insert_rows("boards", all), 3U);
  EXPECT_EQ(read(), all);
  connection.exec("TRUNCATE boards");
  EXPECT_EQ(connection.copy_in("boards", all), 3U);
  EXPECT_EQ(read(), all);
}

TEST(PgRows, NamesOfTablesAreQuoted) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE \"Odd \"\" name\" (a int, b text)");
  std::vector<Pair> const pairs{{1, "x"}, {2, std::nullopt}};
  EXPECT_EQ(connection.copy_in("pg_temp.Odd \" name", pairs), 2U);
  EXPECT_EQ(connection.insert_rows("Odd \" name", pairs), 2U);
  EXPECT_EQ(connection.query_value<int>("SELECT count(*) FROM \"Odd \"\" name\""), 4);
}

TEST(PgRows, AreWrittenToACopyOneByOne) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int, b text, c bytea, d int[])");
  auto copy = connection.copy_in("COPY t FROM STDIN");
  std::vector<std::byte> const bytes{std::byte{0}, std::byte{'\n'}};
  copy.row(1, "a\tb\\\n\r\b\f\v", bytes, std::vector{1, 2});
  copy.row(2, std::nullopt, nullptr, std::optional<std::vector<int>>{});
  copy.row({3, {}, Bytes{"\x01"}, "{}"});
  copy.write("4\tby hand\t\\N\t\\N\n");
  EXPECT_EQ(message_of([&] {
              copy.row(5, std::string{"a\0b", 3}, nullptr, nullptr);
            }),
            "column 2 of row 3 is refused: a NUL character (use Bytes for binary data)");
  EXPECT_THAT(message_of([&] {
                copy.row(5, "x", nullptr, std::vector<std::vector<int>>{{1}, {}});
              }),
              HasSubstr("column 4 of row 3 is refused: a ragged array"));
  EXPECT_THAT(message_of([&] {
                copy.row({5, "x", nullptr, std::vector<std::vector<int>>{{1}, {}}});
              }),
              HasSubstr("column 4 of row 3 is refused: a ragged array"));
  EXPECT_EQ(message_of([&] { copy.row(1, 2); }), "a row of 2 values for a COPY of 4 columns");
  EXPECT_EQ(copy.finish(), 4U);
  using Row4 = std::tuple<int, std::optional<std::string>, std::optional<std::vector<std::byte>>,
                          std::optional<std::vector<int>>>;
  auto const rows = connection.exec("TABLE t ORDER BY a").rows<Row4>();
  EXPECT_THAT(std::vector<Row4>(rows.begin(), rows.end()),
              ElementsAre(Row4{1, "a\tb\\\n\r\b\f\v", bytes, std::vector{1, 2}}, Row4{2, {}, {}, {}},
                          Row4{3, {}, std::vector{std::byte{1}}, std::vector<int>{}}, Row4{4, "by hand", {}, {}}));
  EXPECT_THROW(copy.row(1, "", nullptr, nullptr), InvalidArgument) << "it has ended";
  auto binary = connection.copy_in("COPY t FROM STDIN (FORMAT binary)");
  EXPECT_THAT(message_of([&] { binary.row(1, "", nullptr, nullptr); }), HasSubstr("binary"));
}

TEST(PgRows, TakeNoMoreOfAnArrayOfLettersThanItHas) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (letters text)");
  std::vector<Code> const codes{{.letters = {'f', 'u', 'l', 'l'}}, {.letters = "two"}, {}};
  connection.copy_in("t", codes);
  auto copy = connection.copy_in("COPY t FROM STDIN");
  copy.row(codes.front().letters);
  copy.finish();
  connection.exec("INSERT INTO t VALUES ($1)", Params::of(codes.front()));
  EXPECT_EQ(connection.query_value<std::string>("SELECT string_agg(letters, ',') FROM t"), "full,two,,full,full");
}

// A type of the program that C++ has arithmetic for is text to PostgreSQL nevertheless.
TEST(PgRows, EscapeTheTextOfTypesOfTheProgram) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (v text)");
  std::u32string const special = U"\\\t\n ,\"}";
  auto copy = connection.copy_in("COPY t FROM STDIN");
  for (char32_t const letter : special) copy.row(letter);
  EXPECT_EQ(copy.finish(), special.size());
  std::vector<char32_t> const letters{special.begin(), special.end()};
  EXPECT_EQ(connection.query_value<bool>("SELECT $1::text[] = array_agg(v) FROM t", {letters}), true);
}

TEST(PgRows, KeepJsonAsItIs) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (body json)");
  connection.exec("CREATE TEMP TABLE b (body jsonb)");
  std::vector<Document> const documents{{.body = {R"({"b": 1.0, "a":2, "a":3, "c": "\u0000"})"}}};
  connection.insert_rows("t", documents);
  EXPECT_EQ(connection.query_value<std::string>("SELECT body FROM t"), documents.front().body.text);
  connection.insert_rows("b", {Document{.body = {R"({"b": 1, "a":2})"}}});
  EXPECT_EQ(connection.query_value<std::string>("SELECT body FROM b"), R"({"a": 2, "b": 1})");
}

TEST(PgRows, OfAStreamHaveTheirColumnsWhetherOrNotThereIsARow) {
  auto connection = open();
  auto const read = [](auto rows) {
    int count = 0;
    for ([[maybe_unused]] auto const& row : rows) ++count;
    return count;
  };
  EXPECT_EQ(message_of([&] { read(connection.stream("SELECT 1 WHERE false").rows<int, int>()); }),
            "the rows have 1 columns, and are read as 2");
  EXPECT_THAT(message_of([&] { read(connection.stream("SELECT 1 AS a WHERE false").rows<Pair>()); }),
              HasSubstr("no column \"b\""));
  EXPECT_EQ(read(connection.stream("SELECT 1 AS a, 'x' AS b WHERE false").rows<Pair>()), 0);
  EXPECT_EQ(read(connection.stream("CREATE TEMP TABLE none ()").rows<Pair>()), 0) << "no rows, and no columns either";
}

TEST(PgRows, AreNotReadBesideAStream) {
  auto connection = open();
  auto stream = connection.stream("SELECT generate_series(1, 3)");
  try {
    connection.exec("SELECT 1");
    FAIL() << "ran";
  } catch (PgError const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("End the stream or COPY"));
  }
}

// The server would take them for something else, and nobody would notice.
TEST(PgRows, AreRefusedByACopyThatSetsItsFormat) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int, b text)");
  {
    auto csv = connection.copy_in("COPY t FROM STDIN (FORMAT csv, DELIMITER E'\\t')");
    EXPECT_EQ(
        message_of([&] { csv.row(1, nullptr); }),
        "rows are written in COPY's text format without options, and this COPY sets FORMAT: leave that out, or send "
        "the rows by write");
    csv.write("1\t\n");
    EXPECT_EQ(csv.finish(), 1U);
  }
  auto copy = connection.copy_in("COPY t FROM STDIN (FORMAT text, FREEZE off) WHERE b IS NOT NULL");
  copy.row(2, nullptr);
  copy.row(3, "x");
  EXPECT_EQ(copy.finish(), 1U);
  EXPECT_EQ(connection.query_value<std::string>("SELECT string_agg(a || coalesce(b, '-'), ' ' ORDER BY a) FROM t"),
            "1- 3x");
}

TEST(PgRows, AreParametersToo) {
  auto connection = open();
  auto const row = connection.exec("SELECT $1::int AS a, $2::text AS b", Params::of(Pair{7, "x"}))[0];
  EXPECT_EQ(row.as<Pair>(), (Pair{7, "x"}));
  EXPECT_EQ(message_of([&] {
              connection.exec("SELECT $1, $2", {1, std::vector<std::vector<int>>{{1}, {}}});
            }),
            "parameter $2 is refused: a ragged array: its rows differ in length");
  EXPECT_THAT(message_of([&] {
                connection.exec("SELECT $1", {std::string{"a\0b", 3}});
              }),
              HasSubstr("a NUL character in parameter $1"));
  EXPECT_EQ(connection.query_value<int>("SELECT length($1)", {Bytes{"abc"}}), 3) << "its type goes with it";
}

TEST(PgRows, SayWhereABadValueIs) {
  auto connection = open();
  using namespace std::chrono;
  auto const read = [&]<class T>(std::string const& sql, std::type_identity<T>, bool binary = false) {
    return message_of([&] {
      for (auto const& row : connection.query<T>(sql, {}, {.binary_results = binary})) static_cast<void>(row);
    });
  };
  auto const as_int = std::type_identity<int>{};
  EXPECT_EQ(
      read("SELECT 'NaN'::float8 AS f", as_int),
      "column \"f\" (float8, oid 701) of row 0 holds 3 characters that cannot be read as int: it is no whole number");
  EXPECT_EQ(read("SELECT 'NaN'::float8 AS f", as_int, true),
            "column \"f\" (float8, oid 701) of row 0 holds 8 bytes that cannot be read as int: it is no whole number");
  EXPECT_EQ(read("SELECT g::int8 << 30 AS n FROM generate_series(1, 3) g", as_int),
            "column \"n\" (int8, oid 20) of row 1 holds 10 characters that cannot be read as int: it is out of range");
  EXPECT_THAT(read("SELECT NULL::int AS n", as_int, true),
              HasSubstr("column \"n\" (int4, oid 23) of row 0 is NULL, which int cannot hold"));
  EXPECT_THAT(read("SELECT '294276-12-31 23:59:59.999999+00'::timestamptz AS t",
                   std::type_identity<sys_time<microseconds>>{}, true),
              HasSubstr("column \"t\" (timestamptz, oid 1184) of row 0 holds 8 bytes that cannot be read as "
                        "std::chrono::sys_time: it is out of range"));
  EXPECT_THAT(read("SELECT '5874897-01-01'::date AS d", std::type_identity<year_month_day>{}),
              HasSubstr("column \"d\" (date, oid 1082) of row 0 holds 13 characters that cannot be read as "
                        "std::chrono::year_month_day: its year does not fit"));
  for (bool const binary : {false, true}) {
    EXPECT_THAT(read("SELECT '{1,NULL}'::int[] AS a", std::type_identity<std::vector<int>>{}, binary),
                HasSubstr("that cannot be read as std::vector<int>: at value 2, it has a NULL inside"));
  }

  connection.exec("CREATE TEMP TABLE deep (id int, a int[], t timestamptz)");
  std::vector<Deep> rows{{.id = 1, .a = {{1}}}, {.id = 2, .a = {{1}, {}}}};
  auto const ragged = "column \"a\" of row 1 is refused: a ragged array: its rows differ in length";
  EXPECT_EQ(message_of([&] { connection.insert_rows("deep", rows); }), ragged);
  EXPECT_EQ(message_of([&] { connection.copy_in("deep", rows); }), ragged);
  rows[1] = {.id = 2, .t = sys_seconds{9'224'318'016'000s}};
  auto const far = HasSubstr("column \"t\" of row 1 is refused: ");
  EXPECT_THAT(message_of([&] { connection.insert_rows("deep", rows); }), far);
  EXPECT_THAT(message_of([&] { connection.copy_in("deep", rows); }), far);
  EXPECT_THAT(message_of([&] { connection.exec("SELECT $1", {rows[1].t}); }), HasSubstr("parameter $1 is refused: "));
  EXPECT_THAT(message_of([&] {
                connection.exec("SELECT $1", {std::vector{std::string{"a\0b", 3}}});
              }),
              HasSubstr("a NUL character in parameter $1"));
  EXPECT_EQ(connection.query_value<int>("SELECT count(*) FROM deep"), 0);
}

TEST(PgRows, AreReadFromBinaryAsFromText) {
  auto connection = open();
  auto const sql =
      "SELECT 1::int2, -2::int4, 3::int8, true, 0.1::float4, 0.1::float8, 'x'::text, '\\x00ff'::bytea, "
      "'9b2f6a0e-3c41-4d7a-8e55-0f1c2d3e4b5a'::uuid, 123.4500::numeric, '2024-02-29'::date, '04:05:06.7'::time, "
      "'2024-02-29 04:05:06'::timestamp, '2024-02-29 04:05:06+02'::timestamptz, '1 mon -2 days 03:04:05'::interval, "
      "'{1,NULL}'::int[], '{{a,\"b c\"}}'::text[], '[1,5)'::int4range, '{\"a\": 1}'::jsonb, NULL::int, "
      "'infinity'::date, ARRAY['(,5]'::int8range], -0.00001::numeric, 1e20::numeric";
  auto const text = connection.exec(sql);
  auto const binary = connection.exec(sql, {}, {.binary_results = true});
  ASSERT_TRUE(binary[0][0].is_binary());
  ASSERT_FALSE(text[0][0].is_binary());
  using namespace std::chrono;
  auto const check = [&]<class T>(int column, std::type_identity<T>) {
    EXPECT_EQ(text[0][column].as<T>(), binary[0][column].as<T>()) << "column " << column;
  };
  check(0, std::type_identity<std::int8_t>{});
  check(1, std::type_identity<int>{});
  check(2, std::type_identity<std::uint64_t>{});
  check(3, std::type_identity<bool>{});
  check(4, std::type_identity<float>{});
  check(4, std::type_identity<double>{});
  check(5, std::type_identity<double>{});
  check(6, std::type_identity<std::string_view>{});
  check(7, std::type_identity<std::vector<std::byte>>{});
  check(8, std::type_identity<Uuid>{});
  check(9, std::type_identity<Numeric>{});
  check(10, std::type_identity<year_month_day>{});
  check(11, std::type_identity<TimeOfDay>{});
  check(12, std::type_identity<local_time<microseconds>>{});
  check(13, std::type_identity<sys_seconds>{});
  check(13, std::type_identity<Timestamp>{});
  check(14, std::type_identity<Interval>{});
  check(15, std::type_identity<std::vector<std::optional<int>>>{});
  check(16, std::type_identity<std::vector<std::vector<std::string>>>{});
  check(17, std::type_identity<Range<int>>{});
  check(18, std::type_identity<JsonText>{});
  check(19, std::type_identity<std::optional<int>>{});
  check(20, std::type_identity<OrInfinity<sys_days>>{});
  check(21, std::type_identity<std::vector<Range<std::int64_t>>>{});
  check(22, std::type_identity<Numeric>{});
  check(23, std::type_identity<Numeric>{});
  for (int column = 0; column < 3; ++column) check(column, std::type_identity<std::string>{});
  EXPECT_EQ(connection.query_value<int>("SELECT $1::int", {7}, {.binary_results = true}), 7);
  connection.prepare("seven", "SELECT 7");
  EXPECT_TRUE(connection.exec_prepared("seven", {}, {.binary_results = true})[0].as<std::tuple<int>>() ==
              std::tuple<int>{7});
  for (auto [n] : connection.stream("SELECT 7", {}, {.binary_results = true}).rows<int>()) EXPECT_EQ(n, 7);
  auto pipeline = connection.pipeline();
  pipeline.add("SELECT 7");
  EXPECT_EQ(pipeline.run({.binary_results = true})[0].value<int>(), 7);
}

}  // namespace
}  // namespace lakebase::tests::rows
