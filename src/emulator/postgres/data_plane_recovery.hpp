#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "engine/recovery.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {

/// What `OperationPlan::removal` holds: the target is gone if the statement finds nothing in the database `postgres` of
/// its branch. The resource may add what its `erase` needs.
Json removal_seen_by(std::string const& statement);

/// Recovery of what the resources have in the data plane: cleans up, finds out what exists, and brings it up again.
class DataPlaneRecovery final : public Recovery<State> {
 public:
  using Log = std::function<void(std::string_view)>;
  DataPlaneRecovery(Computes& computes, Log log) : computes_(computes), log_(std::move(log)) {}

  OperationFailure failure_of(std::exception_ptr const& caught) const override;
  std::vector<Json> clean_up(std::vector<Json> const& cleanups, State const& state) const override;
  bool concerns(Json const& cleanup, std::string const& key, State const& state) const override;
  bool is_gone(std::string const& target, Json const& removal, State const& state) const override;
  Json remove_target(OperationRecord const& operation, State& state) const override;
  void resume(State& state) const override;

 private:
  void note_version(ProjectRecord& project) const;
  void open_endpoints(ProjectRecord& project) const;
  void open_endpoint(BranchRecord const& branch, EndpointRecord& endpoint) const;
  void drop_refused(std::map<std::string, std::string>& pg_settings, std::string const& owner) const;

  Computes& computes_;
  Log const log_;
};

}  // namespace lakebase::emulator
