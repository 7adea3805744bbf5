#include "sync/file_source.hpp"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../control_plane/control_plane_fixture.hpp"
#include "sync/sync_error.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;

class FileSourceTest : public ::testing::Test {
 protected:
  std::filesystem::path write(std::string const& name, std::string const& text) {
    auto const file = folder.path() / name;
    std::ofstream{file, std::ios::binary} << text;
    return file;
  }
  /// `name type, …`
  static std::string columns_of(SourceRows& rows, std::vector<SourceColumn> const& known = {}) {
    std::string text;
    for (auto const& column : rows.columns(known)) {
      text += (text.empty() ? "" : ", ") + column.name + ' ' + column.type;
    }
    return text;
  }
  static std::string read(SourceRows& rows, std::vector<std::string> keys = {"id"}) {
    std::string text;
    rows.read({rows.columns({}), std::move(keys)}, [&](std::string_view bytes) { text += bytes; });
    return text;
  }
  std::string rows_of(std::string const& name, std::string const& text) {
    return read(*make_file_source(write(name, text))->open(Json::object()));
  }
  std::string failure_of(std::string const& name, std::string const& text) {
    try {
      return "no failure: " + rows_of(name, text);
    } catch (SyncError const& error) {
      return error.what();
    }
  }

  ScratchFolder folder;
};

TEST_F(FileSourceTest, ReadsCsvAsPostgresDoes) {
  EXPECT_EQ(
      rows_of("a.csv",
              "\xEF\xBB\xBFid:int,name:string\r\n1,\"a,\"\"b\"\"\nc\\\t\"\r\n\n2,\n3,\"\"\n,left out\n4,no newline"),
      "1\ta,\"b\"\\nc\\\\\\t\n2\t\\N\n3\t\n4\tno newline\n");
}

TEST_F(FileSourceTest, SeesTypes) {
  auto const csv = make_file_source(write("a.csv", "id,code,n,ok,x,none\n1,007,1.5,true,1,\n-2,1,1e3,false,a,\n"));
  EXPECT_EQ(columns_of(*csv->open({})), "id BIGINT, code STRING, n DOUBLE, ok BOOLEAN, x STRING, none STRING");
  EXPECT_EQ(columns_of(*csv->open({}), {{"code", "INT", "integer"}}),
            "id BIGINT, code INT, n DOUBLE, ok BOOLEAN, x STRING, none STRING");
  auto const json =
      make_file_source(write("a.jsonl", "{\"id\": 1, \"n\": 1}\n{\"t\": [1], \"n\": 1.0, \"id\": \"x\"}\n"));
  EXPECT_EQ(columns_of(*json->open({}), {{"gone", "INT", "integer"}}), "id STRING, n DOUBLE, t STRUCT, gone INT");
  auto const declared =
      make_file_source(write("b.csv", "id:bigint,price:decimal(10, 2),tags:array<struct<a:int,b:int>>,at:timestamp\n"));
  EXPECT_EQ(columns_of(*declared->open({})),
            "id BIGINT, price DECIMAL(10,2), tags ARRAY<STRUCT<A:INT,B:INT>>, at TIMESTAMP");
}

TEST_F(FileSourceTest, ReadsJsonLinesWithAllDigits) {
  EXPECT_EQ(rows_of("a.jsonl",
                    "{\"id\": 123456789012345678901234567890.5, \"t\": {\"a\": \"}\\\"\"}, \"s\": \"\\u00e9\\\\\"}\n"
                    "{ \"s\" : null , \"id\":2 }\n{\"s\":\"no key\"}\n{}\n"),
            "123456789012345678901234567890.5\t{\"a\": \"}\\\\\"\"}\té\\\\\n2\t\\N\t\\N\n");
}

