#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/computes.hpp"

namespace lakebase::emulator::tests {

/// What PostgreSQL keeps of one branch.
struct BranchCatalog {
  struct Role {
    std::string attributes;
    bool superuser_member = false;
    friend bool operator==(Role const&, Role const&) = default;
  };
  std::map<std::string, Role> roles;
  /// The owner of each.
  std::map<std::string, std::string> databases;
};
/// By the branches' uids.
using Catalogs = std::map<std::string, BranchCatalog>;

/// A data plane that knows roles and databases, and keeps to SQL's rules for them. What it keeps outlives it, as
/// PostgreSQL's files outlive the emulator.
class CatalogComputes final : public Computes {
 public:
  explicit CatalogComputes(Catalogs catalogs) : catalogs_(std::move(catalogs)) {}

  Catalogs catalogs() const;
  std::set<std::string> endpoints() const;

  std::vector<int> server_versions() const override { return {17}; }
  int branch_version(std::string const&) const override { return 17; }
  void create_branch(std::string const& branch, int version, std::vector<std::string> const& statements) override;
  CopiedMoment copy_branch(std::string const& source, std::string const& branch,
                           std::optional<Moment> const& moment) override;
  CopiedMoment replace_data(std::string const& branch, std::string const& source,
                            std::optional<Moment> const& moment) override {
    return copy_branch(source, branch, moment);
  }
  void remove_branch(std::string const& branch) override;
  std::vector<std::vector<std::string>> execute(std::string const& branch, std::string const& database,
                                                std::vector<std::string> const& statements) override;
  std::unique_ptr<DatabaseSession> open_session(std::string const&, std::string const&, SessionOf) override {
    throw DataPlaneError("there are no sessions here");
  }
  bool has_password(std::string const&, std::string const&, std::string const&) override { return true; }
  std::string add_endpoint(std::string const& endpoint, std::string const& branch, ComputeSettings const& settings,
                           std::optional<std::string> const& wanted_address) override;
  void update_endpoint(std::string const& endpoint, ComputeSettings const& settings) override;
  void remove_endpoint(std::string const& endpoint) override;
  void start(std::string const&) override {}
  void start_soon(std::string const&) override {}
  void suspend(std::string const&) override {}
  void crash(std::string const&) override {}
  void fail_over(std::string const&) override {}
  std::vector<ComputeMember> members(std::string const& endpoint) const override {
    return {{0, false, status(endpoint)}};
  }
  std::string open_read_only_front(std::string const&, std::optional<std::string> const&) override { return {}; }
  ComputeStatus status(std::string const& endpoint) const override;
  std::optional<std::int64_t> logical_size(std::string const&) const override { return std::nullopt; }
  std::optional<std::int64_t> size_beyond(std::string const&, std::string const&) const override {
    return std::nullopt;
  }
  std::int64_t history_size(std::string const&) const override { return 0; }

 private:
  mutable std::mutex mutex_;
  Catalogs catalogs_;
  std::map<std::string, std::string> endpoints_;  // and their branches
};

}  // namespace lakebase::emulator::tests
