// Every field of every model of a service survives to_json and from_json: alone, and all together, with values at the
// edges of what can be, next to members that nobody has invented yet, and integers in quotes.

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <lakebase/error.hpp>

#include "surface/service.hpp"

namespace lakebase::tests {
namespace {

using nlohmann::ordered_json;

struct TripsOfModel {
  std::string name;
  std::vector<MemberTrips> members;
  std::vector<Trip> full;
  // Reads and writes again.
  std::function<std::string(std::string const&)> reread;
};

class RoundTrip : public ServiceTest {
 protected:
  static std::vector<TripsOfModel> models() {
    std::vector<TripsOfModel> all;
    for (auto const& model : service().models) {
      auto trips = model.round_trips();
      all.push_back({model.name, std::move(trips.members), std::move(trips.full), model.reread});
    }
    return all;
  }
};
LAKEBASE_TEST_EACH_SERVICE(RoundTrip);

TEST_P(RoundTrip, KeepsAllMembersTogether) {
  for (auto const& model : models()) {
    for (auto const& [json, survived] : model.full) EXPECT_TRUE(survived) << model.name << ' ' << json.substr(0, 2'000);
  }
}

TEST_P(RoundTrip, KeepsEachMemberAlone) {
  for (auto const& model : models()) {
    for (auto const& member : model.members) {
      for (auto const& [json, survived] : member.alone) {
        EXPECT_TRUE(survived) << model.name << '.' << member.name << ' ' << json.substr(0, 2'000);
        // Another reader agrees on what stands there: this one member, under this name.
        auto const document = ordered_json::parse(json);
        EXPECT_EQ(document.size(), 1U) << model.name << '.' << member.name;
        EXPECT_TRUE(document.contains(member.name)) << model.name << '.' << member.name;
      }
    }
  }
}

TEST_P(RoundTrip, LeavesOutWhatIsUnset) {
  for (auto const& model : models()) EXPECT_EQ(model.reread("{}"), "{}") << model.name;
}

TEST_P(RoundTrip, ReadsNullAsUnset) {
  for (auto const& model : models()) {
    ordered_json document = ordered_json::object();
    for (auto const& member : model.members) document[member.name] = nullptr;
    EXPECT_EQ(model.reread(document.dump()), "{}") << model.name;
  }
}

// Puts members that no model knows into every object but the maps of settings and free JSON, where any key means
// something.
void add_unknown_members(ordered_json& json) {
  if (json.is_array()) {
    for (auto& item : json) add_unknown_members(item);
  }
  if (!json.is_object()) return;
  for (auto& [key, value] : json.items()) {
    auto const free = key == "pg_settings" || key == "metadata" || key == "response" || key == "details";
    if (!free) add_unknown_members(value);
  }
  json["not_invented_yet"] = ordered_json::parse(R"({"a":[1,{"b":null}],"c":"d"})");
  json["nor_this"] = nullptr;
}

TEST_P(RoundTrip, PassesOverMembersThatItDoesNotKnow) {
  for (auto const& model : models()) {
    auto const& json = model.full.front().json;
    auto document = ordered_json::parse(json);
    add_unknown_members(document);
    EXPECT_EQ(model.reread(document.dump()), json) << model.name;
    EXPECT_EQ(model.reread(document.dump(2)), json) << model.name;
  }
}

int integers_of(ordered_json const& manifest) {
  int count = 0;
  for (auto const& [message, fields] : manifest.at("messages").items()) {
    count += static_cast<int>(std::count_if(fields.begin(), fields.end(),
                                            [](ordered_json const& field) { return field.at("type") == "int"; }));
  }
  return count;
}

TEST_P(RoundTrip, ReadsIntegersInQuotes) {
  int integers = 0;
  for (auto const& model : models()) {
    for (auto const& member : model.members) {
      if (member.type != "int") continue;
      ++integers;
      for (auto const& [json, survived] : member.alone) {
        auto document = ordered_json::parse(json);
        document[member.name] = document[member.name].dump();
        EXPECT_EQ(model.reread(document.dump()), json) << model.name << '.' << member.name;
      }
    }
  }
  EXPECT_EQ(integers, integers_of(manifest()));
}

TEST_P(RoundTrip, SaysWhichMemberIsOfAnotherType) {
  for (auto const& model : models()) {
    for (auto const& member : model.members) {
      if (member.type == "dict" || member.type == "List[dict]") continue;
      try {
        // Nothing in the API is a list of lists.
        model.reread("{\"" + member.name + "\":[[]]}");
        ADD_FAILURE() << model.name << '.' << member.name << " accepts a list of lists";
      } catch (ParseError const& error) {
        EXPECT_EQ(error.json_path().substr(0, member.name.size()), member.name) << model.name;
      }
    }
  }
}

}  // namespace
}  // namespace lakebase::tests
