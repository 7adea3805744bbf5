#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Database instances: the API of Lakebase Provisioned. What its calls start has no operation to wait for: the state of
/// the instance tells.
class Instances {
 public:
  explicit Instances(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(std::string const& name) const;
  Json find_by_uid(Query const& query) const;
  /// Those that the caller may see.
  Json list(Call const& call) const;
  Json create(Call const& call);
  Json update(std::string const& name, Call const& call);
  Json remove(std::string const& name, Query const& query);
  Json fail_over(std::string const& name, Call const& call);
  /// Our reading of it: the instance becomes a project of its name too, with its data and its host.
  Json upgrade(std::string const& name);

  /// Goes on with what was accepted, and interrupted by the end of the emulator.
  void run_due();
  std::optional<TimePoint> next_due() const;

  /// The uid by which the data plane knows the endpoint of an instance.
  std::string endpoint_uid(std::string const& name) const;

 private:
  struct Parent;
  std::optional<Parent> parent_in(State const& state, Fields const& body) const;
  ProjectRecord new_instance(State& state, std::string const& name, Call const& call,
                             std::optional<Parent> const& parent) const;
  Plan plan_create(State& state, ProjectRecord project, std::optional<Parent> const& parent);
  Plan plan_change(State& state, ProjectRecord const& wanted, std::string_view changing);
  Plan plan_remove(State& state, std::vector<std::string> const& ids);
  Plan plan_upgrade(State& state, std::string const& name);

  Workspace& workspace_;
};

}  // namespace lakebase::emulator
