#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// What a client presented to the TLS front of an endpoint.
struct Login {
  std::string endpoint_uid;
  std::string user;
  std::string database;
  std::string password;  ///< Never logged.
};

/// The control plane's answer to a login.
struct LoginDecision {
  enum class Verdict {
    trusted,          ///< A token of this identity: PostgreSQL is told to take the front's word for it.
    native_password,  ///< Not a token: PostgreSQL itself checks the password of the role.
    refused,
  };
  Verdict verdict = Verdict::refused;
  std::string sqlstate = "28P01";
  std::string message;  ///< The text of the error that a refused client sees.
};

/// Decides on a login. Called from the front's threads, never under a lock of the data plane.
using LoginAuthority = std::function<LoginDecision(Login const&)>;

/// How one compute behaves.
struct ComputeSettings {
  bool read_only = false;
  /// Suspends after this long without traffic; none: never.
  std::optional<std::chrono::nanoseconds> suspend_after{};
  /// A disabled compute is suspended, and no connection wakes it.
  bool disabled = false;
  int max_connections = 100;
  std::map<std::string, std::string> pg_settings{};
};

enum class ComputeState { init, active, idle };

struct ComputeStatus {
  ComputeState state = ComputeState::idle;
  std::chrono::system_clock::time_point last_active{};
  std::optional<std::chrono::system_clock::time_point> started;
  std::optional<std::chrono::system_clock::time_point> suspended;
  int open_sessions = 0;
};

/// Something that the data plane cannot do; the message is fit for the user's eyes.
class DataPlaneError : public std::runtime_error {
 public:
  explicit DataPlaneError(std::string const& message, std::string sqlstate = {})
      : std::runtime_error(message), sqlstate_(std::move(sqlstate)) {}
  /// PostgreSQL's SQLSTATE where a statement failed, else empty.
  std::string const& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

struct DataPlaneOptions {
  /// Holds the branches' data directories, the certificates and the sockets. Created where it is missing.
  std::filesystem::path root;
  /// The port that every endpoint's front listens on, each on a loopback address of its own.
  std::uint16_t postgres_port = 5432;
  LoginAuthority authority;
  /// One line of the log, without its end. Called from any thread.
  std::function<void(std::string_view)> log;
  /// Folders of PostgreSQL's programs, besides those of LAKEBASE_POSTGRES_BIN and of the distribution.
  std::vector<std::filesystem::path> postgres_bin{};
  /// How many clients there may be that have not logged in; 0: what the limit of open files leaves room for.
  std::size_t most_unknown_clients = 0;
};

/// The major version of PostgreSQL to run of those that were found: the wanted one, else 17, else the newest.
int choose_version(std::vector<int> const& found, std::optional<int> wanted);

/// Finds out whether endpoints can listen on a port, before there are any. 0: any port that is free.
/// @throws DataPlaneError that says why not, and who has it
std::uint16_t usable_postgres_port(std::uint16_t wanted);

/// Real PostgreSQL behind the emulator: a data directory for each branch, a server process for each running compute,
/// and a TLS front for each endpoint. All functions may be called from any thread; those that start or stop a server
/// block.
class DataPlane {
 public:
  /// Finds the installed PostgreSQL servers and makes (or reads again) the certificate authority. Starts none.
  /// @throws DataPlaneError where no PostgreSQL server is installed; the message says what to install
  explicit DataPlane(DataPlaneOptions options);
  /// Cuts all sessions, stops all servers and waits for them. Leaves the data directories where they are.
  ~DataPlane();
  DataPlane(DataPlane const&) = delete;
  DataPlane& operator=(DataPlane const&) = delete;

  /// Major versions of PostgreSQL that were found, from the oldest on.
  std::vector<int> server_versions() const;
  /// Major version of the PostgreSQL that a branch runs.
  int branch_version(std::string const& branch_uid) const;
  /// PEM file of the certificate authority, readable by everybody.
  std::filesystem::path ca_certificate() const;

  /// Makes the data directory of a root branch with `initdb`, with the roles `databricks_superuser` and those that the
  /// front needs, but no user's role and no user's database. Runs what `choose_version` says.
  void create_branch(std::string const& branch_uid, std::optional<int> version = {});
  /// Copies the data of `source` as of now, whether its computes run or sleep, without disturbing its sessions.
  /// Returns the LSN of the moment that was copied.
  std::string copy_branch(std::string const& source_uid, std::string const& branch_uid);
  /// Removes the endpoints that are left on the branch, and its data directory. Does nothing where there is no such
  /// branch, as when it was removed before.
  void remove_branch(std::string const& branch_uid);

  /// Runs statements one by one as the superuser, starting the branch's server where it sleeps. Rows come back as text.
  /// Names without a schema are PostgreSQL's own, or the schema public's.
  /// @throws DataPlaneError with PostgreSQL's message and SQLSTATE; statements before the failed one stand
  std::vector<std::vector<std::string>> execute(std::string const& branch_uid, std::string const& database,
                                                std::vector<std::string> const& statements);

  /// Opens the front of an endpoint and returns its loopback address. The compute starts at the first connection or by
  /// `start`. `wanted_address` is the address it had in an earlier life of the emulator; taken if it is still free.
  std::string add_endpoint(std::string const& endpoint_uid, std::string const& branch_uid,
                           ComputeSettings const& settings, std::optional<std::string> const& wanted_address = {});
  /// Applies new settings: at once where PostgreSQL can, else by a restart that cuts the sessions.
  void update_endpoint(std::string const& endpoint_uid, ComputeSettings const& settings);
  void remove_endpoint(std::string const& endpoint_uid);

  /// Starts the compute and returns when it takes connections.
  void start(std::string const& endpoint_uid);
  /// Starts the compute, once no branch has been made for a moment, and does not wait for that. A failure goes to the
  /// log; the next connection tries again.
  void start_soon(std::string const& endpoint_uid);
  /// Suspends the compute: its sessions end with 57P01, and the next connection wakes it.
  void suspend(std::string const& endpoint_uid);
  /// Kills the server process as a crash would; the next connection starts it again.
  void crash(std::string const& endpoint_uid);
  ComputeStatus status(std::string const& endpoint_uid) const;
  /// Bytes that the branch's data takes, or none before it is known.
  std::optional<std::int64_t> logical_size(std::string const& branch_uid) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Quotes an SQL identifier.
std::string quote_identifier(std::string_view name);
/// Quotes an SQL string literal.
std::string quote_literal(std::string_view text);

}  // namespace lakebase::emulator
