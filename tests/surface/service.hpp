#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <lakebase/config.hpp>

#include "surface/words.hpp"

// What the tests of the surface hold against each other: a client with its methods and models, and the manifest of its
// API. The tests know no service; each has a source of its own, which lists what it has by the templates of
// client_methods.hpp and client_models.hpp.

namespace lakebase::tests {

/// What the compiler knows of a method.
struct Signature {
  std::string returns;
  std::vector<std::string> positional;
  // Of the options aggregate; empty where there is none.
  std::string options;
  std::vector<std::string> option_types;
};

struct Method {
  std::string name;
  Signature signature;
  // The arguments as they are written in the service's list, to know their names and their order.
  std::string full_text;
  // Make a client of that configuration and call it with all arguments, or with the required ones; they give the number
  // of items of a list that was read to its end.
  std::function<std::size_t(Config const&)> full;
  std::function<std::size_t(Config const&)> minimal;
  // As `minimal`; waits for the operation or walks the list that it returns, and gives the JSON of the result: of a
  // model, of all items of a list; nothing where there is none.
  std::function<std::string(Config const&)> settled;
};

struct Field {
  std::string name;
  Word word;
};

struct EnumSurface {
  std::vector<std::string> wire;
  std::vector<std::string> enumerators;
};

struct Trip {
  std::string json;
  bool survived = false;
};

struct MemberTrips {
  std::string name;
  std::string type;
  // The model with this member alone, by variant of Fill.
  std::vector<Trip> alone;
};

struct RoundTrips {
  std::vector<MemberTrips> members;
  // The model with all its members, by variant.
  std::vector<Trip> full;
};

/// A model without its type: one test for all models compiles in a tenth of the time of 93 tests.
struct Model {
  std::string name;
  // In the order of `describe`.
  std::vector<Field> fields;
  std::map<std::string, EnumSurface> enums;
  // Members that do not stand where `describe` lists them, and enums that do not fit their words.
  std::vector<std::string> misplaced;
  // The JSON with every member set.
  std::function<nlohmann::ordered_json()> filled;
  std::function<RoundTrips()> round_trips;
  // Reads and writes again.
  std::function<std::string(std::string const&)> reread;
};

struct Service {
  std::string name;
  // The committed surface of the Python SDK's client of that name, in its own order.
  nlohmann::ordered_json manifest;
  std::vector<Method> methods;
  std::vector<Model> models;
  // Python's names of the types that calls which start operations return.
  std::vector<std::string> operation_wrappers{};
  // Methods that start no long-running operation, but what is polled by its own name; their forms are for their own
  // tests.
  std::vector<std::string> polled_by_name{};
  // Writes that may be repeated after a fault in which the service may have acted on them.
  std::vector<std::string> safe_writes{};
  // Whether what fills a path is a single segment, whose slashes are encoded, and no resource name.
  bool paths_have_segments = false;
  // The JSON of an argument for which not any text will do; null where the general one will.
  nlohmann::ordered_json (*argument)(nlohmann::ordered_json const& method, std::string const& parameter) = nullptr;
  // Options of which a call is refused that has none, by its method: the minimal call has this one.
  std::map<std::string, std::string> needed_options{};

  Method const* find_method(std::string const& method_name) const;
  /// The JSON of a model of that name with every member set.
  nlohmann::ordered_json const& filled_model(std::string const& model_name) const;
};

/// A test of each service.
class ServiceTest : public ::testing::TestWithParam<std::string> {
 public:
  static Service const& service();
  static nlohmann::ordered_json const& manifest() { return service().manifest; }
};

/// As a static object, adds a service to those that are tested.
struct AddedService {
  AddedService(std::string const& name, Service (*make)());
};

/// The names of all of them.
std::vector<std::string> service_names();

/// `NAME-api.json` of this folder.
nlohmann::ordered_json read_manifest(std::string const& name);

#define LAKEBASE_TEST_EACH_SERVICE(Suite)                                         \
  INSTANTIATE_TEST_SUITE_P(Services, Suite, ::testing::ValuesIn(service_names()), \
                           [](auto const& service) { return service.param; })

}  // namespace lakebase::tests
