// DataApiClient at the emulator's Data API, on a real PostgreSQL.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <future>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/data_api.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

#include "sql_connection.hpp"

namespace lakebase::tests {
namespace {

using namespace data_api;
using namespace postgres;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char const* ann = "11111111-1111-1111-1111-111111111111";
constexpr char const* bob = "22222222-2222-2222-2222-222222222222";

struct Film {
  std::int64_t id = 0;
  std::string title{};
  std::optional<std::string> price{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Film::id);
    field("title", &Film::title);
    field("price", &Film::price);
  }
};

struct Role {
  std::string name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &Role::name);
  }
  friend bool operator==(Role const&, Role const&) = default;
};

struct Cast {
  std::vector<Role> who{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("who", &Cast::who);
  }
};

class DataApiAtEmulator : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    testing::EmulatorOptions options;
    options.service_principals = {{ann, "s3cret", "ann"}, {bob, "s3cret", "bob"}};
    emulator = new testing::Emulator{options};
    WorkspaceClient const w{emulator->config()};
    w.postgres.create_project(Project{}, "shop").wait();
    auto const database = *w.postgres.list_databases(branch).to_vector().at(0).name;
    auto const api = w.postgres.create_data_api(database, DataApi{.spec = DataApiDataApiSpec{.db_max_rows = 7}}).wait();
    url = *api.status->url;
    auto const endpoint = std::string{branch} + "/endpoints/primary";
    sql = new Connection{*emulator, *w.postgres.get_endpoint(endpoint).status->hosts->host,
                         *w.current_user.me().user_name, *w.postgres.generate_database_credential(endpoint).token};
    sql->query("CREATE EXTENSION IF NOT EXISTS databricks_auth");
    for (std::string const name : {ann, bob}) {
      sql->query("SELECT databricks_create_role('" + name + "', 'SERVICE_PRINCIPAL')");
      sql->query("GRANT \"" + name + "\" TO authenticator");
      sql->query("GRANT ALL ON SCHEMA public TO \"" + name + '"');
    }
    sql->query("CREATE TABLE films (id bigint PRIMARY KEY, title text NOT NULL, price numeric DEFAULT 1.50)");
    sql->query("CREATE TABLE roles (film bigint REFERENCES films, name text)");
    sql->query("CREATE TABLE words (id int PRIMARY KEY, t text, n int, \"select\" text, \"a.b \"\"c\" text)");
    sql->query("CREATE TABLE notes (id int PRIMARY KEY, owner text DEFAULT current_user, body text)");
    sql->query("ALTER TABLE notes ENABLE ROW LEVEL SECURITY");
    sql->query("CREATE POLICY own ON notes USING (owner = current_user)");
    sql->query("CREATE SCHEMA hidden");
    sql->query("CREATE TABLE hidden.secrets (id int PRIMARY KEY, word text)");
    sql->query("INSERT INTO hidden.secrets VALUES (1, 'secret')");
    sql->query("ALTER TABLE notes ADD secret int REFERENCES hidden.secrets");
    sql->query("CREATE FUNCTION hidden.tell() RETURNS text LANGUAGE sql STABLE AS $$SELECT 'secret'$$");
    sql->query("CREATE FUNCTION hidden.word(notes) RETURNS text LANGUAGE sql STABLE AS $$SELECT 'secret'$$");
    sql->query("CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b'");
    for (std::string const name : {ann, bob}) {
      sql->query("GRANT ALL ON ALL TABLES IN SCHEMA public TO \"" + name + '"');
      // What keeps it hidden is the Data API alone.
      sql->query("GRANT USAGE ON SCHEMA hidden TO \"" + name + '"');
      sql->query("GRANT ALL ON ALL TABLES IN SCHEMA hidden TO \"" + name + '"');
    }
    sql->query("NOTIFY pgrst, 'reload schema'");
  }
  static void TearDownTestSuite() {
    delete sql;
    delete emulator;
  }
  static DataApiClient api_of(char const* principal) {
    auto config = emulator->config();
    config.token.reset();
    config.client_id = principal;
    config.client_secret = "s3cret";
    return DataApiClient{WorkspaceClient{config}, url};
  }
  void SetUp() override { sql->query("TRUNCATE films, roles, words, notes"); }

  static constexpr char const* branch = "projects/shop/branches/production";
  static testing::Emulator* emulator;
  static Connection* sql;
  static std::string url;
};
testing::Emulator* DataApiAtEmulator::emulator = nullptr;
Connection* DataApiAtEmulator::sql = nullptr;
std::string DataApiAtEmulator::url;

