#include <lakebase/data_api.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/testing/fixed_credentials.hpp>
#include <lakebase/testing/scripted_transport.hpp>

#include "support/client_over.hpp"
#include "support/skipping_clock.hpp"

namespace lakebase::data_api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view base = "https://ep.example.com/api/2.0/workspace/1/rest/db";

struct Film {
  std::int64_t id = 0;
  std::string title{};
  std::optional<std::string> price{};
  std::vector<int> ratings{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Film::id);
    field("title", &Film::title);
    field("price", &Film::price);
    field("ratings", &Film::ratings);
  }
};

// What can be called without a condition.
template <class T>
concept CanExecute = requires(T const& change) {
  change.execute();
};
static_assert(CanExecute<Write> && !CanExecute<Unfiltered>);

class DataApiClientTest : public ::testing::Test {
 protected:
  WorkspaceClient workspace() {
    auto config = tests::config_over(wire, std::make_shared<tests::SkippingClock>());
    config.token.reset();
    config.credentials_strategy = credentials;
    return WorkspaceClient{config};
  }
  DataApiClient api() { return DataApiClient{workspace(), base}; }
  std::string last_target() {
    auto const url = wire->requests().back().url;
    return url.substr(base.size());
  }
  std::string last_header(std::string_view name) {
    auto const request = wire->requests().back();
    return std::string{find_header(request.headers, name).value_or("")};
  }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FixedCredentials> credentials = std::make_shared<testing::FixedCredentials>("ey.J.t", true);
};

TEST_F(DataApiClientTest, SelectsRowsIntoStructs) {
  wire->then({.body =
                  R"([ {"title":"A \"x\"","id":9223372036854775807,"price":12345678901234567890.10,"ratings":[1,2],)"
                  R"("more":{"a":["]"]}}, {"id":2,"title":"","price":null,"ratings":[]} ])",
              .headers = {{"Content-Range", "0-1/77"}}});
  auto const rows = api()
                        .from("films")
                        .select("id", "title", embed("actors", "name"))
                        .where(col("year") > 1990 && !col("title").in({"a,b"}))
                        .order(desc("year"), std::string{"id"})
                        .limit(2)
                        .counted()
                        .get();
  EXPECT_EQ(last_target(),
            "/public/films?select=id%2Ctitle%2Cactors%28name%29&year=gt.1990&title=not.in.%28%22a%2Cb%22%29"
            "&order=year.desc%2Cid.asc&limit=2");
  EXPECT_EQ(last_header("Prefer"), "count=exact");
  EXPECT_EQ(last_header("Authorization"), "Bearer ey.J.t");
  EXPECT_EQ(rows.total, 77);
  auto const films = rows.as<Film>();
  ASSERT_THAT(films, SizeIs(2));
  EXPECT_EQ(films[0].id, 9223372036854775807);
  EXPECT_EQ(films[0].title, "A \"x\"");
  EXPECT_EQ(films[0].price, "12345678901234567890.10");
  EXPECT_THAT(films[0].ratings, ElementsAre(1, 2));
  EXPECT_EQ(films[1].price, std::nullopt);
  EXPECT_EQ(rows.texts()[1].text, R"({"id":2,"title":"","price":null,"ratings":[]})");
}

TEST_F(DataApiClientTest, SendsWhatIsSaidOfEmbeddedRows) {
  wire->then({.body = "[]"}).then({.status = 201});
  auto const actors = embed("actors", "name").where(col("name") != "x").order("name").limit(2);
  static_cast<void>(api().from("films").select("title", actors).where(col("id") == 1).limit(5).get());
  EXPECT_EQ(last_target(),
            "/public/films?select=title%2Cactors%28name%29&actors.name=neq.x&actors.order=name.asc&actors.limit=2"
            "&id=eq.1&limit=5");
  api().from("films").insert(JsonText{"{}"}).returning(actors).execute();
  EXPECT_EQ(last_target(),
            "/public/films?select=actors%28name%29&actors.name=neq.x&actors.order=name.asc&actors.limit=2");
}

TEST_F(DataApiClientTest, RefusesRowsThatDoNotFit) {
  wire->then({.body = R"([{"id":"x"}])"}).then({.body = R"([{"id":92233720368547758080}])"});
  wire->then({.body = R"([{"title":null}])"}).then({.body = R"([{"id":1})"}).then({.body = R"({"id":1})"});
  for (int i = 0; i < 5; ++i) {
    EXPECT_THROW(static_cast<void>(api().from("films").select().get<Film>()), ParseError) << i;
  }
}

