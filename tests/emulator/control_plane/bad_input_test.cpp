// What the manifest does not know, of every type, at every place: refused in the service's words and codes, and nothing
// is changed. The tests walk the manifest, so that they demand an example of each resource that is offered.

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include "http_control_plane.hpp"
#include "manifest.hpp"
#include "postgres/request_types.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::AnyOf;

/// A request with a body that succeeds in the workspace of the test.
struct BodyExample {
  std::string_view type;
  std::string_view method;
  /// Below `/api/2.0/postgres/`; `{}` is an id that is not taken.
  std::string_view target;
  std::string_view body;
};

// Of each resource a creation and, where there is one, a change.
constexpr BodyExample body_examples[] = {
    {"Project", "POST", "projects?project_id={}", R"({"spec":{"display_name":"x"}})"},
    {"Project", "PATCH", "projects/shop?update_mask=spec.display_name", R"({"spec":{"display_name":"x"}})"},
    {"Branch", "POST", "projects/shop/branches?branch_id={}", R"({"spec":{"no_expiry":true}})"},
    {"Branch", "PATCH", "projects/shop/branches/dev?update_mask=spec.is_protected",
     R"({"spec":{"is_protected":false}})"},
    {"Endpoint", "POST", "projects/shop/branches/dev/endpoints?endpoint_id={}",
     R"({"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}})"},
    {"Endpoint", "PATCH", "projects/shop/branches/dev/endpoints/primary?update_mask=spec.disabled",
     R"({"spec":{"disabled":false}})"},
    {"Role", "POST", "projects/shop/branches/dev/roles?role_id={}", R"({"spec":{"attributes":{"createdb":true}}})"},
    {"Role", "PATCH", "projects/shop/branches/dev/roles/app?update_mask=spec.attributes.createdb",
     R"({"spec":{"attributes":{"createdb":true}}})"},
    {"Database", "POST", "projects/shop/branches/dev/databases?database_id={}",
     R"({"spec":{"role":"projects/shop/branches/dev/roles/developer"}})"},
    {"Database", "PATCH", "projects/shop/branches/dev/databases/data?update_mask=spec.role",
     R"({"spec":{"role":"projects/shop/branches/dev/roles/developer"}})"},
    {"Catalog", "POST", "catalogs?catalog_id={}",
     R"({"spec":{"branch":"projects/shop/branches/dev","postgres_database":"data"}})"},
    {"SyncedTable", "POST", "synced_tables?synced_table_id=main.gold.{}",
     R"({"spec":{"source_table_full_name":"main.raw.orders","primary_key_columns":["id"],)"
     R"("branch":"projects/shop/branches/dev","postgres_database":"data"}})"},
    {"Table", "POST", "tables", R"({"name":"main.gold.items","database":"projects/shop/branches/dev/databases/data"})"},
    {"CdfConfig", "POST", "projects/shop/branches/dev/databases/data/cdf-configs?cdf_config_id={}",
     R"({"catalog":"main","schema":"gold","postgres_schema":"gold"})"},
    {"DataApi", "POST", "projects/shop/branches/production/databases/databricks-postgres/data-api",
     R"({"spec":{"db_max_rows":9}})"},
    {"DataApi", "PATCH", "projects/shop/branches/dev/databases/data/data-api?update_mask=spec.db_max_rows",
     R"({"spec":{"db_max_rows":9}})"},
    {"Snapshot", "POST", "projects/shop/snapshots?snapshot_id={}",
     R"({"spec":{"source_branch":"projects/shop/branches/production"}})"},
    {"SnapshotSchedule", "PATCH", "projects/shop/branches/production/snapshot-schedule?update_mask=schedule",
     R"({"schedule":[{"retention":"3600s","daily_schedule":{"hour":1}}]})"},
};