TEST_F(DataApiAtEmulator, CreatesReadsUpdatesAndRemoves) {
  auto const api = api_of(ann);
  auto const films = api.from("films");
  std::vector<Film> const two{{.id = 1, .title = "M, \"x\"", .price = "12345678901234567890.123"},
                              {.id = 9007199254740993, .title = ""}};
  EXPECT_THAT(films.insert(two).returning().execute().as<Film>(), SizeIs(2));
  EXPECT_EQ(films.select().where(col("id") == 1).single<Film>().price, "12345678901234567890.123");
  EXPECT_EQ(films.select().where(col("title") == "").single<Film>().id, 9007199254740993);
  EXPECT_EQ(films.select("price").where(col("title") == "").single<Film>().price, "1.50");
  EXPECT_EQ(films.select().where(col("id") == 3).maybe_single<Film>().has_value(), false);
  EXPECT_THROW(static_cast<void>(films.select().single()), DataApiError);
  EXPECT_EQ(films.select().where(col("title").like("M%")).count(), 1);
  EXPECT_EQ(films.select("title").where(col("id") == 1).csv(), "title\n\"M, \"\"x\"\"\"");

  films.upsert(JsonText{R"({"id":1,"title":"Metropolis"})"}).execute();
  films.update(JsonText{R"({"price":2})"}).where(col("id") == 1).execute();
  EXPECT_EQ(sql->rows("SELECT title, price FROM films WHERE id = 1"), "Metropolis,2");
  api.from("roles").insert(JsonText{R"([{"film":1,"name":"Maria"},{"film":1,"name":"Freder"}])"}).execute();
  auto const embedded = films.select(embed("roles", "name").as("who")).where(col("id") == 1).single<Cast>();
  EXPECT_THAT(embedded.who, ElementsAre(Role{"Maria"}, Role{"Freder"}));
  EXPECT_EQ(api.rpc("add", JsonText{R"({"a":3,"b":4})"}).value<int>(), 7);
  EXPECT_EQ(api.rpc_get("add", JsonText{R"({"a":3,"b":4})"}).value<int>(), 7);

  api.from("roles").remove().where(col("name") == "Freder").execute();
  EXPECT_EQ(sql->query("SELECT string_agg(name, ',') FROM roles"), "Maria");
  api.from("roles").remove().all_rows("film").execute();
  EXPECT_EQ(sql->query("SELECT count(*) FROM roles"), "0");
}

TEST_F(DataApiAtEmulator, SelectsSortsAndCutsEmbeddedRows) {
  auto const films = api_of(ann).from("films");
  films.insert(std::vector<Film>{{.id = 1, .title = "Metropolis"}, {.id = 2, .title = "M"}}).execute();
  api_of(ann)
      .from("roles")
      .insert(JsonText{R"([{"film":1,"name":"Maria"},{"film":1,"name":"Freder"},{"film":1,"name":"Rotwang"},)"
                       R"({"film":1,"name":"Grot"},{"film":2,"name":"Beckert"}])"})
      .execute();
  auto const named = embed("roles", "name").order(desc("name"));
  auto const json = [](Select const& query) { return query.get().json.text; };
  auto const casts = films.select(named.limit(2).offset(1).as("who")).order("id").get<Cast>();
  ASSERT_THAT(casts, SizeIs(2));
  EXPECT_THAT(casts[0].who, ElementsAre(Role{"Maria"}, Role{"Grot"}));
  EXPECT_THAT(casts[1].who, IsEmpty());
  auto const some = named.where(col("name").like("%t%") || col("name") == "Freder");
  EXPECT_EQ(json(films.select(some.spread()).where(col("id") == 1)), R"([{"name":["Rotwang", "Grot", "Freder"]}])");
  // Two levels: the films of a film's roles, and their roles.
  EXPECT_EQ(json(api_of(ann)
                     .from("roles")
                     .select("name", embed("films", "id", named.where(col("name") > "H").limit(1)).as("of"))
                     .where(col("name") == "Grot")),
            R"([{"name":"Grot","of":{"id":1,"roles":[{"name":"Rotwang"}]}}])");
  auto const by_title = api_of(ann).from("roles").select("name", embed("films", "title"));
  EXPECT_THAT(by_title.order(col("films", "title"), desc("name")).limit(2).get<Role>(),
              ElementsAre(Role{"Beckert"}, Role{"Rotwang"}));
  EXPECT_THAT(by_title.order(desc(col("films", "title")), "name").limit(1).get<Role>(), ElementsAre(Role{"Freder"}));
  auto const added = JsonText{R"({"id":1,"title":"Metropolis, 1927"})"};
  EXPECT_EQ(films.upsert(added).returning("title", named.limit(1)).execute().json.text,
            R"([{"title":"Metropolis, 1927","roles":[{"name":"Rotwang"}]}])");
}