TEST_F(DataApiClientTest, ReadsOneRowCountAndCsv) {
  wire->then({.body = R"({"id":1})"});
  EXPECT_EQ(api().from("films").select().single<Film>().id, 1);
  EXPECT_EQ(last_header("Accept"), "application/vnd.pgrst.object+json");

  wire->then({.status = 406, .body = R"({"code":"PGRST116","message":"m","details":"The result contains 0 rows"})"});
  EXPECT_EQ(api().from("films").select().maybe_single(), std::nullopt);
  wire->then({.status = 406, .body = R"({"code":"PGRST116","message":"m","details":"The result contains 20 rows"})"});
  EXPECT_THROW(static_cast<void>(api().from("films").select().maybe_single()), DataApiError);

  wire->then({.headers = {{"Content-Range", "*/12"}}});
  EXPECT_EQ(api().from("films").select().count(), 12);
  EXPECT_EQ(wire->requests().back().method, "HEAD");

  wire->then({.body = "id\n1\n"});
  EXPECT_EQ(api().from("films").select("id").csv(), "id\n1\n");
  EXPECT_EQ(last_header("Accept"), "text/csv");
}

TEST_F(DataApiClientTest, AsksInWordsWhatIsWrongWithACount) {
  wire->then({.status = 404}).then({.status = 404, .body = R"({"code":"PGRST205","message":"no table"})"});
  try {
    static_cast<void>(api().from("filmz").select().limit(5).count());
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.code(), "PGRST205");
    EXPECT_THAT(error.hint(), HasSubstr("NOTIFY pgrst"));
  }
  EXPECT_EQ(wire->requests().back().method, "GET");
  EXPECT_EQ(last_target(), "/public/filmz?limit=0");
  EXPECT_EQ(last_header("Prefer"), "count=exact");
  // It may be there by now.
  wire->then({.status = 404}).then({.body = "[]", .headers = {{"Content-Range", "*/3"}}});
  EXPECT_EQ(api().from("filmz").select().count(), 3);
}

TEST_F(DataApiClientTest, WritesRows) {
  wire->then({.status = 201});
  EXPECT_EQ(api().from("films").insert(Film{.id = 1, .title = "A\""}).execute().json.text, "[]");
  EXPECT_EQ(wire->requests().back().body, R"({"id":1,"title":"A\"","ratings":[]})");
  EXPECT_EQ(last_header("Content-Type"), "application/json");

  wire->then({.status = 201, .body = R"([{"id":1}])"});
  std::vector<Film> const two{{.id = 1}, {.id = 2, .price = "1.50"}};
  EXPECT_THAT(api().from("films").insert(two).returning("id").execute().as<Film>(), SizeIs(1));
  EXPECT_EQ(last_target(), "/public/films?select=id&columns=id%2Ctitle%2Cprice%2Cratings");
  EXPECT_EQ(last_header("Prefer"), "missing=default, return=representation");

  // What no row sets is not made the default of rows that are there.
  wire->then({.status = 201});
  api().from("films").upsert(std::vector<Film>{{.id = 1}, {.id = 2}}).execute();
  EXPECT_EQ(last_target(), "/public/films?columns=id%2Ctitle%2Cratings");

  wire->then({.status = 201});
  api().from("films").upsert(JsonText{R"({"a":1})"}, {"a"}, Resolution::ignore_duplicates).execute();
  EXPECT_EQ(last_target(), "/public/films?on_conflict=a");
  EXPECT_EQ(last_header("Prefer"), "resolution=ignore-duplicates");

  wire->then({.status = 204});
  api().from("films").update(JsonText{R"({"a":2})"}).where(col("id") == 3).execute();
  EXPECT_EQ(wire->requests().back().method, "PATCH");
  EXPECT_EQ(last_target(), "/public/films?id=eq.3");

  wire->then({.status = 204});
  api().from("films").remove().all_rows("id").execute();
  EXPECT_EQ(wire->requests().back().method, "DELETE");
  EXPECT_EQ(last_target(), "/public/films?or=%28id.is.null%2Cid.not.is.null%29");
}

TEST_F(DataApiClientTest, CallsFunctionsInASchema) {
  wire->then({.body = "7"});
  EXPECT_EQ(api().schema("s x").rpc("add", JsonText{R"({"a":3,"b":4})"}).get().json.text, "7");
  EXPECT_EQ(wire->requests().back().method, "POST");
  EXPECT_EQ(last_target(), "/s%20x/rpc/add");
  wire->then({.body = "7"}).then({.body = "\"x\""});
  EXPECT_EQ(api().rpc("add").value<int>(), 7);
  EXPECT_EQ(api().rpc("name").value<std::string>(), "x");
}

