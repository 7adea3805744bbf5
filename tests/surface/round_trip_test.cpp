// Every field of every model survives to_json and from_json: alone, and all together, with values at the edges of what
// can be, next to members that nobody has invented yet, and integers in quotes.

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <lakebase/error.hpp>
#include <lakebase/postgres_client.hpp>

#include "postgres/models.def"
#include "surface/fill.hpp"
#include "surface/words.hpp"

namespace lakebase::tests {
namespace {

using nlohmann::ordered_json;

struct Trip {
  std::string json;
  bool survived = false;
};

struct Member {
  std::string name;
  std::string type;
  // The model with this member alone, by variant of Fill.
  std::vector<Trip> alone;
};

// A model without its type: one test for all models compiles in a tenth of the time of 93 tests.
struct Model {
  std::string name;
  std::vector<Member> members;
  // The model with all its members, by variant.
  std::vector<Trip> full;
  // Reads and writes again.
  std::function<std::string(std::string const&)> reread;
};

template <class T>
Trip trip(T const& model) {
  auto json = to_json(model);
  auto const survived = from_json<T>(json) == model;
  return {std::move(json), survived};
}

template <class T>
void add_model(std::vector<Model>& models) {
  auto& model = models.emplace_back(Model{type_name<T>(), {}, {}, {}});
  for (int variant = 0; variant < Fill::variants; ++variant) model.full.push_back(trip(filled<T>(variant)));
  T::describe([&](std::string_view name, auto member) {
    T value{};
    auto& field = value.*member;
    auto& into = model.members.emplace_back(
        Member{std::string{name}, WordOf<std::remove_reference_t<decltype(field)>>::get().type, {}});
    for (int variant = 0; variant < Fill::variants; ++variant) {
      Fill{variant}(field);
      into.alone.push_back(trip(value));
    }
  });
  model.reread = [](std::string const& json) { return to_json(from_json<T>(json)); };
}

std::vector<Model> const& models() {
  static std::vector<Model> const all = [] {
    std::vector<Model> models;
#define LAKEBASE_ADD(Name) add_model<postgres::Name>(models);
    LAKEBASE_POSTGRES_MODELS(LAKEBASE_ADD)
#undef LAKEBASE_ADD
    return models;
  }();
  return all;
}

TEST(RoundTrip, KeepsAllMembersTogether) {
  for (auto const& model : models()) {
    for (auto const& [json, survived] : model.full) EXPECT_TRUE(survived) << model.name << ' ' << json.substr(0, 2'000);
  }
}

TEST(RoundTrip, KeepsEachMemberAlone) {
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

TEST(RoundTrip, LeavesOutWhatIsUnset) {
  for (auto const& model : models()) EXPECT_EQ(model.reread("{}"), "{}") << model.name;
}

TEST(RoundTrip, ReadsNullAsUnset) {
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

TEST(RoundTrip, PassesOverMembersThatItDoesNotKnow) {
  for (auto const& model : models()) {
    auto const& json = model.full.front().json;
    auto document = ordered_json::parse(json);
    add_unknown_members(document);
    EXPECT_EQ(model.reread(document.dump()), json) << model.name;
    EXPECT_EQ(model.reread(document.dump(2)), json) << model.name;
  }
}

TEST(RoundTrip, ReadsIntegersInQuotes) {
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
  EXPECT_GT(integers, 30);
}

TEST(RoundTrip, SaysWhichMemberIsOfAnotherType) {
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
