#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/computes.hpp"

namespace lakebase::emulator::tests {

/// A data plane that only notes what it is told, fails when it is told to, and can be held up.
class FakeComputes final : public Computes {
 public:
  std::vector<int> server_versions() const override { return versions_; }
  int branch_version(std::string const& branch) const override;
  void create_branch(std::string const& branch, int version, std::vector<std::string> const& statements) override;
  CopiedMoment copy_branch(std::string const& source, std::string const& branch,
                           std::optional<Moment> const& moment) override {
    return copied("copy_branch " + source + " " + branch, moment);
  }
  CopiedMoment replace_data(std::string const& branch, std::string const& source,
                            std::optional<Moment> const& moment) override {
    return copied("replace_data " + branch + " " + source, moment);
  }
  void remove_branch(std::string const& branch) override { note("remove_branch " + branch); }
  std::vector<std::vector<std::string>> execute(std::string const&, std::string const& database,
                                                std::vector<std::string> const& statements) override;
  /// Its statements are noted as those of `execute`; a COPY to it as `copy <database>: <rows>`.
  std::unique_ptr<DatabaseSession> open_session(std::string const& branch, std::string const& database,
                                                SessionOf) override;
  bool has_password(std::string const& branch, std::string const& role, std::string const& password) override;
  std::string add_endpoint(std::string const& endpoint, std::string const& branch, ComputeSettings const& settings,
                           std::optional<std::string> const& wanted_address) override;
  void update_endpoint(std::string const& endpoint, ComputeSettings const& settings) override;
  void remove_endpoint(std::string const& endpoint) override;
  void start(std::string const& endpoint) override { set_state(endpoint, ComputeState::active, "start"); }
  void start_soon(std::string const& endpoint) override { start(endpoint); }
  /// Until it is started, suspended or crashes.
  void begin_start(std::string const& endpoint) { set_state(endpoint, ComputeState::init, "begin_start"); }
  void suspend(std::string const& endpoint) override { set_state(endpoint, ComputeState::idle, "suspend"); }
  void crash(std::string const& endpoint) override { set_state(endpoint, ComputeState::idle, "crash"); }
  void fail_over(std::string const& endpoint) override { note("fail_over " + endpoint); }
  /// How many of `open_session` have not ended.
  int open_sessions() const { return open_sessions_; }
  /// As many as its settings want, all in the state of the endpoint.
  std::vector<ComputeMember> members(std::string const& endpoint) const override;
  std::string open_read_only_front(std::string const& endpoint,
                                   std::optional<std::string> const& wanted_address) override;
  ComputeStatus status(std::string const& endpoint) const override;
  std::optional<std::int64_t> logical_size(std::string const&) const override { return size_ ? size_() : std::nullopt; }
  std::optional<std::int64_t> size_beyond(std::string const& branch, std::string const& former) const override {
    return beyond_ ? beyond_(branch, former) : std::nullopt;
  }
  std::int64_t history_size(std::string const&) const override { return history_size_; }

  /// What was called so far, one line a call; SQL as `sql <database>: <statement>`.
  std::vector<std::string> calls() const;
  bool has_call_with(std::string const& part) const;
  ComputeSettings settings(std::string const& endpoint) const;
  std::string address(std::string const& endpoint) const;

  /// What is found from now on.
  void set_versions(std::vector<int> versions) { versions_ = std::move(versions); }
  /// How sizes are measured from now on.
  void set_size(std::function<std::optional<std::int64_t>()> size) { size_ = std::move(size); }
  void set_beyond(std::function<std::optional<std::int64_t>(std::string const&, std::string const&)> beyond) {
    beyond_ = std::move(beyond);
  }
  void set_history_size(std::int64_t size) { history_size_ = size; }
  /// What statements that hold this return from now on.
  void answer(std::string part, std::vector<std::vector<std::string>> rows);
  /// As a client does it by SQL, of whatever branch.
  void drop_role(std::string const& role);
  /// As a client does it by SQL, of whatever branch.
  void change_password(std::string const& role);
  /// The next call whose line holds this fails once.
  void fail_at(std::string part, std::string message, std::string sqlstate = {});
  /// Holds up every call whose line holds this, until `release`.
  void hold(std::string part = {});
  /// Waits for such a call.
  void wait_until_held();
  void release();

 private:
  struct Endpoint {
    ComputeSettings settings;
    ComputeState state = ComputeState::idle;
    std::string address;
  };
  struct Failure {
    std::string part, message, sqlstate;
  };
  void note(std::string const& line);
  CopiedMoment copied(std::string call, std::optional<Moment> const& moment);
  void note_role(std::string const& statement);
  void set_state(std::string const& endpoint, ComputeState state, std::string const& call);

  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::condition_variable holds_;
  std::optional<std::string> held_;
  int holding_ = 0;
  std::vector<std::string> calls_;
  std::function<std::optional<std::int64_t>()> size_;
  std::function<std::optional<std::int64_t>(std::string const&, std::string const&)> beyond_;
  std::int64_t history_size_ = 0;
  std::vector<int> versions_ = {15, 16, 17, 18};
  std::map<std::string, int> branches_;
  std::set<std::string> roles_;
  /// Roles whose password is not the one that the control plane has set.
  std::set<std::string> changed_passwords_;
  std::map<std::string, Endpoint> endpoints_;
  std::optional<Failure> failure_;
  std::map<std::string, std::vector<std::vector<std::string>>> answers_;
  int last_address_ = 0;
  std::atomic<int> open_sessions_ = 0;
};

}  // namespace lakebase::emulator::tests