TEST_F(DataApiAtEmulator, TellsWhatIsWrong) {
  auto const films = api_of(ann).from("films");
  films.insert(Film{.id = 1, .title = "M"}).execute();
  try {
    films.insert(Film{.id = 1, .title = "M"}).execute();
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.sqlstate(), "23505");
    EXPECT_THAT(error.database_details(), HasSubstr("(id)=(1)"));
  }
  try {
    static_cast<void>(films.select().where(col("titel") == "M").get());
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.sqlstate(), "42703");
    EXPECT_THAT(error.what(), HasSubstr("title"));  // the nearest
  }
  EXPECT_THROW(static_cast<void>(api_of(ann).schema("pg_catalog").from("pg_class").select().get()), DataApiError);
}

TEST_F(DataApiAtEmulator, SaysOfBadInputWhatToDoAndWritesNothing) {
  auto const api = api_of(ann);
  auto const films = api.from("films");
  films.insert(Film{.id = 1, .title = "M"}).execute();
  struct Row {
    std::function<Rows()> send;
    int status;
    std::string_view code;
    std::string_view said;
    std::string_view hint;
  };
  auto const change = JsonText{R"({"title":"x"})"};
  std::vector<Row> const rows{
      {[&] { return films.select().where(col("titel") == "M").get(); }, 400, "42703", "\"films.title\"", "columns"},
      {[&] { return films.select("titel").get(); }, 400, "42703", "\"films.title\"", "columns"},
      {[&] { return films.insert(JsonText{R"({"id":2,"titel":"x"})"}).execute(); }, 400, "PGRST204", "'title'",
       "columns"},
      {[&] { return films.update(JsonText{R"({"titel":"x"})"}).where(col("id") == 1).execute(); }, 400, "PGRST204",
       "'title'", "columns"},
      {[&] { return api.from("filmz").select().get(); }, 404, "PGRST205", "'public.films'", "reload schema"},
      {[&] { return api.rpc("ad").get(); }, 404, "PGRST202", "public.add", "arguments"},
      {[&] { return films.select(embed("role", "name")).get(); }, 400, "PGRST200", "'roles'", "foreign key"},
      {[&] { return films.update(change).where(parameter("order", "id")).execute(); }, 400, "21000", "WHERE",
       "all_rows()"},
      {[&] { return films.remove().where(parameter("limit", "1")).execute(); }, 400, "21000", "WHERE", "all_rows()"},
      {[&] { return films.remove().where(parameter("id", "1")).execute(); }, 400, "PGRST100", "operator",
       "COLUMN=OPERATOR.VALUE"},
      {[&] { return films.insert(JsonText{"7"}).execute(); }, 400, "PGRST102", "json", "an array of objects"},
      {[&] { return films.insert(JsonText{""}).execute(); }, 400, "PGRST102", "json", "an array of objects"},
      {[&] { return films.insert(JsonText{R"([{"id":2,"title":"x"},3])"}).execute(); }, 400, "PGRST102", "objects",
       "an array of objects"},
      {[&] { return films.insert(JsonText{R"([{"id":2,"title":"x"},{"id":3}])"}).execute(); }, 400, "PGRST102", "keys",
       "an array of objects"},
      {[&] { return films.update(JsonText{"[1]"}).where(col("id") == 1).execute(); }, 400, "PGRST102", "objects",
       "an array of objects"},
      {[&] { return films.insert(JsonText{R"([{"id":2,"title":"x"},{"id":3,"title":null}])"}).execute(); }, 400,
       "23502", "null value", ""},
      {[&] { return films.insert(JsonText{R"([{"id":2,"title":"x"},{"id":"three","title":"x"}])"}).execute(); }, 400,
       "22P02", "three", ""},
      {[&] { return films.insert(JsonText{R"([{"id":2,"title":"x"},{"id":1,"title":"x"}])"}).execute(); }, 409, "23505",
       "(id)=(1)", "upsert"},
      {[&] { return films.select().offset(9).counted().get(); }, 416, "PGRST103", "only 1 row", "within the rows"},
      {[&] { return Rows{.total = films.select().where(col("titel") == "M").count()}; }, 400, "42703", "films.title",
       "columns"},
      {[&] { return Rows{.total = api.from("filmz").select().count()}; }, 404, "PGRST205", "'public.films'",
       "reload schema"},
      {[&] { return films.select().limit(-1).get(); }, 416, "PGRST103", "greater than or equal to zero", "negative"},
      {[&] { return api.schema("secret").from("films").select().get(); }, 406, "PGRST106", "public", "db_schemas"},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto const& [send, status, code, said, hint] = rows[i];
    try {
      send();
      ADD_FAILURE() << "row " << i << " is taken";
    } catch (DataApiError const& error) {
      EXPECT_EQ(error.http_status(), status) << "row " << i << ": " << error.what();
      EXPECT_EQ(error.code(), code) << "row " << i << ": " << error.what();
      EXPECT_THAT(error.what(), HasSubstr(std::string{said})) << "row " << i;
      EXPECT_THAT(error.hint(), HasSubstr(std::string{hint})) << "row " << i;
    }
  }
  EXPECT_EQ(sql->rows("SELECT id, title FROM films"), "1,M");
  DataApiClient const by_access_token{WorkspaceClient{emulator->config()}, url};
  EXPECT_THROW(static_cast<void>(by_access_token.from("films").select().get()), AuthError);
}

