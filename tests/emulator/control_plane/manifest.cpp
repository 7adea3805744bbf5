#include "manifest.hpp"

#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lakebase::emulator::tests {

std::string BodyPath::text() const {
  return fmt::format("{}", fmt::join(names, "."));
}

Manifest::Manifest() {
  std::ifstream file{LAKEBASE_API_MANIFEST};
  document_ = Json::parse(file);
}

std::vector<BodyPath> Manifest::paths(std::string const& message) const {
  std::vector<BodyPath> paths;
  add(paths, {}, message);
  return paths;
}

void Manifest::add(std::vector<BodyPath>& paths, std::vector<std::string> const& above,
                   std::string const& message) const {
  for (auto const& member : messages().at(message)) {
    auto names = above;
    names.push_back(member.at("name").get<std::string>());
    auto const type = member.at("type").get<std::string>();
    paths.push_back({names, type});
    if (is_message(type)) add(paths, names, type);
  }
}

std::string body_type(Json const& method) {
  auto const body = method.at("body").is_string() ? method.at("body").get<std::string>() : "";
  for (auto const& parameter : method.at("params")) {
    if (body == parameter.at("name").get<std::string>() + ".as_dict()") return parameter.at("type").get<std::string>();
  }
  return {};
}

Json with_value(Json body, BodyPath const& path, Json const& value) {
  auto* place = &body;
  for (auto const& name : path.names) place = &(*place)[name];
  *place = value;
  return body;
}

}  // namespace lakebase::emulator::tests