TEST_F(FileSourceTest, SaysWhereARecordCannotBeRead) {
  EXPECT_EQ(failure_of("a.csv", "id:int,b:int\n1,2\n1\n"),
            "a.csv, line 3, character 1: expected 2 columns, as in the header, got 1");
  EXPECT_EQ(failure_of("a.csv", "id:int,b:string\n1,\"x\ny\"\n2,\"b\n3,c\n"), "a.csv, line 4: the quote is not closed");
  EXPECT_EQ(failure_of("a.csv", "id:int,b:string\n2,a\"b\"\n"),
            "a.csv, line 2, character 4: a quote inside of a value; write the value in quotes, and the quote twice");
  EXPECT_EQ(failure_of("a.csv", "id:number\n"),
            "a.csv, line 1, character 1: column 'id' has the type 'number', which Unity Catalog does not have");
  EXPECT_EQ(failure_of("a.csv", ""), "a.csv is empty: its first line names the columns");
  EXPECT_EQ(failure_of("a.csv", "id:int,raw:binary\n1,!\n"),
            "a.csv, line 2, column 'raw': expected BINARY in base64, or \\x and hexadecimal digits, got '!'");
  EXPECT_EQ(failure_of("a.jsonl", "{\"id\": 1}\n{\"id\": 1 \"b\": 2}\n"),
            "a.jsonl, line 2, character 10: expected ',' or '}'");
  EXPECT_EQ(failure_of("a.jsonl", "{\"id\": 1}\n[1]\n"), "a.jsonl, line 2, character 1: expected an object of JSON");
  EXPECT_EQ(failure_of("a.jsonl", "{\"id\": nul}\n"), "a.jsonl, line 1, character 8: expected a value of JSON");
  EXPECT_EQ(failure_of("a.jsonl", "{\"id\": \"1}\n"), "a.jsonl, line 1, character 8: the text has no end");
  EXPECT_EQ(failure_of("a.jsonl", "{\"id\": 1, \"b\": [1\n"),
            "a.jsonl, line 1, character 16: the brackets are not closed");
  EXPECT_EQ(failure_of("a.jsonl", "{\"id\": 1, \"b\": \"x\\u0000\"}\n"),
            "a.jsonl, line 1, column 'b': a zero byte, which PostgreSQL cannot store in a text");
}

TEST_F(FileSourceTest, ReadsAFeedFromWhereItStopped) {
  auto const line = [](std::string const& kind, int id) {
    return "{\"_change_type\": \"" + kind + "\", \"id\": " + std::to_string(id) + "}\n";
  };
  auto const file = write("a.jsonl", line("insert", 1) + line("update_preimage", 1) + line("delete", 1) + "{\"_chan");
  auto const source = make_file_source(file);
  auto const first = source->open(Json::object());
  EXPECT_TRUE(first->is_feed());
  EXPECT_FALSE(first->goes_on());
  EXPECT_EQ(read(*first), "f\t1\t1\nt\t3\t1\n");
  auto const mark = source->mark();
  std::ofstream{file, std::ios::app} << "ge_type\": \"insert\", \"id\": 2}\n";
  EXPECT_NE(source->mark(), mark);
  auto const next = source->open(first->position());
  EXPECT_TRUE(next->goes_on());
  EXPECT_EQ(read(*next), "f\t4\t2\n");
  write("a.jsonl", line("insert", 5) + line("insert", 6) + line("insert", 7) + line("insert", 8) + line("insert", 9));
  EXPECT_FALSE(source->open(next->position())->goes_on());
}

TEST_F(FileSourceTest, FindsTheLineOfARow) {
  auto const rows = make_file_source(write("a.csv", "id:int,b:string\n1,\"x\ny\"\n,\n2,\n"))->open(Json::object());
  EXPECT_EQ(rows->place_of({rows->columns({}), {"id"}}, 2), "a.csv, line 5");
}

TEST_F(FileSourceTest, IsStoppedWhileItReads) {
  std::string text = "id:int\n";
  for (int i = 0; i < 10'000; ++i) text += "1\n";
  auto const rows = make_file_source(write("a.csv", text))->open(Json::object());
  ReadPlan const plan{rows->columns({}), {"id"}, [] { throw SyncStopped{}; }};
  EXPECT_THROW(rows->read(plan, [](std::string_view) {}), SyncStopped);
}

TEST(ColumnTypesTest, ReadsListsOfColumns) {
  auto const columns =
      parse_columns("id BIGINT NOT NULL, `a b` decimal(38, 18) COMMENT 'x'\n-- more\nm map<string, int>\n");
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_EQ(columns[1].name, "a b");
  EXPECT_EQ(columns[1].postgres_type, "numeric(38,18)");
  EXPECT_EQ(columns[2].postgres_type, "jsonb");
  for (auto const* bad :
       {"", "id", "id nothing", "id decimal(39,1)", "id decimal(2,3)", "id decimal(x)", "id variant"}) {
    EXPECT_THROW(parse_columns(bad), SyncError) << bad;
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