TEST_F(DataApiClientTest, CallsFunctionsThatOnlyRead) {
  wire->then({.body = "7"}).then({.status = 206, .headers = {{"Content-Range", "*/3"}}});
  auto const query = api().rpc_get("f", JsonText{R"({"a":3,"b":"x,\"y","c":[1,null,"z"],"d":{"e":1},"g":true})"});
  EXPECT_EQ(query.value<int>(), 7);
  EXPECT_EQ(wire->requests().back().method, "GET");
  EXPECT_EQ(last_target(), "/public/rpc/f?a=3&b=x%2C%22y&c=%7B%221%22%2CNULL%2C%22z%22%7D&d=%7B%22e%22%3A1%7D&g=true");
  EXPECT_EQ(query.count(), 3);
  EXPECT_THROW(static_cast<void>(api().rpc_get("f", JsonText{R"({"a":null})"})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(api().rpc_get("f", JsonText{R"({"a":[[1]]})"})), InvalidArgument);
  for (std::string const text : {"eq.1", "not.in.(1,2)", "fts(english).x"}) {
    EXPECT_THROW(static_cast<void>(api().rpc_get("f", JsonText{R"({"a":")" + text + "\"}"})), InvalidArgument) << text;
  }
  EXPECT_THROW(static_cast<void>(api().rpc_get("f", JsonText{R"({"limit":1})"})), InvalidArgument);
  EXPECT_NO_THROW(static_cast<void>(api().rpc_get("f", JsonText{R"({"a":"e.g. this","b":"eq","c":1.5})"})));
  EXPECT_THROW(static_cast<void>(api().rpc_get("")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(api().rpc("")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(api().rpc("f").count()), InvalidArgument);
}

TEST_F(DataApiClientTest, TellsWhatTheDatabaseSays) {
  wire->then({.status = 409,
              .body = R"({"code":"23505","message":"duplicate key","details":"Key (id)=(1) exists.","hint":null})"});
  try {
    api().from("films").insert(JsonText{"{}"}).execute();
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.sqlstate(), "23505");
    EXPECT_EQ(error.message(), "duplicate key");
    EXPECT_EQ(error.database_details(), "Key (id)=(1) exists.");
    EXPECT_EQ(error.database_hint(), "");
    EXPECT_TRUE(error.is_conflict());
    EXPECT_FALSE(error.is_auth());
    EXPECT_THAT(error.hint(), HasSubstr("upsert"));
    EXPECT_THAT(error.what(), HasSubstr("Key (id)=(1) exists."));
  }
  wire->then({.status = 404, .body = R"({"code":"PGRST205","message":"no table","hint":"Perhaps 'films'"})"});
  try {
    static_cast<void>(api().from("film").select().get());
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.sqlstate(), "");
    EXPECT_EQ(error.database_hint(), "Perhaps 'films'");
    EXPECT_THAT(error.hint(), HasSubstr("NOTIFY pgrst"));
  }
  wire->then(
      {.status = 300, .body = R"({"code":"PGRST201","message":"m","details":[{"relationship":"k"}],"hint":null})"});
  try {
    static_cast<void>(api().from("film").select().get());
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.database_details(), R"([{"relationship":"k"}])");
    EXPECT_THAT(error.what(), HasSubstr(R"(details: [{"relationship":"k"}])"));
  }
  wire->then({.status = 404, .body = "<html>gateway</html>"});
  EXPECT_THROW(static_cast<void>(api().from("film").select().get()), DataApiError);
}