TEST_F(DataApiAtEmulator, HoldsNamesAgainstTheSchema) {
  auto const api = api_of(ann);
  auto const set_mode = [](OpenApiMode mode) {
    WorkspaceClient const w{emulator->config()};
    auto const name = *w.postgres.list_databases(branch).to_vector().at(0).name + "/data-api";
    w.postgres.update_data_api(name, DataApi{.spec = DataApiDataApiSpec{.openapi_mode = mode}}, {"spec.openapi_mode"})
        .wait();
  };
  set_mode(OpenApiMode::disabled);
  try {
    api.check_names({{"films", {"id"}}});
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("openapi_mode"));
  }
  set_mode(OpenApiMode::ignore_privileges);
  EXPECT_NO_THROW(api.check_names({{"films", columns_of<Film>()}, {"words", {"select", "a.b \"c"}}, {"roles"}}));
  try {
    api.check_names({{"film", {"id"}}, {"films", {"id", "titel"}}});
    FAIL();
  } catch (InvalidArgument const& error) {
    EXPECT_EQ(error.message(), R"(the schema public has no table "film" (did you mean "films"?); )"
                               R"(films has no column "titel" (did you mean "title"?))");
  }
}

TEST_F(DataApiAtEmulator, ShowsEachIdentityItsOwnRows) {
  api_of(ann).from("notes").insert(JsonText{R"({"id":1,"body":"of Ann"})"}).execute();
  api_of(bob).from("notes").insert(JsonText{R"({"id":2,"body":"of Bob"})"}).execute();
  EXPECT_EQ(api_of(ann).from("notes").select("body").get().json.text, R"([{"body":"of Ann"}])");
  EXPECT_EQ(api_of(bob).from("notes").select("body").get().json.text, R"([{"body":"of Bob"}])");
  api_of(bob).from("notes").remove().all_rows("id").execute();
  EXPECT_EQ(sql->query("SELECT string_agg(body, ',') FROM notes"), "of Ann");
}

// What one does between the other's requests, by the same few sessions.
TEST_F(DataApiAtEmulator, KeepsIdentitiesApartThatAskAtOnce) {
  auto const work = [](std::string const& me, int first) {
    auto const notes = api_of(me.c_str()).from("notes");
    auto const note = [](int id, std::string const& body) {
      return JsonText{"{\"id\":" + std::to_string(id) + ",\"body\":\"" + body + "\"}"};
    };
    std::string wrong;
    for (int id = first; id < first + 20; ++id) {
      notes.insert(note(id, "new")).execute();
      notes.upsert(note(id, "written")).execute();
      auto const changed = notes.update(JsonText{R"({"body":"changed"})"}).all_rows("id").returning("owner").execute();
      for (auto const& row : changed.texts()) {
        if (row.text != "{\"owner\":\"" + me + "\"}") wrong += row.text;
      }
      if (notes.select().count() != id - first + 1) wrong += "not its own rows";
      if (notes.select().where(col("owner") != me).maybe_single()) wrong += "a row of the other";
    }
    notes.remove().where(col("id") >= first + 5).execute();
    return wrong;
  };
  auto of_bob = std::async(std::launch::async, work, bob, 100);
  EXPECT_EQ(work(ann, 200), "");
  EXPECT_EQ(of_bob.get(), "");
  EXPECT_EQ(sql->rows("SELECT owner, min(id), count(*) FROM notes GROUP BY 1 ORDER BY 1"),
            std::string{ann} + ",200,5\n" + bob + ",100,5");
}

