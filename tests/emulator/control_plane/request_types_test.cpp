#include "postgres/request_types.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "manifest.hpp"

namespace lakebase::emulator::tests {
namespace {

// The manifest's type, where what has a value of an enum is a string.
std::string type_without_enums(Manifest const& manifest, std::string const& type) {
  if (manifest.is_enum(type)) return "str";
  constexpr std::string_view list = "List[";
  bool const is_list_of_enum =
      type.starts_with(list) && manifest.is_enum(type.substr(list.size(), type.size() - list.size() - 1));
  return is_list_of_enum ? "List[str]" : type;
}

// Whether a client may write members of a resource: all others of it are only output.
bool is_expected(std::string_view message, std::string_view member) {
  if (message == "CdfConfig") return member == "catalog" || member == "schema" || member == "postgres_schema";
  if (message == "Table") return member == "name" || member == "database";
  if (message == "SnapshotSchedule") return member == "schedule";
  return member == "spec" || member.starts_with("initial_");
}

// Those that are a whole body.
std::set<std::string> body_types(Manifest const& manifest) {
  std::set<std::string> types;
  for (auto const& method : manifest.methods()) types.insert(body_type(method));
  return types;
}

TEST(RequestTypes, AreThoseOfTheManifest) {
  Manifest const manifest;
  for (auto const& [message, members] : request_types()) {
    if (message == "GenerateDatabaseCredentialRequest") continue;  // in the manifest as arguments of a method
    auto const& wanted = manifest.messages().at(std::string{message});
    bool const only_written = body_types(manifest).contains(std::string{message});
    std::map<std::string, std::string> expected;
    for (auto const& member : wanted) {
      auto const name = member.at("name").get<std::string>();
      if (only_written && !is_expected(message, name)) continue;
      expected[name] = type_without_enums(manifest, member.at("type").get<std::string>());
    }
    std::map<std::string, std::string> known;
    for (auto const& member : members) known.emplace(member.name, member.type);
    EXPECT_EQ(known, expected) << message;
  }
}

// Of replication groups and recovery branches, which are not offered, nothing is known.
TEST(RequestTypes, CoverEveryBody) {
  Manifest const manifest;
  for (auto const& method : manifest.methods()) {
    auto const type = body_type(method);
    if (type.empty() || type == "ReplicationGroupPreview") continue;
    EXPECT_TRUE(request_types().contains(type)) << type;
    for (auto const& path : manifest.paths(type)) {
      bool const is_in_a_body = is_expected(type, path.names.front());
      if (is_in_a_body && manifest.is_message(path.type)) {
        EXPECT_TRUE(request_types().contains(path.type)) << path.text();
      }
    }
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