constexpr std::string_view known_lists[] = {"projects",
                                            "projects/shop/branches",
                                            "projects/shop/branches/dev/endpoints",
                                            "projects/shop/branches/dev/endpoints/primary/compute-instances",
                                            "projects/shop/branches/dev/roles",
                                            "projects/shop/branches/dev/databases",
                                            "projects/shop/branches/dev/databases/data/cdf-configs",
                                            "projects/shop/branches/dev/databases/data/cdf-configs/public/cdf-statuses",
                                            "projects/shop/snapshots"};

constexpr std::string_view known_names[] = {"projects/shop",
                                            "projects/shop/branches/dev",
                                            "projects/shop/branches/dev/endpoints/primary",
                                            "projects/shop/branches/dev/roles/app",
                                            "projects/shop/branches/dev/databases/data",
                                            "catalogs/lake",
                                            "synced_tables/main.gold.orders",
                                            "tables/main.gold.lines",
                                            "projects/shop/branches/dev/databases/data/cdf-configs/public",
                                            "projects/shop/snapshots/kept",
                                            "projects/shop/branches/production/snapshot-schedule"};

// One of each type of JSON.
std::vector<Json> const one_of_each_type{
    "text", std::string{"a\0b", 3}, 7, 1.5, true, Json::array(), Json::array({1}), Json::object(), Json{{"a", 1}}};

// Whether a client may write it: all other members of a resource are only output.
bool is_written(std::string_view type, BodyPath const& path) {
  auto const& written = request_types().at(type);
  return std::any_of(written.begin(), written.end(),
                     [&](RequestMember const& one) { return one.name == path.names.front(); });
}

/// Whether calls of this method with such a body take the option in their query.
bool takes_option(Manifest const& manifest, BodyExample const& example, std::string_view option) {
  return std::any_of(manifest.methods().begin(), manifest.methods().end(), [&](Json const& method) {
    if (body_type(method) != example.type || method.at("verb") != example.method) return false;
    auto const& query = method.at("query");
    return std::any_of(query.begin(), query.end(), [&](Json const& one) { return one.at("name") == option; });
  });
}

/// Whether such an id can be one of this type after all.
bool is_id_of(std::string_view type, std::string const& id) {
  auto const kinds = Resources::kinds();
  auto const kind = std::find_if(kinds.begin(), kinds.end(), [&](Kind const* one) { return one->type == type; });
  return kind != kinds.end() && (*kind)->ids.fits(id);
}

bool fits(Manifest const& manifest, std::string const& type, Json const& value) {
  if (type == "str" || manifest.is_enum(type)) return value == "text";
  if (type == "bool") return value.is_boolean();
  if (type == "int") return value.is_number_integer();
  if (type == "float") return value.is_number();
  if (type.starts_with("List[")) return value == Json::array();
  if (type.starts_with("Dict[")) return value == Json::object();
  return manifest.is_message(type) && value.is_object();
}

class BadInputTest : public HttpControlPlaneTest {
 protected:
  BadInputTest() {
    make_project();
    computes->answer("AND c.relname = ", {{"1"}});
    computes->answer("'databricks_auth' ORDER BY r.oid", {{"developer@example.com", "USER", "t", "t", "t", "t", "t"}});
    for (auto const text : {R"(POST projects/shop/branches?branch_id=dev {"spec":{"no_expiry":true}})",
                            R"(POST projects/shop/branches/dev/roles?role_id=app {"spec":{"postgres_role":"app"}})",
                            R"(POST projects/shop/branches/dev/databases?database_id=data )"
                            R"({"spec":{"role":"projects/shop/branches/dev/roles/app"}})",
                            R"(POST catalogs?catalog_id=lake )"
                            R"({"spec":{"branch":"projects/shop/branches/production",)"
                            R"("postgres_database":"databricks_postgres"}})",
                            R"(POST synced_tables?synced_table_id=main.gold.orders )"
                            R"({"spec":{"source_table_full_name":"main.raw.orders","primary_key_columns":["id"],)"
                            R"("branch":"projects/shop/branches/dev","postgres_database":"data"}})",
                            R"(POST projects/shop/branches/dev/databases/data/cdf-configs )"
                            R"({"catalog":"main","schema":"gold","postgres_schema":"public"})",
                            R"(POST projects/shop/branches/dev/databases/data/data-api {})",
                            R"(POST projects/shop/snapshots?snapshot_id=kept )"
                            R"({"spec":{"source_branch":"projects/shop/branches/production"}})"}) {
      EXPECT_TRUE(send_and_wait(text).body.contains("response")) << text;
    }
    EXPECT_EQ(send(R"(POST tables {"name":"main.gold.lines",)"
                   R"("database":"projects/shop/branches/dev/databases/data"})")
                  .status,
              200);
  }