TEST_F(DataApiClientTest, RepeatsWhatWasNotBegun) {
  auto const write = [&] { api().from("films").insert(JsonText{"{}"}).execute(); };
  for (auto const& [status, code] :
       std::vector<std::pair<int, char const*>>{{503, "PGRST001"}, {504, "PGRST003"}, {429, "x"}, {401, "PGRST301"}}) {
    wire->then({.status = status, .body = std::string{R"({"message":"m","code":")"} + code + "\"}"});
    wire->then({.status = 201});
    EXPECT_NO_THROW(write()) << code;
  }
  for (auto const& [status, code] :
       std::vector<std::pair<int, char const*>>{{503, "53300"}, {500, "40001"}, {502, "x"}, {504, "x"}}) {
    auto const failure =
        testing::ScriptedAnswer{.status = status, .body = std::string{R"({"message":"m","code":")"} + code + "\"}"};
    wire->then(failure);
    EXPECT_THROW(write(), DataApiError) << code;
    wire->then(failure).then({.body = "[]"});
    EXPECT_NO_THROW(static_cast<void>(api().from("films").select().get())) << code;
    wire->then(failure).then({.status = 201});
    EXPECT_NO_THROW(api().from("films").upsert(JsonText{"{}"}).execute()) << code;
  }
  wire->then({.status = 500, .body = R"({"message":"m","code":"XX000"})"});
  EXPECT_THROW(static_cast<void>(api().from("films").select().get()), DataApiError);
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(DataApiClientTest, WalksPagesByAKeyUntilOneIsEmpty) {
  wire->then({.body = R"([{"id":1},{"id":2}])"}).then({.body = R"([{"id":5}])"});  // cut off by db_max_rows
  wire->then({.body = R"([{"id":9}])"}).then({.body = "[]"});
  std::vector<std::int64_t> ids;
  for (auto const& film : api().from("films").select("id").pages<Film>(2, "id")) ids.push_back(film.id);
  EXPECT_THAT(ids, ElementsAre(1, 2, 5, 9));
  EXPECT_EQ(last_target(), "/public/films?select=id&id=gt.9&limit=2&order=id.asc");
}

TEST_F(DataApiClientTest, WalksPagesByOffset) {
  wire->then({.body = "[1,2]"}).then({.body = "[3]"}).then({.status = 416, .body = R"({"code":"PGRST103"})"});
  std::vector<std::string> rows;
  auto const query = api().from("films").select(embed("actors").limit(1)).order("id");
  for (auto const& row : query.pages(2)) rows.push_back(row.text);
  EXPECT_THAT(rows, ElementsAre("1", "2", "3"));
  EXPECT_EQ(last_target(), "/public/films?select=actors%28%2A%29&actors.limit=1&order=id.asc&limit=2&offset=3");
}

TEST_F(DataApiClientTest, RefusesPagesThatMightMissRows) {
  auto const query = api().from("films").select();
  EXPECT_THROW(static_cast<void>(query.pages(2)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(query.pages(0, "id")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(query.limit(5).pages(2, "id")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(query.order("a").pages(2, "id")), InvalidArgument);
  wire->then({.body = R"([{"id":null}])"});
  EXPECT_THROW(static_cast<void>(query.pages(2, "id").begin()), InvalidArgument);
}

TEST_F(DataApiClientTest, HoldsNamesAgainstTheSchema) {
  testing::ScriptedAnswer const document{
      .body = R"({"swagger":"2.0","definitions":{"films":{"properties":{"id":{},"title":{},"price":{},"ratings":{}}},)"
              R"("none":{}}})"};
  wire->then(document);
  EXPECT_NO_THROW(api().schema("s").check_names({{"films", columns_of<Film>()}, {"none"}}));
  EXPECT_EQ(last_target(), "/s");
  EXPECT_EQ(last_header("Accept"), "application/openapi+json");
  wire->then(document);
  try {
    api().check_names({{"flims", {"id"}}, {"films", {"titel", "id", "director"}}, {"none", {"id"}}});
    FAIL();
  } catch (InvalidArgument const& error) {
    EXPECT_EQ(
        error.message(),
        R"(the schema public has no table "flims" (did you mean "films"?); )"
        R"(films has no column "titel" (did you mean "title"?); films has no column "director"; none has no column "id")");
    EXPECT_THAT(error.hint(), HasSubstr("NOTIFY pgrst"));
  }
  for (auto const* body : {"[]", "{}", "x", R"({"definitions":[]})"}) {
    wire->then({.body = body});
    EXPECT_THROW(api().check_names({}), ParseError) << body;
  }
  wire->then({.body = R"({"definitions":{"films":{"properties":7},"none":null}})"});
  EXPECT_THROW(api().check_names({{"films", {"id"}}, {"none", {"id"}}}), InvalidArgument);
  wire->then({.status = 404, .body = R"({"code":"PGRST126","message":"Root endpoint metadata is disabled"})"});
  try {
    api().check_names({});
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("OPEN_API_MODE_IGNORE_PRIVILEGES"));
  }
}

TEST_F(DataApiClientTest, RefusesAPersonalAccessTokenBeforeAnythingIsSent) {
  credentials = std::make_shared<testing::FixedCredentials>("dapi123");
  EXPECT_THROW(static_cast<void>(api().from("films").select().get()), AuthError);
  EXPECT_THAT(wire->requests(), IsEmpty());
}

TEST_F(DataApiClientTest, RefusesWhatIsNoAddress) {
  for (auto const* target : {"", "http://elsewhere.example.com/rest", "https://h/x?y=1", "projects/p", "ftp://h/x"}) {
    EXPECT_THROW((DataApiClient{workspace(), target}), InvalidArgument) << target;
  }
  EXPECT_THROW(static_cast<void>(api().from("")), InvalidArgument);
  std::vector<Value> const many(3000, Value{"abc"});
  EXPECT_THROW(static_cast<void>(api().from("films").select().where(col("a").in(many)).get()), InvalidArgument);
}

TEST_F(DataApiClientTest, LooksADatabaseUpAndTakesItsCredential) {
  wire->then({.body = R"({"databases":[{"name":"projects/p/branches/b/databases/d",)"
                      R"("status":{"postgres_database":"databricks_postgres"}}]})"});
  wire->then({.body = R"({"status":{"url":"https://ep.example.com/api/2.0/workspace/1/rest/db"}})"});
  wire->then({.body = R"({"endpoints":[{"name":"projects/p/branches/b/endpoints/r","status":)"
                      R"({"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}},{"name":"projects/p/branches/b/endpoints/e",)"
                      R"("status":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE"}}]})"});
  DataApiClient const client{workspace(), "projects/p/branches/b"};
  EXPECT_EQ(client.base_url(), base);
  EXPECT_THAT(wire->requests()[1].url, HasSubstr("/projects/p/branches/b/databases/d/data-api"));

  wire->then({.body = R"({"token":"minted-1","expire_time":"2099-01-01T00:00:00Z"})"});
  wire->then({.status = 401, .body = R"({"code":"PGRST301","message":"JWT expired"})"});
  wire->then({.body = R"({"token":"minted-2","expire_time":"2099-01-01T00:00:00Z"})"}).then({.body = "[]"});
  static_cast<void>(client.from("films").select().get());
  EXPECT_EQ(last_header("Authorization"), "Bearer minted-2");
  EXPECT_THAT(wire->requests()[3].body, HasSubstr("projects/p/branches/b/endpoints/e"));
}

