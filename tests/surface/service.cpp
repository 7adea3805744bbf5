#include "surface/service.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace lakebase::tests {

namespace {

// Made when a test needs one.
std::map<std::string, Service (*)()>& makers() {
  static std::map<std::string, Service (*)()> all;
  return all;
}

}  // namespace

AddedService::AddedService(std::string const& name, Service (*make)()) {
  makers().emplace(name, make);
}

std::vector<std::string> service_names() {
  std::vector<std::string> names;
  for (auto const& [name, make] : makers()) names.push_back(name);
  return names;
}

Service const& ServiceTest::service() {
  static std::map<std::string, Service> made;
  auto found = made.find(GetParam());
  if (found == made.end()) found = made.emplace(GetParam(), makers().at(GetParam())()).first;
  return found->second;
}

Method const* Service::find_method(std::string const& method_name) const {
  auto const found =
      std::find_if(methods.begin(), methods.end(), [&](Method const& method) { return method.name == method_name; });
  return found == methods.end() ? nullptr : &*found;
}

nlohmann::ordered_json const& Service::filled_model(std::string const& model_name) const {
  static std::map<std::pair<Service const*, std::string>, nlohmann::ordered_json> filled;
  auto const key = std::pair{this, model_name};
  if (auto const found = filled.find(key); found != filled.end()) return found->second;
  auto const model =
      std::find_if(models.begin(), models.end(), [&](Model const& each) { return each.name == model_name; });
  if (model == models.end()) throw std::out_of_range("there is no model " + model_name);
  return filled.emplace(key, model->filled()).first->second;
}

nlohmann::ordered_json read_manifest(std::string const& name) {
  auto const path = LAKEBASE_SURFACE_FOLDER "/" + name + "-api.json";
  std::ifstream file{path};
  if (!file) throw std::runtime_error("cannot read " + path);
  return nlohmann::ordered_json::parse(file);
}

}  // namespace lakebase::tests