  std::string target(BodyExample const& example) {
    return "/api/2.0/postgres/" + fmt::format(fmt::runtime(example.target), fmt::format("new{}", ++last_id_));
  }

  /// Tells whether anything was written to the disk, or the data plane was told anything but to look.
  std::string kept() const {
    auto const file = folder.path() / "state.json";
    auto const calls = computes->calls();
    auto const looks = std::count_if(calls.begin(), calls.end(), [](std::string const& call) {
      return call.starts_with("sql ") && call.find(": SELECT ") < call.size();
    });
    return fmt::format("{} bytes of {}, {} calls", std::filesystem::file_size(file),
                       std::filesystem::last_write_time(file).time_since_epoch().count(), std::ssize(calls) - looks);
  }

  /// The end of an operation, which may be there already.
  Json wait(Answer const& started) {
    return started.body.value("done", false) ? started.body : HttpControlPlaneTest::wait(started);
  }

  /// Everything below each name and each list, as clients see it.
  std::map<std::string, Json> listing() {
    std::map<std::string, Json> seen;
    for (auto const list : known_lists) seen[std::string{list}] = get(fmt::format("{}?page_size=100", list)).body;
    for (auto const name : known_names) seen[std::string{name}] = get(std::string{name}).body;
    return seen;
  }

  void expect_refused(std::string const& method, std::string const& path, std::string const& body) {
    auto const before = kept();
    auto const answer = send(method, path, body);
    auto const what = fmt::format("{} {} {}\n{}", method, path, body.substr(0, 300), answer.body.dump(1));
    EXPECT_THAT(answer.status, AnyOf(400, 404, 413, 414)) << what;
    EXPECT_FALSE(answer.code().empty()) << what;
    EXPECT_FALSE(answer.message().empty()) << what;
    EXPECT_EQ(kept(), before) << what;
  }

  /// Refused, not offered, or carried out to its end; a broken part of it is never an error of the emulator's.
  void expect_decided(std::string const& method, std::string const& path, std::string const& body) {
    auto const before = kept();
    auto answer = send(method, path, body);
    auto const what = fmt::format("{} {} {}\n{}", method, path, body.substr(0, 300), answer.body.dump(1));
    EXPECT_THAT(answer.status, AnyOf(200, 400, 404, 409, 501)) << what;
    if (answer.status != 200) {
      EXPECT_EQ(kept(), before) << what;
    } else if (answer.body.contains("done")) {
      EXPECT_TRUE(wait(answer).contains("response")) << what;
    }
  }

  Manifest const manifest;

 private:
  int last_id_ = 0;
};

