#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "engine/steward.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {

/// Sees to it that what an earlier life of the emulator, or an operation that failed, has left is done at the data
/// plane.
class Caretaker final : public Steward<State> {
 public:
  using Log = std::function<void(std::string_view)>;
  Caretaker(Computes& computes, Log log) : computes_(computes), log_(std::move(log)) {}

  Failure failure_of(std::exception_ptr const& caught) const override;
  std::vector<Json> undone(std::vector<Json> const& chores, State const& state) const override;
  bool concerns(Json const& chore, std::string const& key, State const& state) const override;
  bool is_gone(std::string const& target, std::string const& witness, State const& state) const override;
  void take_out(OperationRecord const& operation, State& state) const override;
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
