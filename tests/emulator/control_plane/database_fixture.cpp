#include "database_fixture.hpp"

#include <chrono>
#include <thread>

namespace lakebase::emulator::tests {

Answer DatabaseTest::database(std::string const& method, std::string const& target, Json const& body) {
  auto const reply = raw(request(method, "/api/2.0/database/" + target, body.is_null() ? "" : body.dump()));
  // Of the project behind an instance nobody is told.
  EXPECT_THAT(reply.body, ::testing::Not(::testing::HasSubstr("instance:"))) << method << " " << target;
  return {reply.status, json(reply.body)};
}

Json DatabaseTest::settled(std::string const& name) {
  for (int i = 0; i < 5000; ++i) {
    auto const found = instance(name);
    auto const state = found.body.value("state", "");
    if (found.status != 200 || state == "AVAILABLE" || state == "STOPPED") return found.body;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  ADD_FAILURE() << name << " does not settle";
  return {};
}

Json DatabaseTest::make_instance(std::string const& name, Json body) {
  body["name"] = name;
  auto const made = database("POST", "instances", body);
  EXPECT_EQ(made.status, 200) << made.body.dump(1);
  return settled(name);
}

Json DatabaseTest::changed(std::string const& name, std::string const& mask, Json const& body) {
  auto const started = database("PATCH", "instances/" + name + "?update_mask=" + mask, body);
  EXPECT_EQ(started.status, 200) << started.body.dump(1);
  EXPECT_EQ(started.body.value("state", ""), "UPDATING");
  return settled(name);
}

std::string DatabaseTest::endpoint_uid(std::string const& name) {
  auto const state = json(raw(request("GET", "/emulator/state")).body);
  for (auto const& endpoint : state.at("endpoints")) {
    if (endpoint.at("name") == name) return endpoint.at("uid").get<std::string>();
  }
  return {};
}

}  // namespace lakebase::emulator::tests
