// Synced tables with rows, by the SDK, with a real PostgreSQL.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

#include "sql_connection.hpp"
#include "support/temporary_folder.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Policy = SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy;
using Spec = SyncedTableSyncedTableSpec;

constexpr char const* production = "projects/shop/branches/production";
constexpr char const* primary = "projects/shop/branches/production/endpoints/primary";

class SyncedTableTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    // PostgreSQL's account must get through, if the emulator is started as root.
    std::filesystem::permissions(folder->path(), std::filesystem::perms{0711});
    open();
    client().create_project({}, "shop").wait();
    sql("CREATE SCHEMA gold");
  }
  static void TearDownTestSuite() {
    delete emulator;
    emulator = nullptr;
    delete folder;
    folder = nullptr;
  }
  static void open() {
    testing::EmulatorOptions options;
    options.data_dir = folder->path() / "data";
    options.postgres_port = 0;
    for (auto const* name : {"types.csv", "seen.jsonl", "plain.csv", "bad.csv", "zero.csv", "changes.csv", "feed.jsonl",
                             "hand.csv", "shape.csv", "twice.csv", "newest.csv", "extra.csv", "there.csv", "locked.csv",
                             "crash.csv", "ended.csv", "columns.csv", "pipeline.csv", "described.jsonl"}) {
      options.sources["main.raw." + std::filesystem::path{name}.stem().string()] = folder->path() / name;
    }
    options.sources["main.raw.orders"] = std::string(production) + "/databases/source-db:public.orders";
    options.sources["main.raw.fed"] = fed_file();
    options.sources["main.raw.missing"] = folder->path() / "missing.csv";
    emulator = new testing::Emulator{options};
  }
  static std::filesystem::path fed_file(std::string const& table = "orders") {
    return folder->path() / "data" / "cdf" / ("main.cdf." + table + ".jsonl");
  }
  /// The lines of the feed's file, without when and where they were committed.
  static std::string fed(std::string const& table = "orders") {
    std::ifstream file{fed_file(table)};
    std::string text;
    for (std::string line; std::getline(file, line);) {
      auto const kind = line.substr(0, line.find(",\"_commit"));
      auto const columns = line.find("\"id\"");
      text += kind.substr(16) + ' ' + (columns == std::string::npos ? line : line.substr(columns)) + '\n';
    }
    return text;
  }
  static void wait_for_feed(std::string const& lines, std::string const& table = "orders") {
    auto const deadline = std::chrono::steady_clock::now() + 60s;
    while (fed(table) != lines && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(50ms);
    EXPECT_EQ(fed(table), lines);
  }
  static void restart() {
    delete emulator;
    open();
  }

  static WorkspaceClient workspace() { return WorkspaceClient{emulator->config()}; }
  static PostgresClient client() { return PostgresClient{emulator->config()}; }

  /// Runs a statement as the project's owner. @return the rows, with commas and newlines between values and rows
  static std::string sql(std::string const& statement, std::string const& database = "databricks_postgres") {
    auto const host = *client().get_endpoint(primary).status->hosts->host;
    auto const token = *client().generate_database_credential(primary).token;
    return Connection{*emulator, host, emulator->user_name(), token, "verify-full", database}.rows(statement);
  }

  /// Replaces the file at once, as careful writers do.
  static void write(std::string const& name, std::string const& text) {
    auto const finished = folder->write(name + ".new", text);
    std::filesystem::rename(finished, folder->path() / name);
  }
  static void append(std::string const& name, std::string const& text) {
    std::ofstream{folder->path() / name, std::ios::binary | std::ios::app} << text;
  }

  static void create(std::string const& name, Policy policy = Policy::snapshot, Spec spec = {}) {
    spec.branch = production;
    spec.postgres_database = "databricks_postgres";
    if (spec.primary_key_columns.empty()) spec.primary_key_columns = {"id"};
    spec.source_table_full_name = "main.raw." + name;
    spec.scheduling_policy = policy;
    client().create_synced_table(SyncedTable{.spec = spec}, "main.gold." + name).wait();
  }
  static SyncedTableSyncedTableStatus status(std::string const& name) {
    return *client().get_synced_table("synced_tables/main.gold." + name).status;
  }
  /// The status once it is as wanted.
  static SyncedTableSyncedTableStatus wait(std::string const& name,
                                           std::function<bool(SyncedTableSyncedTableStatus const&)> const& is_wanted) {
    auto const deadline = std::chrono::steady_clock::now() + 60s;
    for (;;) {
      auto const now = status(name);
      if (is_wanted(now) || std::chrono::steady_clock::now() > deadline) return now;
      std::this_thread::sleep_for(20ms);
    }
  }
  static SyncedTableSyncedTableStatus wait(std::string const& name, SyncedTableState state) {
    auto const now = wait(name, [&](auto const& one) { return one.detailed_state == state; });
    EXPECT_EQ(now.detailed_state, state) << *now.message;
    return now;
  }
  static void wait_for_rows(std::string const& query, std::string const& rows) {
    auto const deadline = std::chrono::steady_clock::now() + 60s;
    while (sql(query) != rows && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(50ms);
    EXPECT_EQ(sql(query), rows);
  }
  /// Starts the pipeline, and waits for the end of the update.
  static void refresh(std::string const& name, bool full = false) {
    auto const pipeline = "/api/2.0/pipelines/" + *status(name).pipeline_id;
    auto const started =
        workspace().call("POST", pipeline + "/updates", {.body = full ? R"({"full_refresh": true})" : "{}"});
    auto const begin = started.find(':') + 2;
    auto const update = started.substr(begin, started.find('"', begin) - begin);
    auto const deadline = std::chrono::steady_clock::now() + 60s;
    for (;;) {
      auto const now = workspace().call("GET", pipeline + "/updates/" + update, {});
      bool const is_done = now.find("COMPLETED") != std::string::npos || now.find("FAILED") != std::string::npos;
      if (is_done || std::chrono::steady_clock::now() > deadline) return;
      std::this_thread::sleep_for(20ms);
    }
  }

  static TemporaryFolder* folder;
  static testing::Emulator* emulator;
};
TemporaryFolder* SyncedTableTest::folder = nullptr;
testing::Emulator* SyncedTableTest::emulator = nullptr;

TEST_F(SyncedTableTest, CopiesACsvFileWithItsTypes) {
  write("types.csv",
        "id:bigint,name:string,price:decimal(10,2),at:timestamp,local:timestamp_ntz,day:date,ok:boolean,raw:binary,"
        "half:float,whole:double,small:smallint,tiny:tinyint,tags:array<string>,gap:interval\n"
        "1,\"a, \"\"b\"\"\nc\",1.50,2026-01-02T03:04:05Z,2026-01-02 03:04:05,2026-01-02,true,aGk=,1.5,2.5,7,8,"
        "\"[\"\"x\"\"]\",1 day\n"
        "2,\"\",,,,,,,,,,,,\n"
        ",no key,,,,,,,,,,,,\n");
  create("types");
  auto const now = wait("types", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(now.last_processed_commit_version, 0);
  EXPECT_TRUE(now.last_sync->sync_end_time && now.last_sync->sync_start_time && now.last_sync_time);
  EXPECT_EQ(now.last_sync->delta_table_sync_info->delta_commit_version, 0);
  EXPECT_THAT(*now.message, HasSubstr(*now.pipeline_id));
  EXPECT_EQ(
      sql("SELECT id, name, price, at AT TIME ZONE 'UTC', local, day, ok, raw, half, whole, small, tiny, tags, gap "
          "FROM gold.types ORDER BY id"),
      "1,a, \"b\"\nc,1.50,2026-01-02 03:04:05,2026-01-02 03:04:05,2026-01-02,t,\\x6869,1.5,2.5,7,8,[\"x\"],1 day\n"
      "2,,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL");
  EXPECT_EQ(sql("SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute WHERE "
                "attrelid = 'gold.types'::regclass AND attnum > 0"),
            "bigint,text,numeric(10,2),timestamp with time zone,timestamp without time zone,date,boolean,bytea,real,"
            "double precision,smallint,smallint,jsonb,interval");
  EXPECT_EQ(
      sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'gold.types'::regclass AND contype "
          "= 'p'"),
      "PRIMARY KEY (id)");
}

TEST_F(SyncedTableTest, SeesTheTypesOfJsonLines) {
  write("seen.jsonl",
        R"({"id": 12345678901, "name": "é\n\"x\"", "n": 1, "ok": true, "tags": {"a": [1, 2]}, "none": null})"
        "\n\n"
        R"({"name": "y", "id": 2, "n": 1.5, "later": "z"})"
        "\n");
  create("seen");
  wait("seen", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT id, name, n, ok, tags, \"none\", later FROM gold.seen ORDER BY id"),
            "2,y,1.5,NULL,NULL,NULL,z\n12345678901,é\n\"x\",1,t,{\"a\": [1, 2]},NULL,NULL");
  EXPECT_EQ(sql("SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute WHERE "
                "attrelid = 'gold.seen'::regclass AND attnum > 0"),
            "bigint,text,double precision,boolean,jsonb,text,text");
}