TEST_F(DataApiAtEmulator, HasNoWayToWhatIsNotExposed) {
  auto const api = api_of(ann);
  auto const notes = api.from("notes");
  auto const code_of = [](auto const& ask) -> std::string {
    try {
      return "none: " + ask();
    } catch (DataApiError const& error) {
      return error.code();
    } catch (InvalidArgument const&) {
      return "refused";
    }
  };
  auto const read = [&](Select const& query) { return code_of([&] { return query.get().json.text; }); };
  for (std::string const schema :
       {"hidden", "pg_catalog", "information_schema", "public/hidden", "PUBLIC", "public,hidden"})
    EXPECT_EQ(read(api.schema(schema).from("secrets").select()), "PGRST106") << schema;
  for (std::string const table :
       {"hidden.secrets", "../hidden/secrets", "secrets", "pg_class", "notes?select=id", "rpc/add"})
    EXPECT_EQ(read(api.from(table).select()), "PGRST205") << table;
  EXPECT_EQ(code_of([&] { return api.from("..").select().get().json.text; }), "refused");
  EXPECT_EQ(code_of([&] { return api.schema("..").from("hidden").select().get().json.text; }), "refused");
  for (std::string const function : {"pg_sleep", "pg_catalog.pg_sleep", "hidden.tell", "tell", "word"})
    EXPECT_EQ(read(api.rpc(function)), "PGRST202") << function;
  for (std::string const relation : {"secrets", "hidden.secrets", "notes_secret_fkey", "word"})
    EXPECT_EQ(read(notes.select("id", embed(relation, "word"))), "PGRST200") << relation;
  EXPECT_EQ(read(notes.select("id", embed("secrets", "word").hint("notes_secret_fkey"))), "PGRST200");
  EXPECT_EQ(read(notes.select().where(col("secrets", "word") == "secret")), "PGRST108");
  for (std::string const column : {"word", "ctid", "id, (SELECT word FROM hidden.secrets)", "id\"; SELECT 1; --"}) {
    EXPECT_EQ(read(notes.select(column)), "42703") << column;
    EXPECT_EQ(read(notes.select().where(col(column) == "x")), "42703") << column;
    EXPECT_EQ(read(notes.select().order(col(column))), "42703") << column;
  }
  EXPECT_EQ(read(notes.select(col("id").cast("regclass"))), "42704");
  EXPECT_EQ(code_of([&] { return notes.insert(JsonText{R"({"hidden.secrets":1})"}).execute().json.text; }), "PGRST204");
}

TEST_F(DataApiAtEmulator, WalksPastTheCutOfDbMaxRows) {
  sql->query("INSERT INTO films SELECT i, 'film ' || i FROM generate_series(1, 50) i");
  auto const films = api_of(ann).from("films");
  EXPECT_THAT(films.select().get().texts(), SizeIs(7));
  for (int const by_key : {0, 1}) {
    auto const pages = by_key == 1 ? films.select().pages<Film>(10, "id") : films.select().order("id").pages<Film>(10);
    std::int64_t expected = 0;
    for (auto const& film : pages) ASSERT_EQ(film.id, ++expected);
    EXPECT_EQ(expected, 50) << by_key;
  }
  std::int64_t expected = 51;
  for (auto const& film : films.select().pages<Film>(3, desc("id"))) ASSERT_EQ(film.id, --expected);
  EXPECT_EQ(expected, 1);
}

// Random conditions, each as the client writes it and as SQL with parameters.
class Conditions {
 public:
  explicit Conditions(unsigned seed) : random_(seed) {}

