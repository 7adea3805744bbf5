#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/nlohmann_json.hpp>
#include <lakebase/postgres_client.hpp>

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using nlohmann::json;
using nlohmann::ordered_json;

TEST(NlohmannJson, TakesModels) {
  Branch const branch{.name = "projects/p/branches/ü", .spec = BranchSpec{.no_expiry = false, .ttl = 24h}};
  json const document = branch;
  EXPECT_EQ(document, json::parse(R"({"name":"projects/p/branches/ü","spec":{"no_expiry":false,"ttl":"86400s"}})"));
  EXPECT_EQ(document.get<Branch>(), branch);
  EXPECT_EQ(ordered_json(branch).dump(), to_json(branch));
}

TEST(NlohmannJson, TakesModelsInsideOtherThings) {
  std::vector<RoleAttributes> const list{{.createdb = true}, {}};
  json const document{{"roles", list}};
  EXPECT_EQ(document.dump(), R"({"roles":[{"createdb":true},{}]})");
  EXPECT_EQ(document.at("roles").get<std::vector<RoleAttributes>>(), list);
  RoleAttributes read;
  document.at("roles").at(0).get_to(read);
  EXPECT_EQ(read, list[0]);
}

TEST(NlohmannJson, TakesValues) {
  EXPECT_EQ(json(Duration{1500ms}), "1.500s");
  EXPECT_EQ(json("1.500s").get<Duration>(), Duration{1500ms});
  EXPECT_EQ(json(Timestamp{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(json("1970-01-01T00:00:00Z").get<Timestamp>(), Timestamp{});
  EXPECT_EQ(json(FieldMask{"a", "b"}), "a,b");
  EXPECT_EQ(json("a,b").get<FieldMask>(), (FieldMask{"a", "b"}));
  EXPECT_EQ(json(Enum<EndpointType>{EndpointType::read_write}), "ENDPOINT_TYPE_READ_WRITE");
  auto const type = json("OF_TOMORROW").get<Enum<EndpointType>>();
  EXPECT_EQ(type.wire(), "OF_TOMORROW");
  EXPECT_EQ(json(JsonText{R"({"a":[1,null]})"}), json::parse(R"({"a":[1,null]})"));
  EXPECT_EQ(json::parse(R"({"a":[1,null]})").get<JsonText>().text, R"({"a":[1,null]})");
}

TEST(NlohmannJson, SaysWhereATypeIsWrong) {
  try {
    static_cast<void>(json::parse(R"({"spec":{"ttl":5}})").get<Branch>());
    FAIL() << "accepted";
  } catch (ParseError const& error) {
    EXPECT_EQ(error.json_path(), "spec.ttl");
  }
}

}  // namespace
}  // namespace lakebase::tests