// With the examples, the tests below see whatever the manifest has, or it is said to be missing.
TEST_F(BadInputTest, HasAnExampleOfEveryBody) {
  for (auto const& method : manifest.methods()) {
    auto const type = body_type(method);
    if (type.empty()) continue;
    auto const verb = method.at("verb").get<std::string>();
    bool const has_example =
        std::any_of(std::begin(body_examples), std::end(body_examples),
                    [&](BodyExample const& one) { return one.type == type && one.method == verb; });
    if (has_example) continue;
    auto path = method.at("path").get<std::string>();
    if (path.find("{name}") != std::string::npos) continue;  // of the same resource as its creation
    for (auto const parent :
         {"projects/shop", "projects/shop/branches/dev", "projects/shop/branches/dev/databases/data"}) {
      auto const at = path.find("{parent}");
      auto const whole = at == std::string::npos ? path : std::string{path}.replace(at, 8, parent);
      EXPECT_THAT(send(verb, whole, "{}").status, AnyOf(404, 501))
          << method.at("name") << " is offered: give an example of its body";
    }
  }
}

TEST_F(BadInputTest, TheExamplesAreGood) {
  for (auto const& example : body_examples) {
    auto const answer = send(std::string{example.method}, target(example), std::string{example.body});
    ASSERT_EQ(answer.status, 200) << example.target << answer.body.dump(1);
    if (answer.body.contains("done")) {
      EXPECT_TRUE(wait(answer).contains("response")) << example.target;
    }
  }
}

TEST_F(BadInputTest, AWrongTypeAnywhereInABody) {
  auto const before = listing();
  int sent = 0;
  for (auto const& example : body_examples) {
    for (auto const& path : manifest.paths(std::string{example.type})) {
      if (!is_written(example.type, path)) continue;
      for (auto const& value : one_of_each_type) {
        if (fits(manifest, path.type, value)) continue;
        expect_refused(std::string{example.method}, target(example),
                       with_value(json(example.body), path, value).dump());
        ++sent;
      }
    }
  }
  EXPECT_GT(sent, 800);
  EXPECT_EQ(listing(), before);
}

TEST_F(BadInputTest, AWrongTypeInWhatIsOnlyOutputIsIgnored) {
  for (auto const& example : body_examples) {
    if (example.method != "PATCH") continue;
    for (auto const& path : manifest.paths(std::string{example.type})) {
      if (is_written(example.type, path) || path.names.size() > 1) continue;
      expect_decided(std::string{example.method}, target(example), std::string{example.body});
      auto const before = listing();
      for (auto const& value : one_of_each_type) {
        auto const body = with_value(json(example.body), path, value).dump();
        auto const answer = send(std::string{example.method}, target(example), body);
        ASSERT_EQ(answer.status, 200) << body << answer.body.dump(1);
        EXPECT_TRUE(wait(answer).contains("response")) << body;
      }
      EXPECT_EQ(listing(), before) << example.type << " " << path.text();
    }
  }
}

TEST_F(BadInputTest, UnknownValuesOfEnums) {
  for (auto const& example : body_examples) {
    if (example.method != "POST") continue;
    for (auto const& path : manifest.paths(std::string{example.type})) {
      if (!manifest.is_enum(path.type) || !is_written(example.type, path)) continue;
      for (auto const value : {"NO_SUCH_VALUE", "read_only", " "}) {
        expect_refused("POST", target(example), with_value(json(example.body), path, value).dump());
      }
    }
  }
}