TEST_F(SyncedTableTest, TakesTypesFromAFileBesideIt) {
  folder->write("described.jsonl.schema", "id INT NOT NULL,\n`price` DECIMAL(20, 3) COMMENT 'net', raw BINARY");
  write("described.jsonl", R"({"id": 1, "price": 12345678901234567.125})"
                           "\n"
                           R"({"id": 2, "raw": "AAE="})"
                           "\n");
  create("described");
  wait("described", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT * FROM gold.described ORDER BY id"), "1,12345678901234567.125,NULL\n2,NULL,\\x0001");
}

TEST_F(SyncedTableTest, SeesTheTypesOfAPlainCsvFileAndKeepsThem) {
  write("plain.csv", "id,code,amount\n1,007,1\n2,008,2.5\n");
  create("plain", Policy::triggered);
  wait("plain", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT id + 1, code || '!', amount * 2 FROM gold.plain ORDER BY id"), "2,007!,2\n3,008!,5");
  write("plain.csv", "id,code,amount\n1,007,1\ntwo,008,2.5\n");
  refresh("plain");
  auto const failed = status("plain");
  EXPECT_EQ(failed.detailed_state, SyncedTableState::online_pipeline_failed);
  EXPECT_THAT(*failed.message, HasSubstr("plain.csv, line 3, column 'id': expected BIGINT, got \"two\""));
}

TEST_F(SyncedTableTest, ABadRowLeavesNothingBehindAndThenTheTableAsItWas) {
  write("bad.csv", "id:int,price:decimal(5,2)\n1,2.50\n,9\n2,cheap\n");
  create("bad");
  auto const failed = wait("bad", SyncedTableState::offline_failed);
  EXPECT_THAT(*failed.message, HasSubstr("bad.csv, line 4, column 'price': expected DECIMAL(5,2), got \"cheap\""));
  EXPECT_EQ(sql("SELECT to_regclass('gold.bad')"), "NULL");
  write("bad.csv", "id:int,price:decimal(5,2)\n1,2.50\n2,3\n");
  refresh("bad");
  wait("bad", SyncedTableState::online_no_pending_update);
  write("bad.csv", "id:int,price:decimal(5,2)\n7,2.50\n8\n");
  refresh("bad");
  auto const again = wait("bad", SyncedTableState::online_pipeline_failed);
  EXPECT_THAT(*again.message, HasSubstr("bad.csv, line 3, character 1: expected 2 columns, as in the header, got 1"));
  EXPECT_EQ(sql("SELECT * FROM gold.bad ORDER BY id"), "1,2.50\n2,3.00");
}

TEST_F(SyncedTableTest, AZeroByteFailsTheSync) {
  write("zero.csv", "id:int,name:string\n1,a\n");
  create("zero", Policy::triggered);
  wait("zero", SyncedTableState::online_no_pending_update);
  write("zero.csv", std::string("id:int,name:string\n1,a\n2,b") + '\0' + "c\n");
  refresh("zero");
  auto const failed = wait("zero", SyncedTableState::online_pipeline_failed);
  EXPECT_THAT(*failed.message, HasSubstr("zero.csv, line 3, column 'name': a zero byte"));
}

TEST_F(SyncedTableTest, ATriggeredTableFollowsWhenItsPipelineIsStarted) {
  write("changes.csv", "id:int,name:string\n1,a\n2,b\n3,c\n");
  create("changes", Policy::triggered);
  wait("changes", SyncedTableState::online_no_pending_update);
  auto const untouched = sql("SELECT xmin FROM gold.changes WHERE id = 1");
  sql("CREATE INDEX by_name ON gold.changes (name)");
  write("changes.csv", "id:int,name:string,more:int\n1,a,\n2,B,5\n4,d,\n");
  refresh("changes");
  EXPECT_EQ(sql("SELECT * FROM gold.changes ORDER BY id"), "1,a,NULL\n2,B,5\n4,d,NULL");
  EXPECT_EQ(sql("SELECT xmin FROM gold.changes WHERE id = 1"), untouched);
  EXPECT_EQ(sql("SELECT to_regclass('gold.by_name')"), "gold.by_name");
  EXPECT_EQ(status("changes").last_processed_commit_version, 1);
  refresh("changes");
  EXPECT_EQ(status("changes").last_processed_commit_version, 1);
  write("changes.csv", "id:int\n1\n");
  refresh("changes");
  EXPECT_THAT(*status("changes").message, HasSubstr("the source has no column 'name' any more"));
}

TEST_F(SyncedTableTest, AContinuousTableFollowsAFeedAcrossRestarts) {
  write("feed.jsonl", R"({"_change_type": "insert", "id": 1, "name": "a", "_commit_version": 0})"
                      "\n"
                      R"({"_change_type": "insert", "id": 2, "name": "b"})"
                      "\n"
                      R"({"_change_type": "update_preimage", "id": 1, "name": "a"})"
                      "\n"
                      R"({"_change_type": "update_postimage", "id": 1, "name": "A"})"
                      "\n");
  create("feed", Policy::continuous);
  wait("feed", SyncedTableState::online_continuous_update);
  EXPECT_EQ(sql("SELECT * FROM gold.feed ORDER BY id"), "1,A\n2,b");
  append("feed.jsonl", R"({"_change_type": "delete", "id": 2})"
                       "\n"
                       R"({"_change_type": "insert", "id": 3, "name": "c"})"
                       "\n"
                       R"({"_change_type": "insert", "id": 4, "na)");
  wait_for_rows("SELECT * FROM gold.feed ORDER BY id", "1,A\n3,c");
  restart();
  append("feed.jsonl", "me\": \"d\"}\n");
  wait_for_rows("SELECT * FROM gold.feed ORDER BY id", "1,A\n3,c\n4,d");
  EXPECT_EQ(status("feed").detailed_state, SyncedTableState::online_continuous_update);
  // Another file: its changes from the first on are the whole table.
  write("feed.jsonl", R"({"_change_type": "insert", "id": 9, "name": "z"})"
                      "\n");
  wait_for_rows("SELECT * FROM gold.feed ORDER BY id", "9,z");
  append("feed.jsonl", R"({"_change_type": "rename", "id": 9})"
                       "\n");
  auto const failed = wait("feed", SyncedTableState::online_pipeline_failed);
  EXPECT_THAT(*failed.message, HasSubstr("feed.jsonl, line 2, column '_change_type': expected insert, update_preimage, "
                                         "update_postimage or delete, got 'rename'"));
}

TEST_F(SyncedTableTest, NoticesRowsThatWereChangedByHand) {
  write("hand.csv", "id:int,name:string\n1,a\n");
  create("hand", Policy::triggered);
  wait("hand", SyncedTableState::online_no_pending_update);
  sql("UPDATE gold.hand SET name = 'mine'");
  write("hand.csv", "id:int,name:string\n1,b\n");
  refresh("hand");
  auto const failed = wait("hand", SyncedTableState::online_pipeline_failed);
  EXPECT_THAT(*failed.message, HasSubstr("table gold.hand was changed by hand, by developer@example.com"));
  EXPECT_EQ(sql("SELECT * FROM gold.hand"), "1,mine");
  refresh("hand", true);
  wait("hand", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT * FROM gold.hand"), "1,b");
  sql("DROP TABLE gold.hand");
  write("hand.csv", "id:int,name:string\n1,c\n");
  refresh("hand");
  EXPECT_THAT(*status("hand").message, HasSubstr("table gold.hand was dropped; start a full refresh"));
  refresh("hand", true);
  EXPECT_EQ(sql("SELECT * FROM gold.hand"), "1,c");
}

TEST_F(SyncedTableTest, NoticesColumnsThatWereChangedByHand) {
  write("shape.csv", "id:int\n1\n");
  create("shape", Policy::triggered);
  wait("shape", SyncedTableState::online_no_pending_update);
  sql("ALTER TABLE gold.shape ADD COLUMN mine int");
  write("shape.csv", "id:int\n2\n");
  refresh("shape");
  EXPECT_THAT(*status("shape").message,
              HasSubstr("table gold.shape was changed by hand: it is now (id integer, mine integer, PRIMARY KEY (id)) "
                        "instead of (id integer, PRIMARY KEY (id))"));
}

TEST_F(SyncedTableTest, WantsOneRowOfEachKeyOrATimeseriesKey) {
  write("twice.csv", "id:int,at:date\n1,2026-01-01\n1,2026-01-02\n");
  create("twice");
  auto const failed = wait("twice", SyncedTableState::offline_failed);
  EXPECT_THAT(*failed.message, HasSubstr("Key (id)=(1) is duplicated. Remove them, or name a timeseries_key"));
  write("newest.csv", "id:int,at:date,n:int\n1,2026-01-02,2\n1,2026-01-03,3\n1,2026-01-01,1\n2,,7\n");
  create("newest", Policy::triggered, {.timeseries_key = "at"});
  wait("newest", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT id, n FROM gold.newest ORDER BY id"), "1,3\n2,7");
  write("newest.csv", "id:int,at:date,n:int\n1,2026-01-02,2\n1,2026-01-01,1\n");
  refresh("newest");
  EXPECT_EQ(sql("SELECT id, n FROM gold.newest ORDER BY id"), "1,2");
}

TEST_F(SyncedTableTest, HasExtraColumnsAndIndexesAndOtherTypes) {
  write("extra.csv", "id:int,text:string,code:string\n1,one fish,ab\n");
  Spec spec;
  spec.extra_columns = {{.column_name = "words",
                         .column_type = "tsvector",
                         .compute = "to_tsvector('english', text)",
                         .maintenance = SyncedTableSyncedTableSpecExtraColumnMaintenance::stored_generated},
                        {.column_name = "seen",
                         .column_type = "boolean",
                         .compute = "false",
                         .maintenance = SyncedTableSyncedTableSpecExtraColumnMaintenance::default_value}};
  spec.extra_index_definitions = {{.name = "extra_words", .definition = "USING gin (words)"}};
  spec.type_overrides = {
      {.column_name = "code", .pg_type = SyncedTableSyncedTableSpecPgSpecificType::varchar, .size = 2}};
  create("extra", Policy::triggered, spec);
  wait("extra", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT id, words, seen, code FROM gold.extra"), "1,'fish':2 'one':1,f,ab");
  EXPECT_EQ(sql("SELECT to_regclass('gold.extra_words')"), "gold.extra_words");
  EXPECT_EQ(sql("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'gold.extra'::regclass AND "
                "attname = 'code'"),
            "character varying(2)");
  write("extra.csv", "id:int,text:string,code:string\n1,two fish,abc\n");
  refresh("extra");
  EXPECT_THAT(*status("extra").message,
              HasSubstr("extra.csv, line 2, column 'code': expected STRING, got \"abc\" (value "
                        "too long for type character varying(2))"));
  spec.extra_index_definitions[0].definition = "(id); DROP TABLE gold.extra";
  EXPECT_THROW(create("plain2", Policy::triggered, spec), BadRequest);
}

TEST_F(SyncedTableTest, NamesColumnsThatTheSourceDoesNotHave) {
  write("columns.csv", "id:int,shape:geometry\n");
  create("columns");
  EXPECT_THAT(
      *wait("columns", SyncedTableState::offline_failed).message,
      HasSubstr("columns.csv, line 1, character 1: column 'shape' has the type GEOMETRY, which synced tables do "
                "not support"));
  write("columns.csv", "key:int,name:string\n");
  refresh("columns");
  EXPECT_THAT(
      *status("columns").message,
      HasSubstr("primary_key_columns names the column 'id', which the source does not have; it has: key, name"));
}

TEST_F(SyncedTableTest, LeavesTablesAndSchemasOfOthersAlone) {
  write("there.csv", "id:int\n1\n");
  sql("CREATE TABLE gold.there (id int); INSERT INTO gold.there VALUES (7)");
  create("there");
  EXPECT_THAT(*wait("there", SyncedTableState::offline_failed).message, HasSubstr("table gold.there exists already"));
  EXPECT_EQ(sql("SELECT * FROM gold.there"), "7");
  sql("DROP TABLE gold.there");
  refresh("there");
  EXPECT_EQ(sql("SELECT * FROM gold.there"), "1");

  write("locked.csv", "id:int\n1\n");
  sql("CREATE ROLE other; GRANT other TO CURRENT_USER");
  sql("CREATE SCHEMA locked AUTHORIZATION other");
  sql("REVOKE other FROM CURRENT_USER");
  Spec spec{.branch = production,
            .postgres_database = "databricks_postgres",
            .primary_key_columns = {"id"},
            .source_table_full_name = "main.raw.locked"};
  client().create_synced_table(SyncedTable{.spec = spec}, "main.locked.locked").wait();
  auto const deadline = std::chrono::steady_clock::now() + 30s;
  auto const locked = [] { return *client().get_synced_table("synced_tables/main.locked.locked").status; };
  while (locked().detailed_state != SyncedTableState::offline_failed && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_THAT(*locked().message, HasSubstr("permission denied for schema locked"));
}

TEST_F(SyncedTableTest, FollowsATableOfAnotherDatabase) {
  Database database;
  database.spec.emplace();
  database.spec->postgres_database = "source_db";
  database.spec->role =
      std::string(production) + "/roles/" + *client().list_roles(production).to_vector().front().role_id;
  client().create_database(production, database, {.database_id = "source-db"}).wait();
  sql("CREATE TABLE orders (id int, at timestamptz, tags text[]); INSERT INTO orders VALUES (1, '2026-01-02', "
      "'{a,b}'), (2, NULL, NULL), (NULL, NULL, NULL)",
      "source_db");
  create("orders", Policy::continuous);
  wait("orders", SyncedTableState::online_continuous_update);
  EXPECT_EQ(sql("SELECT id, tags FROM gold.orders ORDER BY id"), "1,{a,b}\n2,NULL");
  sql("DELETE FROM orders WHERE id = 1; UPDATE orders SET tags = '{c}' WHERE id = 2; INSERT INTO orders VALUES (3)",
      "source_db");
  wait_for_rows("SELECT id, tags FROM gold.orders ORDER BY id", "2,{c}\n3,NULL");
  client().delete_synced_table("synced_tables/main.gold.orders").wait();
  EXPECT_EQ(sql("SELECT count(*) FROM gold.orders"), "2");
}

TEST_F(SyncedTableTest, ACrashOfPostgresLosesAndDoublesNothing) {
  std::string rows = "id:int,name:string\n";
  for (int i = 0; i < 200'000; ++i) rows += std::to_string(i) + ",some text of a row\n";
  write("crash.csv", rows);
  create("crash");
  wait("crash", [](auto const& now) { return now.ongoing_sync_progress.has_value() || now.last_sync.has_value(); });
  emulator->crash(primary);
  wait("crash", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT count(*), sum(id) FROM gold.crash"), "200000,19999900000");
}

TEST_F(SyncedTableTest, ASessionThatEndsWithinARowIsNoFaultOfTheRow) {
  std::string rows = "id:int,name:string\n";
  for (int i = 0; i < 400'000; ++i) rows += std::to_string(i) + ",some text of a row\n";
  write("ended.csv", rows);
  create("ended");
  sql(R"(DO $$ BEGIN
    FOR i IN 1..1000000 LOOP
      PERFORM pg_terminate_backend(pid) FROM pg_stat_progress_copy WHERE tuples_processed > 100;
      IF FOUND THEN RETURN; END IF;
      PERFORM pg_stat_clear_snapshot();
    END LOOP;
    RAISE EXCEPTION 'no COPY was seen';
  END $$)");
  wait("ended", SyncedTableState::online_no_pending_update);
  EXPECT_EQ(sql("SELECT count(*) FROM gold.ended"), "400000");
}

TEST_F(SyncedTableTest, ChangesGoToAFileOfAFeed) {
  auto const database = std::string(production) + "/databases/databricks-postgres";
  sql("CREATE SCHEMA shop");
  sql("CREATE TABLE shop.orders (id int, name text, price numeric, ok boolean, tags jsonb)");
  sql("ALTER TABLE shop.orders REPLICA IDENTITY FULL");
  sql("CREATE TABLE shop.plain (id int)");
  sql("INSERT INTO shop.orders VALUES (1, E'a\\t\"b\"\\\\', 1.50, true, '{\"x\": [1]}')");
  auto const feed =
      client()
          .create_cdf_config(database, CdfConfig{.catalog = "main", .schema = "cdf", .postgres_schema = "shop"})
          .wait();
  std::string lines = R"("insert" "id":1,"name":"a\t\"b\"\\","price":1.50,"ok":true,"tags":{"x": [1]}})"
                      "\n";
  wait_for_feed(lines);
  // A table without an identity that is fed can still be changed.
  sql("INSERT INTO shop.plain VALUES (1); UPDATE shop.plain SET id = 2");
  sql("INSERT INTO shop.orders VALUES (2, NULL, 'NaN'); UPDATE shop.orders SET name = 'c' WHERE id = 2; DELETE FROM "
      "shop.orders WHERE id = 1");
  lines += R"("insert" "id":2,"name":null,"price":"NaN","ok":null,"tags":null}
"update_preimage" "id":2,"name":null,"price":"NaN","ok":null,"tags":null}
"update_postimage" "id":2,"name":"c","price":"NaN","ok":null,"tags":null}
"delete" "id":1,"name":"a\t\"b\"\\","price":1.50,"ok":true,"tags":{"x": [1]}}
)";
  wait_for_feed(lines);
  restart();
  sql("INSERT INTO shop.orders VALUES (3)");
  lines += R"("insert" "id":3,"name":null,"price":null,"ok":null,"tags":null})"
           "\n";
  wait_for_feed(lines);
  emulator->crash(primary);
  sql("ALTER TABLE shop.orders ADD COLUMN more int");
  sql("INSERT INTO shop.orders VALUES (4)");
  lines += R"("insert" "id":4,"name":null,"price":null,"ok":null,"tags":null,"more":null})"
           "\n";
  wait_for_feed(lines);
  auto const status = client().get_cdf_status(*feed.name + "/cdf-statuses/orders");
  EXPECT_EQ(status.state, CdfState::streaming);
  EXPECT_TRUE(status.last_sync_time.has_value());
  EXPECT_EQ(sql("SELECT '" + *status.committed_lsn + "'::pg_lsn <= pg_current_wal_lsn()"), "t");
  // What the feed has written is a source.
  create("fed", Policy::continuous);
  wait("fed", SyncedTableState::online_continuous_update);
  EXPECT_EQ(sql("SELECT id, name, price FROM gold.fed ORDER BY id"), "2,c,NaN\n3,NULL,NULL\n4,NULL,NULL");
  client().delete_synced_table("synced_tables/main.gold.fed").wait();
  client().delete_cdf_config(*feed.name, {.force = true}).wait();
  EXPECT_FALSE(std::filesystem::exists(fed_file()));
  EXPECT_EQ(sql("SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'logical'"), "0");
  EXPECT_EQ(sql("SELECT count(*) FROM pg_publication"), "0");
}

TEST_F(SyncedTableTest, ATruncateIsTheDeletionOfEachRowThatWasThere) {
  auto const database = std::string(production) + "/databases/databricks-postgres";
  sql("CREATE SCHEMA emptied");
  for (std::string const table : {"items", "notes"}) {
    sql("CREATE TABLE emptied." + table + " (id int, price numeric)");
    sql("ALTER TABLE emptied." + table + " REPLICA IDENTITY FULL");
  }
  sql("INSERT INTO emptied.items VALUES (1, 1.50), (1, 1.50), (2, NULL), (3, 3)");
  sql("INSERT INTO emptied.notes VALUES (8, 8)");
  auto const feed =
      client()
          .create_cdf_config(database, CdfConfig{.catalog = "main", .schema = "cdf", .postgres_schema = "emptied"})
          .wait();
  std::string lines = R"("insert" "id":1,"price":1.50}
"insert" "id":1,"price":1.50}
"insert" "id":2,"price":null}
"insert" "id":3,"price":3}
)";
  wait_for_feed(lines, "items");
  std::string notes = R"("insert" "id":8,"price":8})"
                      "\n";
  wait_for_feed(notes, "notes");
  sql("ALTER TABLE emptied.items ADD COLUMN more int DEFAULT 7");
  sql("BEGIN; DELETE FROM emptied.items WHERE id = 3; INSERT INTO emptied.notes VALUES (9, 9); INSERT INTO "
      "emptied.items VALUES (4); TRUNCATE emptied.items, emptied.notes; INSERT INTO emptied.items VALUES (5); COMMIT");
  lines += R"("delete" "id":3,"price":3,"more":7}
