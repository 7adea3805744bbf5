#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/wait_options.hpp>
#include <lakebase/workspace_client.hpp>

#include "cli/api/shape.hpp"
#include "cli/base/json.hpp"

namespace lakebase::cli {

/// What a command line gives to a method of the library.
struct Arguments {
  /// The arguments that are texts, and the update mask, in the order of the method's parameters.
  std::vector<std::string> texts{};
  /// JSON of the model that the method takes, if it takes one.
  Json body = Json::object();
  /// What is set of its options.
  Json options = Json::object();
};

/// Takes what a method returns, as JSON text.
class Outcome {
 public:
  virtual ~Outcome() = default;
  virtual void object(std::string json) = 0;
  /// An item of a list; returns whether more are wanted.
  virtual bool item(std::string json) = 0;
  /// An operation that was started. `wait` gives the result, which is empty for an operation without one.
  virtual void operation(std::string name, std::function<std::string(WaitOptions const&)> wait) = 0;
};

/// A member of a method's options.
struct OptionField {
  std::string_view name;
  Shape const& (*shape)();
};

/// A command of `lakebase postgres` or `lakebase database`: a method of the library, and what its signature does not
/// say.
struct Command {
  enum class Result { nothing, object, list, operation };

  std::string_view service;
  /// `create_branch`
  std::string_view method;
  /// Names of the positionals. Those behind a bar stand in `--json` instead, if that is given; a command whose method
  /// takes no model has `--json` if it has a bar. The first ones are the method's texts, the others members of the
  /// model.
  std::string_view positionals;
  /// Members of the model that have a flag: `name ttl=spec.ttl`.
  std::string_view body_flags;
  std::string_view summary;

  // From the method's signature:
  std::size_t texts;
  Shape const& (*body)();  ///< of the model that it takes; null if it takes none
  std::span<OptionField const> options;
  Result result;
  void (*run)(WorkspaceClient const& client, Arguments const& arguments, Outcome& outcome);

  [[nodiscard]] bool takes_json() const { return body != nullptr || positionals.find('|') != std::string_view::npos; }
};

/// All commands of a service, in the order of their names.
std::span<Command const> postgres_commands();
std::span<Command const> database_commands();

}  // namespace lakebase::cli
