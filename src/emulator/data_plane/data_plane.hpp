#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "common/random.hpp"
#include "common/timekeeper.hpp"

namespace lakebase::emulator {

struct DataPlaneOptions {
  /// Holds the branches' data directories, the certificates and the sockets. Created if it is missing.
  std::filesystem::path root;
  /// The port that every endpoint's front listens on, each on a loopback address of its own.
  std::uint16_t postgres_port = 5432;
  LoginAuthority authority;
  /// One line of the log, without its end. Called from any thread.
  std::function<void(std::string_view)> log;
  /// Folders of PostgreSQL's programs, besides those of LAKEBASE_POSTGRES_BIN and of the distribution.
  std::vector<std::filesystem::path> postgres_bin{};
  /// The most clients that have not logged in; 0: as many as the limit of open files allows.
  std::size_t most_unknown_clients = 0;
  /// Where the choice of addresses comes from.
  RandomBytes random = random_bytes;
  /// Tells the time, also when to suspend an idle compute.
  std::shared_ptr<Timekeeper> time = std::make_shared<Timekeeper>();
  /// How long the past of a branch is kept. Called from any thread.
  std::function<Duration(std::string const& branch_uid)> retention = [](auto const&) {
    return Duration{std::chrono::hours{7 * 24}};
  };
};

/// Finds out whether endpoints will be able to listen on a port. 0: any port that is free.
/// @throws DataPlaneError that says why not, and who has it
std::uint16_t usable_postgres_port(std::uint16_t wanted);

/// Real PostgreSQL behind the emulator: a data directory for each branch, a server process for each running compute,
/// and a TLS front for each endpoint. All functions may be called from any thread; those that start or stop a server
/// block.
class DataPlane final : public Computes {
 public:
  /// Finds the installed PostgreSQL servers, and reads or creates the certificate authority. Starts no server.
  /// @throws DataPlaneError if no PostgreSQL server is installed; the message says what to install
  explicit DataPlane(DataPlaneOptions options);
  /// Ends all sessions, stops all servers and waits for them. Keeps the data directories.
  ~DataPlane() override;
  DataPlane(DataPlane const&) = delete;
  DataPlane& operator=(DataPlane const&) = delete;

  /// Ends the sessions of all clients, with 57P01, and lets nobody in any more. The servers keep running, for whoever
  /// calls the other functions.
  void end_client_sessions();

  /// PEM file of the certificate authority, readable by everybody.
  std::filesystem::path ca_certificate() const;

  std::vector<int> server_versions() const override;
  int branch_version(std::string const& branch_uid) const override;
  void create_branch(std::string const& branch_uid, int version, std::vector<std::string> const& statements) override;
  /// The same with the default version of `choose_version`.
  void create_branch(std::string const& branch_uid, std::vector<std::string> const& statements = {});
  CopiedMoment copy_branch(std::string const& source_uid, std::string const& branch_uid,
                           std::optional<Moment> const& moment = {}) override;
  CopiedMoment replace_data(std::string const& branch_uid, std::string const& source_uid,
                            std::optional<Moment> const& moment = {}) override;
  void remove_branch(std::string const& branch_uid) override;
  std::vector<std::vector<std::string>> execute(std::string const& branch_uid, std::string const& database,
                                                std::vector<std::string> const& statements) override;
  std::unique_ptr<DatabaseSession> open_session(std::string const& branch_uid, std::string const& database,
                                                SessionOf whose) override;
  bool has_password(std::string const& branch_uid, std::string const& role, std::string const& password) override;
  std::string add_endpoint(std::string const& endpoint_uid, std::string const& branch_uid,
                           ComputeSettings const& settings,
                           std::optional<std::string> const& wanted_address = {}) override;
  void update_endpoint(std::string const& endpoint_uid, ComputeSettings const& settings) override;
  void remove_endpoint(std::string const& endpoint_uid) override;
  void start(std::string const& endpoint_uid) override;
  void start_soon(std::string const& endpoint_uid) override;
  void suspend(std::string const& endpoint_uid) override;
  void crash(std::string const& endpoint_uid) override;
  void fail_over(std::string const& endpoint_uid) override;
  std::vector<ComputeMember> members(std::string const& endpoint_uid) const override;
  std::string open_read_only_front(std::string const& endpoint_uid,
                                   std::optional<std::string> const& wanted_address = {}) override;
  ComputeStatus status(std::string const& endpoint_uid) const override;
  std::optional<std::int64_t> logical_size(std::string const& branch_uid) const override;
  std::optional<std::int64_t> size_beyond(std::string const& branch_uid, std::string const& former_uid) const override;
  std::int64_t history_size(std::string const& branch_uid) const override;
  /// Makes in this thread new bases of what has become long, and gives back what nobody can ask for any more.
  void look_after_history();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lakebase::emulator