"insert" "id":4,"price":null,"more":7}
"delete" "id":1,"price":1.50}
"delete" "id":1,"price":1.50}
"delete" "id":2,"price":null}
"delete" "id":4,"price":null,"more":7}
"insert" "id":5,"price":null,"more":7}
)";
  wait_for_feed(lines, "items");
  notes += R"("insert" "id":9,"price":9}
"delete" "id":8,"price":8}
"delete" "id":9,"price":9}
)";
  wait_for_feed(notes, "notes");
  sql("TRUNCATE emptied.items");
  lines += R"("delete" "id":5,"price":null,"more":7})"
           "\n";
  wait_for_feed(lines, "items");
  client().delete_cdf_config(*feed.name, {.force = true}).wait();
}

TEST_F(SyncedTableTest, ADatabaseIsDroppedWhileAFeedReadsItsChanges) {
  Database fed_database;
  fed_database.spec.emplace();
  fed_database.spec->postgres_database = "fed_db";
  fed_database.spec->role =
      std::string(production) + "/roles/" + *client().list_roles(production).to_vector().front().role_id;
  client().create_database(production, fed_database, {.database_id = "fed-db"}).wait();
  auto const database = std::string(production) + "/databases/fed-db";
  sql("CREATE TABLE large (id int); ALTER TABLE large REPLICA IDENTITY FULL; INSERT INTO large VALUES (0)", "fed_db");
  client()
      .create_cdf_config(database, CdfConfig{.catalog = "main", .schema = "cdf", .postgres_schema = "public"})
      .wait();
  wait_for_feed("\"insert\" \"id\":0}\n", "large");
  sql("INSERT INTO large SELECT generate_series(1, 300000)", "fed_db");
  wait_for_rows("SELECT count(*) FROM pg_replication_slots WHERE database = 'fed_db' AND active", "1");
  client().delete_database(database).wait();
  EXPECT_EQ(sql("SELECT count(*) FROM pg_database WHERE datname = 'fed_db'"), "0");
  EXPECT_EQ(sql("SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'logical'"), "0");
}