  std::string text() {
    static constexpr std::array<char const*, 26> pieces{"a", "b", "B", ",", ".",  "(",  ")",    "\"", "\\",
                                                        "%", "*", "_", " ", "'",  ":",  "&",    "=",  "+",
                                                        "{", "}", "/", "é", "日", "\n", "null", "eq."};
    std::string made;
    for (auto left = below(5); left > 0; --left) made += pieces[below(pieces.size())];
    return made;
  }
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_); }

  struct Both {
    Condition condition;
    std::string sql;
  };
  Both make(int depth, std::vector<std::string>& parameters) {
    if (depth > 0 && below(3) > 0) {
      auto left = make(depth - 1, parameters);
      switch (below(3)) {
        case 0:
          return {!left.condition, "(NOT " + left.sql + ')'};
        case 1: {
          auto right = make(depth - 1, parameters);
          return {left.condition && right.condition, '(' + left.sql + " AND " + right.sql + ')'};
        }
        default: {
          auto right = make(depth - 1, parameters);
          return {left.condition || right.condition, '(' + left.sql + " OR " + right.sql + ')'};
        }
      }
    }
    return comparison(parameters);
  }

 private:
  Both comparison(std::vector<std::string>& parameters) {
    static constexpr std::array<std::pair<char const*, char const*>, 3> columns{
        {{"t", "t"}, {"select", "\"select\""}, {"a.b \"c", "\"a.b \"\"c\""}}};
    auto const [name, quoted] = columns[below(columns.size())];
    auto const column = col(name);
    std::string const left = quoted;
    auto const bind = [&](std::string const& value) {
      parameters.push_back(value);
      return '$' + std::to_string(parameters.size());
    };
    auto const value = text();
    auto pattern = value;
    if (pattern.ends_with('\\')) pattern += 'a';
    switch (below(12)) {
      case 0:
        return {column == value, left + " = " + bind(value)};
      case 1:
        return {column != value, left + " <> " + bind(value)};
      case 2:
        return {column < value, left + " < " + bind(value)};
      case 3:
        return {column >= value, left + " >= " + bind(value)};
      case 4:
        return {column.is_null(), left + " IS NULL"};
      case 5: {
        auto const other = text();
        return {column.in({value, other}), left + " IN (" + bind(value) + ", " + bind(other) + ')'};
      }
      case 6:
        return {column.like(pattern), left + " LIKE " + bind(pattern)};
      case 7:
        return {column.ilike(pattern), left + " ILIKE " + bind(pattern)};
      case 8:
        return {column.is_distinct_from(value), left + " IS DISTINCT FROM " + bind(value)};
      case 9: {
        auto const other = text();
        return {column.any_of({value, other}), left + " IN (" + bind(value) + ", " + bind(other) + ')'};
      }
      case 10: {
        auto const number = static_cast<int>(below(5));
        return {col("n") > number, "n > " + bind(std::to_string(number)) + "::int"};
      }
      default:
        return {column > value, left + " > " + bind(value)};
    }
  }

  std::mt19937 random_;
};

TEST_F(DataApiAtEmulator, SelectsTheRowsThatSqlSelects) {
  char const* const wanted = std::getenv("LAKEBASE_DATA_API_CASES");
  int const cases = wanted != nullptr ? std::atoi(wanted) : 2000;
  char const* const seed_text = std::getenv("LAKEBASE_DATA_API_SEED");
  Conditions conditions{seed_text != nullptr ? static_cast<unsigned>(std::atoi(seed_text)) : 1U};
  for (int id = 1; id <= 60; ++id) {
    std::vector<std::string> const row{std::to_string(id), conditions.text(), std::to_string(id % 5), conditions.text(),
                                       conditions.text()};
    static_cast<void>(
        sql->column("INSERT INTO words VALUES ($1, nullif($2, 'null'), nullif($3, '0')::int, $4, $5) "
                    "RETURNING id",
                    row));
  }
  auto const words = api_of(ann).from("words");
  int selected = 0;
  for (int i = 0; i < cases; ++i) {
    std::vector<std::string> parameters;
    auto const both = conditions.make(3, parameters);
    auto const expected = sql->column("SELECT id FROM words WHERE " + both.sql + " ORDER BY id", parameters);
    // Seven rows are what db_max_rows lets through.
    std::vector<std::string> got;
    for (auto const& row : words.select("id").where(both.condition).order("id").get().texts()) {
      got.push_back(row.text.substr(6, row.text.size() - 7));
    }
    auto const part = std::vector<std::string>(expected.begin(),
                                               expected.begin() + std::min<std::ptrdiff_t>(7, std::ssize(expected)));
    ASSERT_EQ(got, part) << "case " << i << ": " << both.sql << " with " << ::testing::PrintToString(parameters);
    selected += static_cast<int>(got.size());
  }
  EXPECT_GT(selected, cases);  // not all of them select nothing
}

}  // namespace
}  // namespace lakebase::tests
