#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data_plane/data_plane.hpp"

namespace lakebase::emulator {

/// What the control plane asks of the data plane: the functions of `DataPlane`, so that tests of the rules need no
/// PostgreSQL.
class Computes {
 public:
  virtual ~Computes() = default;

  virtual std::vector<int> server_versions() const = 0;
  virtual int branch_version(std::string const& branch_uid) const = 0;
  virtual void create_branch(std::string const& branch_uid, int version) = 0;
  virtual std::string copy_branch(std::string const& source_uid, std::string const& branch_uid) = 0;
  virtual void remove_branch(std::string const& branch_uid) = 0;
  virtual std::vector<std::vector<std::string>> execute(std::string const& branch_uid, std::string const& database,
                                                        std::vector<std::string> const& statements) = 0;
  virtual std::string add_endpoint(std::string const& endpoint_uid, std::string const& branch_uid,
                                   ComputeSettings const& settings,
                                   std::optional<std::string> const& wanted_address) = 0;
  virtual void update_endpoint(std::string const& endpoint_uid, ComputeSettings const& settings) = 0;
  virtual void remove_endpoint(std::string const& endpoint_uid) = 0;
  virtual void start(std::string const& endpoint_uid) = 0;
  virtual void start_soon(std::string const& endpoint_uid) = 0;
  virtual void suspend(std::string const& endpoint_uid) = 0;
  virtual void crash(std::string const& endpoint_uid) = 0;
  virtual ComputeStatus status(std::string const& endpoint_uid) const = 0;
  virtual std::optional<std::int64_t> logical_size(std::string const& branch_uid) const = 0;
};

/// The real ones.
class DataPlaneComputes final : public Computes {
 public:
  explicit DataPlaneComputes(DataPlane& data_plane) : data_plane_(data_plane) {}

  std::vector<int> server_versions() const override { return data_plane_.server_versions(); }
  int branch_version(std::string const& branch) const override { return data_plane_.branch_version(branch); }
  void create_branch(std::string const& branch, int version) override { data_plane_.create_branch(branch, version); }
  std::string copy_branch(std::string const& source, std::string const& branch) override {
    return data_plane_.copy_branch(source, branch);
  }
  void remove_branch(std::string const& branch) override { data_plane_.remove_branch(branch); }
  std::vector<std::vector<std::string>> execute(std::string const& branch, std::string const& database,
                                                std::vector<std::string> const& statements) override {
    return data_plane_.execute(branch, database, statements);
  }
  std::string add_endpoint(std::string const& endpoint, std::string const& branch, ComputeSettings const& settings,
                           std::optional<std::string> const& wanted_address) override {
    return data_plane_.add_endpoint(endpoint, branch, settings, wanted_address);
  }
  void update_endpoint(std::string const& endpoint, ComputeSettings const& settings) override {
    data_plane_.update_endpoint(endpoint, settings);
  }
  void remove_endpoint(std::string const& endpoint) override { data_plane_.remove_endpoint(endpoint); }
  void start(std::string const& endpoint) override { data_plane_.start(endpoint); }
  void start_soon(std::string const& endpoint) override { data_plane_.start_soon(endpoint); }
  void suspend(std::string const& endpoint) override { data_plane_.suspend(endpoint); }
  void crash(std::string const& endpoint) override { data_plane_.crash(endpoint); }
  ComputeStatus status(std::string const& endpoint) const override { return data_plane_.status(endpoint); }
  std::optional<std::int64_t> logical_size(std::string const& branch) const override {
    return data_plane_.logical_size(branch);
  }

 private:
  DataPlane& data_plane_;
};

}  // namespace lakebase::emulator