TEST_F(DataApiClientTest, CallsAPlainServerWithProfileHeaders) {
  auto config = tests::config_over(wire, std::make_shared<tests::SkippingClock>());
  config.token.reset();
  config.host.reset();
  auto const client = compat::postgrest("http://127.0.0.1:3000/", config, "api");
  wire->then({.body = "[]"}).then({.status = 201});
  static_cast<void>(client.from("films").select().get());
  EXPECT_EQ(wire->requests().back().url, "http://127.0.0.1:3000/films");
  EXPECT_EQ(last_header("Accept-Profile"), "api");
  EXPECT_EQ(last_header("Authorization"), "");
  client.from("films").insert(JsonText{"{}"}).execute();
  EXPECT_EQ(last_header("Content-Profile"), "api");

  wire->then({.status = 206, .body = "[1]", .headers = {{"Content-Range", "0-0/900"}}});
  EXPECT_EQ(client.from("films").select().counted(Count::planned).get().total, 900);
  EXPECT_EQ(last_header("Prefer"), "count=planned");
  wire->then({.headers = {{"Content-Range", "*/12"}}});
  EXPECT_EQ(client.from("films").select().count(Count::estimated), 12);
  EXPECT_EQ(last_header("Prefer"), "count=estimated");

  wire->then({.body = R"({"definitions":{"films":{"properties":{"id":{}}}}})"});
  client.check_names({{"films", {"id"}}});
  EXPECT_EQ(wire->requests().back().url, "http://127.0.0.1:3000/");
}

TEST_F(DataApiClientTest, RefusesCountsThatTheServiceDoesNotKnow) {
  auto const films = api().from("films").select();
  for (auto const how : {Count::planned, Count::estimated}) {
    EXPECT_THROW(static_cast<void>(films.counted(how)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(films.count(how)), InvalidArgument);
  }
  try {
    static_cast<void>(films.counted(Count::estimated));
    FAIL();
  } catch (InvalidArgument const& error) {
    EXPECT_THAT(error.what(), HasSubstr("no estimated count, only the exact one"));
  }
  EXPECT_THAT(wire->requests(), IsEmpty());
}

}  // namespace
}  // namespace lakebase::data_api
