// DataApiClient at the emulator: one row by its key, compared with the same request by libcurl alone, and with the same
// statement, prepared, over libpq through the emulator's TLS front; and 100,000 rows by pages, with the memory that
// takes. Rounds alternate between the three; times are medians.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <curl/curl.h>
#include <libpq-fe.h>

#include <lakebase/data_api.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

namespace {

using namespace lakebase::data_api;
using namespace lakebase::postgres;

constexpr char const* branch = "projects/shop/branches/production";
constexpr char const* reader = "11111111-1111-1111-1111-111111111111";

void check(bool is_right, char const* what) {
  if (!is_right) throw std::runtime_error(what);
}

class Sql {
 public:
  explicit Sql(lakebase::testing::Emulator const& emulator, lakebase::WorkspaceClient const& w) {
    auto const endpoint = w.postgres.get_endpoint(std::string{branch} + "/endpoints/primary");
    auto const port = std::to_string(emulator.postgres_port());
    auto const ca = emulator.ca_certificate().string();
    auto const host = host_of(endpoint);
    auto const user = *w.current_user.me().user_name;
    auto const password = token_of(w.postgres.generate_database_credential(*endpoint.name));
    char const* const names[] = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", nullptr};
    char const* const values[] = {host.c_str(),          port.c_str(),  user.c_str(), password.c_str(),
                                  "databricks_postgres", "verify-full", ca.c_str(),   nullptr};
    connection_.reset(PQconnectdbParams(names, values, 0));
    check(PQstatus(connection_.get()) == CONNECTION_OK, "no connection");
  }
  void run(std::string const& sql) { finish(PQexec(connection_.get(), sql.c_str())); }
  void prepare() {
    finish(PQprepare(connection_.get(), "one", "SELECT id, name FROM items WHERE id = $1", 1, nullptr));
  }
  void select_one(std::string const& key) {
    char const* const values[] = {key.c_str()};
    finish(PQexecPrepared(connection_.get(), "one", 1, values, nullptr, nullptr, 0));
  }

 private:
  void finish(PGresult* raw) {
    std::unique_ptr<PGresult, decltype(&PQclear)> const result{raw, &PQclear};
    auto const status = PQresultStatus(raw);
    check(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, PQerrorMessage(connection_.get()));
  }
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, &PQfinish};
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

// Bare requests over one connection.
class Curl {
 public:
  explicit Curl(std::string const& token) {
    headers_.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str()));
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEDATA, &body_);
  }
  void get(std::string const& url) {
    body_.clear();
    curl_easy_setopt(handle_.get(), CURLOPT_URL, url.c_str());
    check(curl_easy_perform(handle_.get()) == CURLE_OK && body_.starts_with("[{"), "libcurl got no row");
  }

 private:
  std::string body_{};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_{curl_easy_init(), &curl_easy_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr, &curl_slist_free_all};
};

std::string access_token(std::string const& host) {
  std::string body;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const handle{curl_easy_init(), &curl_easy_cleanup};
  auto const user = std::string{reader} + ":secret";
  curl_easy_setopt(handle.get(), CURLOPT_URL, (host + "/oidc/v1/token").c_str());
  curl_easy_setopt(handle.get(), CURLOPT_USERPWD, user.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_COPYPOSTFIELDS, "grant_type=client_credentials&scope=all-apis");
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &body);
  check(curl_easy_perform(handle.get()) == CURLE_OK, "no token");
  auto const begin = body.find("\"access_token\":\"");
  check(begin != std::string::npos, "no token");
  return body.substr(begin + 16, body.find('"', begin + 16) - begin - 16);
}

struct Item {
  std::int64_t id = 0;
  std::string name{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Item::id);
    field("name", &Item::name);
  }
};

template <class Function>
double microseconds(Function const& function) {
  auto const begin = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + std::ssize(times) / 2, times.end());
  return times[times.size() / 2];
}

long resident_kilobytes() {
  std::ifstream status{"/proc/self/statm"};
  long total = 0;
  long resident = 0;
  status >> total >> resident;
  return resident * 4;
}

}  // namespace

int main() try {
  lakebase::testing::EmulatorOptions options;
  options.service_principals = {{reader, "secret", "reader"}};
  lakebase::testing::Emulator const emulator{options};
  lakebase::WorkspaceClient const w{emulator.config()};
  w.postgres.create_project(Project{}, "shop").wait();
  auto const database = *w.postgres.list_databases(branch).to_vector().at(0).name;
  auto const api_resource =
      w.postgres.create_data_api(database, DataApi{.spec = DataApiDataApiSpec{.db_schemas = {"public"}}}).wait();
  auto const url = *api_resource.status->url;
  Sql sql{emulator, w};
  sql.run("CREATE EXTENSION IF NOT EXISTS databricks_auth");
  sql.run(std::string{"SELECT databricks_create_role('"} + reader + "', 'SERVICE_PRINCIPAL')");
  sql.run(std::string{"GRANT \""} + reader + "\" TO authenticator");
  sql.run("CREATE TABLE items (id bigint PRIMARY KEY, name text)");
  sql.run("INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, 100000) i");
  sql.run("ANALYZE items");
  sql.run(std::string{"GRANT USAGE ON SCHEMA public TO \""} + reader + '"');
  sql.run(std::string{"GRANT SELECT ON items TO \""} + reader + '"');
  sql.run("NOTIFY pgrst, 'reload schema'");
  sql.prepare();

  auto config = emulator.config();
  config.token.reset();
  config.client_id = reader;
  config.client_secret = "secret";
  DataApiClient const api{lakebase::WorkspaceClient{config}, url};
  auto const items = api.from("items");
  Curl curl{access_token(*emulator.config().host)};

  constexpr int rounds = 3000;
  std::vector<double> by_client;
  std::vector<double> by_curl;
  std::vector<double> by_libpq;
  for (int i = -100; i < rounds; ++i) {
    auto const key = std::to_string((i + 100) * 31 % 100000 + 1);
    auto const client = microseconds([&] {
      check(items.select("id", "name").where(col("id") == key).get<Item>().size() == 1, "the client got no row");
    });
    auto const bare = microseconds([&] { curl.get(url + "/public/items?select=id%2Cname&id=eq." + key); });
    auto const prepared = microseconds([&] { sql.select_one(key); });
    if (i < 0) continue;  // warming up
    by_client.push_back(client);
    by_curl.push_back(bare);
    by_libpq.push_back(prepared);
  }
  auto const client = median(by_client);
  auto const bare = median(by_curl);
  auto const prepared = median(by_libpq);
  std::printf("one row by key      %8s  ratio\n", "us");
  std::printf("DataApiClient       %8.1f\n", client);
  std::printf("libcurl             %8.1f  client / libcurl %.2f (at most 1.2)\n", bare, client / bare);
  std::printf("libpq, prepared     %8.1f  client / libpq %.2f (at most 3)\n", prepared, client / prepared);

  std::int64_t rows = 0;
  long after_some = 0;
  auto const walk = microseconds([&] {
    for (auto const& item : items.select().pages<Item>(1000, "id")) {
      check(item.id == ++rows, "a row is missing");
      if (rows == 10000) after_some = resident_kilobytes();
    }
  });
  check(rows == 100000, "rows are missing");
  std::printf("100,000 rows by pages: %.0f ms, %ld KB more after the last row than after 10,000\n", walk / 1000,
              resident_kilobytes() - after_some);
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "data_api_benchmark: %s\n", error.what());
  return EXIT_FAILURE;
}