TEST_F(SyncedTableTest, HasAPipeline) {
  write("pipeline.csv", "id:int\n1\n");
  create("pipeline");
  wait("pipeline", SyncedTableState::online_no_pending_update);
  auto const id = *status("pipeline").pipeline_id;
  EXPECT_THAT(workspace().call("GET", "/api/2.0/pipelines/" + id, {}), HasSubstr(R"("state":"IDLE")"));
  EXPECT_THROW(static_cast<void>(workspace().call("GET", "/api/2.0/pipelines/none", {})), NotFound);
  EXPECT_THROW(static_cast<void>(workspace().call("GET", "/api/2.0/pipelines/" + id + "/updates/none", {})), NotFound);
  create("missing");
  EXPECT_THAT(*wait("missing", SyncedTableState::offline_failed).message,
              HasSubstr("missing.csv cannot be opened: No such file or directory"));
  create("unnamed");
  EXPECT_THAT(*status("unnamed").message, HasSubstr("Start it with --source main.raw.unnamed=FILE"));
  EXPECT_EQ(status("unnamed").detailed_state, SyncedTableState::provisioning_initial_snapshot);
  auto const unnamed = "/api/2.0/pipelines/" + *status("unnamed").pipeline_id + "/updates";
  EXPECT_THROW(static_cast<void>(workspace().call("POST", unnamed, {.body = "{}"})), BadRequest);
}

}  // namespace
}  // namespace lakebase::tests