TEST_F(BadInputTest, ValuesAtTheEndsOfTheirTypes) {
  std::map<std::string, std::vector<Json>> const ends{
      {"str", {"", std::string(100'000, 'x'), "\u00e4\u20ac\U0001F600", "\r\n\t", "'\";--", "../..", "projects/shop"}},
      {"int", {-1, 0, INT64_MAX, INT64_MIN, UINT64_MAX, "17", "0x10", "1e3"}},
      {"float", {-1, 0, 1e308, -1e308, 1e-320, INT64_MAX}},
      {"Duration", {"0s", "-1s", "9223372036854775807s", "9223372036s", "1e9s", "0.0000000001s", "s", ""}},
      {"Timestamp",
       {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-13-01T00:00:00Z", "2026-06-02T00:00:00+25:00", "now",
        ""}}};
  for (auto const& example : body_examples) {
    for (auto const& path : manifest.paths(std::string{example.type})) {
      auto const found = ends.find(path.type);
      if (found == ends.end() || !is_written(example.type, path)) continue;
      for (auto const& value : found->second) {
        expect_decided(std::string{example.method}, target(example),
                       with_value(json(example.body), path, value).dump());
      }
    }
  }
}

TEST_F(BadInputTest, BodiesThatAreNoObjects) {
  std::string const deep(100'000, '[');
  std::string levels = "1";
  for (int i = 0; i < 101; ++i) levels = R"({"a":)" + levels + "}";
  std::vector<std::string> const bodies{R"({"spec":{"no_expiry":NaN}})",
                                        R"({"spec":Infinity})",
                                        R"({"spec":{"no_expiry":true},"spec":{"no_expiry":true}})",
                                        R"({"spec":{"display_name":"a","display_name":"b"}})",
                                        R"({"spec":[{"a":1,"a":1}]})",
                                        R"({"spec":{"n":1e999}})",
                                        R"({"spec":{"no_expiry":true})",
                                        R"({"spec":{"no_expiry":true}} x)",
                                        R"({'spec':{}})",
                                        R"({"spec":"\ud800"})",
                                        "{\"spec\":\"\xff\xfe\"}",
                                        "{\"spec\":\"a\tb\"}",
                                        "{\"spec\":\"\x01\"}",
                                        "[]",
                                        "\"spec\"",
                                        "7",
                                        "null",
                                        "{",
                                        "\xef\xbb\xbf",
                                        deep,
                                        R"({"spec":)" + deep,
                                        levels};
  auto const before = listing();
  for (auto const& example : body_examples) {
    for (auto const& body : bodies) expect_refused(std::string{example.method}, target(example), body);
  }
  for (auto const name : known_names) {
    for (auto const& body : bodies) expect_refused("DELETE", fmt::format("/api/2.0/postgres/{}", name), body);
  }
  EXPECT_EQ(listing(), before);
}

TEST_F(BadInputTest, ABodyOfTenMegabytes) {
  auto const before = kept();
  auto const body = R"({"spec":{"display_name":")" + std::string(10'000'000, 'x') + R"("}})";
  auto const answer = send("POST", "/api/2.0/postgres/projects?project_id=large", body);
  // The server hangs up before the body has come, which a client may see before the answer.
  EXPECT_THAT(answer.status, AnyOf(0, 413));
  EXPECT_EQ(kept(), before);
  EXPECT_EQ(send("GET projects/large").status, 404);
}

TEST_F(BadInputTest, OptionsOfTheQuery) {
  std::map<std::string, std::vector<std::string>> const bad{
      {"page_size", {"-1", "-9223372036854775808", "9223372036854775808", "abc", "1.5", "1e3", "%20", "0x1"}},
      {"page_token", {"x", "AAAA", "eyJhbGciOiJub25lIn0", "%00", "MTow", "..%2f.."}},
      {"show_deleted", {"maybe", "1", "TRUE", "%00"}},
      {"purge", {"maybe", "1", "yes"}},
      {"allow_missing", {"maybe", "0"}},
      {"replace_existing", {"maybe", "2"}},
      {"update_mask",
       {"no.such.path", "spec.", ".spec", "spec.no_such_path", "SPEC", "%2a%2a", "uid", "status", "name"}}};
  auto const before = listing();
  auto const send_all = [&](std::string const& method, std::string const& path, std::string const& body,
                            std::initializer_list<std::string_view> which) {
    for (auto const option : which) {
      for (auto const& value : bad.at(std::string{option})) {
        expect_refused(method, fmt::format("{}{}{}={}", path, path.find('?') < path.size() ? "&" : "?", option, value),
                       body);
      }
    }
  };
  for (auto const list : known_lists) {
    send_all("GET", fmt::format("/api/2.0/postgres/{}", list), "", {"page_size", "page_token"});
  }
  for (auto const list : {"projects", "projects/shop/branches"}) {
    send_all("GET", fmt::format("/api/2.0/postgres/{}", list), "", {"show_deleted"});
  }
  send_all("DELETE", "/api/2.0/postgres/projects/shop", "", {"purge"});
  send_all("DELETE", "/api/2.0/postgres/projects/shop/branches/dev", "", {"purge", "allow_missing"});
  for (auto const& example : body_examples) {
    if (example.method == "PATCH") {
      auto const path = target(example);
      send_all("PATCH", path.substr(0, path.find('?')), std::string{example.body}, {"update_mask"});
    } else if (takes_option(manifest, example, "replace_existing")) {
      send_all("POST", target(example), std::string{example.body}, {"replace_existing"});
    }
  }
  EXPECT_EQ(listing(), before);
}

TEST_F(BadInputTest, TokensOfAnotherList) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(send_and_wait(fmt::format("POST projects?project_id=other-{} {{}}", i)).status, 200);
  }
  auto const token = get("projects?page_size=1").body.at("next_page_token").get<std::string>();
  for (auto const list : known_lists) {
    if (list != "projects") expect_refused("GET", fmt::format("/api/2.0/postgres/{}?page_token={}", list, token), "");
  }
  expect_refused("GET", fmt::format("/api/2.0/postgres/projects?show_deleted=true&page_token={}", token), "");
  expect_refused("GET", fmt::format("/api/2.0/postgres/projects?page_token={}x", token), "");
}

TEST_F(BadInputTest, Ids) {
  std::vector<std::string> const bad_ids{"A",
                                         "1a",
                                         "a-",
                                         "-a",
                                         "a_b",
                                         "a.b",
                                         "a%2fb",
                                         "..",
                                         "%00",
                                         "a%00",
                                         "%c3%a4",
                                         "%ff",
                                         "a%20b",
                                         "a%0a",
                                         "'",
                                         "*",
                                         std::string(64, 'a'),
                                         std::string(20'000, 'a')};
  for (auto const& example : body_examples) {
    if (example.method != "POST" || example.target.find("{}") == std::string_view::npos) continue;
    for (std::string const& id : bad_ids) {
      auto const path = "/api/2.0/postgres/" + fmt::format(fmt::runtime(example.target), id);
      if (is_id_of(example.type, decoded_form(path.substr(path.find('?') + 1)).begin()->second)) continue;
      expect_refused("POST", path, std::string{example.body});
    }
  }
}

TEST_F(BadInputTest, UnknownVerbsOnKnownPaths) {
  auto const before = kept();
  auto const expect_unknown = [&](std::string const& method, std::string const& path) {
    auto const answer = send(method, "/api/2.0/postgres/" + path, method == "GET" ? "" : "{}");
    EXPECT_EQ(answer.status, 404) << method << " " << path << answer.body.dump(1);
    EXPECT_EQ(answer.code(), "ENDPOINT_NOT_FOUND") << method << " " << path;
    EXPECT_EQ(answer.message(), fmt::format("No API found for '{} /postgres/{}'", method, path));
  };
  for (auto const list : known_lists) {
    for (auto const method : {"PUT", "PATCH", "DELETE", "OPTIONS", "FROB", "get"})
      expect_unknown(method, std::string{list});
  }
  for (auto const name : known_names) {
    for (auto const method : {"PUT", "POST", "FROB"}) expect_unknown(method, std::string{name});
    for (std::string_view const verb : {"frobnicate", "reset", "restart", "UNDELETE"}) {
      bool const is_ours = verb == "reset" && name == "projects/shop/branches/dev";  // the emulator's own
      if (!is_ours) expect_unknown("POST", fmt::format("{}/{}", name, verb));
    }
  }
  EXPECT_EQ(kept(), before);
}

}  // namespace
}  // namespace lakebase::emulator::tests
