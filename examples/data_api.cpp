// Rows over HTTP, where no connection of PostgreSQL can be had; docs/guide/data-api.md shows the parts in brackets.
//
// Needs the project my-app, and a service principal that is not its owner: DATA_API_CLIENT_ID and
// DATA_API_CLIENT_SECRET.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/data_api.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

using namespace lakebase::data_api;
using namespace lakebase::postgres;

namespace {

std::string const branch = "projects/my-app/branches/production";

// [film]
struct Film {
  std::int64_t id = 0;
  std::string title{};
  std::optional<int> year{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Film::id);
    field("title", &Film::title);
    field("year", &Film::year);
  }
};
// [film end]

// What the owner does once.
std::string prepare(lakebase::WorkspaceClient const& w, std::string const& reader) {
  // [prepare]
  std::string const database = lakebase::at(*w.postgres.list_databases(branch).begin(), &Database::name);
  DataApi const wanted{.spec = DataApiDataApiSpec{.db_schemas = {"public"}}};
  DataApi const api = w.postgres.create_data_api(database, wanted).wait();

  auto owner = lakebase::pq::connect(lakebase::pq::source_for(w, branch));
  owner.exec("CREATE EXTENSION IF NOT EXISTS databricks_auth");
  owner.exec("SELECT databricks_create_role($1, 'SERVICE_PRINCIPAL')", {reader});
  owner.exec("GRANT \"" + reader + "\" TO authenticator");
  owner.exec("CREATE TABLE films (id bigint PRIMARY KEY, title text NOT NULL, year int)");
  owner.exec("CREATE TABLE actors (film bigint REFERENCES films, name text)");
  owner.exec("CREATE FUNCTION oldest() RETURNS int STABLE LANGUAGE sql AS 'SELECT min(year) FROM films'");
  owner.exec("GRANT USAGE ON SCHEMA public TO \"" + reader + '"');
  owner.exec("GRANT ALL ON films, actors TO \"" + reader + '"');
  owner.exec(transaction_function("public"));
  owner.exec("NOTIFY pgrst, 'reload schema'");
  // [prepare end]
  return lakebase::at(api, &DataApi::status, &DataApiDataApiStatus::url);
}

void use(DataApiClient const& api) {
  // [write]
  auto const films = api.from("films");
  films.insert(std::vector<Film>{{.id = 1, .title = "Metropolis", .year = 1927}, {.id = 2, .title = "M"}}).execute();
  films.upsert(Film{.id = 2, .title = "M", .year = 1931}).execute();
  films.update(lakebase::JsonText{R"({"title":"M, 1931"})"}).where(col("id") == 2).execute();
  api.from("actors").insert(lakebase::JsonText{R"({"film":1,"name":"Brigitte Helm"})"}).execute();
  // [write end]

  // [read]
  for (auto const& film : films.select().where(col("year") > 1930 || !col("title").like("M%")).get<Film>())
    std::printf("%lld: %s\n", static_cast<long long>(film.id), film.title.c_str());

  std::optional<Film> const missing = films.select().where(col("id") == 3).maybe_single<Film>();
  std::printf("%s, %lld in all\n", missing ? "there" : "not there", static_cast<long long>(films.select().count()));

  Select const with_actors = films.select("title", embed("actors", "name").order("name")).where(col("id").in({1, 5}));
  std::printf("%s\n", with_actors.single().text.c_str());
  std::printf("the oldest is of %d\n", api.rpc("oldest").value<int>());
  // [read end]

  // [transaction]
  auto both = api.transaction();
  both.add(films.update(lakebase::JsonText{R"({"year":1930})"}).where(col("id") == 2 && col("year") == 1931), 1);
  both.add(api.from("actors").insert(lakebase::JsonText{R"({"film":2,"name":"Peter Lorre"})"}).returning("name"));
  std::vector<Rows> const changed = both.execute();
  std::printf("changed together: %s\n", changed.at(1).json.text.c_str());
  // [transaction end]

  // [pages]
  // A thousand rows at a time, in the order of a unique column.
  for (auto const& film : films.select().pages<Film>(1000, "id")) std::printf("%s\n", film.title.c_str());
  // [pages end]

  // [errors]
  try {
    films.insert(Film{.id = 1, .title = "Again"}).execute();
  } catch (DataApiError const& error) {
    std::printf("%s: %s\n", error.sqlstate().c_str(), error.database_details().c_str());
    std::printf("%s\n", error.hint().c_str());  // what to do
  }
  // [errors end]

  // [remove]
  api.from("actors").remove().all_rows("film").execute();  // without a condition, and without this, it does not compile
  films.remove().where(col("id") == 1).execute();
  // [remove end]
}

}  // namespace

int main() try {
  char const* const id = std::getenv("DATA_API_CLIENT_ID");
  char const* const secret = std::getenv("DATA_API_CLIENT_SECRET");
  if (id == nullptr || secret == nullptr) {
    std::fprintf(stderr, "data_api: set DATA_API_CLIENT_ID and DATA_API_CLIENT_SECRET\n");
    return EXIT_FAILURE;
  }
  lakebase::WorkspaceClient const w;
  std::string const url = prepare(w, id);
  // [client]
  lakebase::Config config;
  config.host = w.config().host;
  config.auth_type = "oauth-m2m";
  config.client_id = id;
  config.client_secret = secret;
  DataApiClient const api{lakebase::WorkspaceClient{config}, url};
  // [client end]
  use(api);
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "data_api: %s\n", error.what());
  return EXIT_FAILURE;
}
