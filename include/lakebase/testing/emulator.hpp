#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/config.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace testing {

/// A service principal of the emulated workspace. It logs in with OAuth (`Config::client_id`, `Config::client_secret`).
struct EmulatorServicePrincipal {
  /// A UUID in real workspaces. Also its name in PostgreSQL.
  std::string application_id{};
  /// What it shows at the token endpoint.
  std::string secret{};
  /// For people.
  std::string display_name{};

  friend bool operator==(EmulatorServicePrincipal const&, EmulatorServicePrincipal const&) = default;
};

/// The quotas of the emulated workspace, each of which counts what is not deleted. A count that is not set is the
/// service's with `EmulatorOptions::service_limits`, and none without it; what else is not set is always the service's.
struct EmulatorLimits {
  /// Projects of the workspace, with those that can still be restored. The service's: 1,000
  std::optional<std::int64_t> projects{};
  /// Database instances of the workspace. The service's: 10
  std::optional<std::int64_t> instances{};
  /// Branches of a project, with those that can still be restored. The service's: 500
  std::optional<std::int64_t> branches{};
  /// Branches of a project that are not archived; the emulator archives none. The service's: 10
  std::optional<std::int64_t> unarchived_branches{};
  /// Branches of a project without a parent. The service's: 3
  std::optional<std::int64_t> root_branches{};
  /// Protected branches of a project. The service's: 1
  std::optional<std::int64_t> protected_branches{};
  /// Snapshots of a project that were taken by hand. The service's: 10
  std::optional<std::int64_t> snapshots{};
  /// Computes of a project that run at the same time. One more is not created, and not woken: its logins are refused
  /// with 53400. The service's: 20
  std::optional<std::int64_t> active_computes{};
  /// Roles of a branch. The service's: 500
  std::optional<std::int64_t> roles{};
  /// Databases of a branch. The service's: 500
  std::optional<std::int64_t> databases{};
  /// Read-only endpoints of a branch. Always, if not set: 6
  std::optional<std::int64_t> read_only_endpoints{};

  /// How far ahead the end of a branch may lie. Always, if not set: 30 days
  std::optional<std::chrono::nanoseconds> ttl{};
  /// The shortest `suspend_timeout_duration`. Always, if not set: 60 seconds
  std::optional<std::chrono::nanoseconds> shortest_suspension{};
  /// The longest `suspend_timeout_duration`. Always, if not set: 7 days
  std::optional<std::chrono::nanoseconds> longest_suspension{};
  /// The shortest `history_retention_duration`. Always, if not set: 2 days
  std::optional<std::chrono::nanoseconds> shortest_history{};
  /// The longest `history_retention_duration`. Always, if not set: 35 days
  std::optional<std::chrono::nanoseconds> longest_history{};

  friend bool operator==(EmulatorLimits const&, EmulatorLimits const&) = default;
};

/// How an emulator behaves. The defaults are the service's rules, with operations that take no longer than the work.
struct EmulatorOptions {
  /// Keeps projects, data and ports from one run to the next; a folder that is empty, does not exist yet, or is of an
  /// earlier run. None: a temporary folder, removed at the end, or by a later emulator if this process is killed.
  std::optional<std::filesystem::path> data_dir{};
  /// A loopback address.
  std::string http_address = "127.0.0.1";
  /// 0 means any free port. Default: that of the folder's earlier run, else any free port.
  std::optional<std::uint16_t> http_port{};
  /// The port of all endpoints; each has a loopback address of its own. 0 means any free port. Default: that of the
  /// folder's earlier run, else 5432.
  std::optional<std::uint16_t> postgres_port{};
  /// Folders of the programs of PostgreSQL servers, one for each major version that projects can run besides those of
  /// the environment variable LAKEBASE_POSTGRES_BIN and those that the distribution's packages have installed.
  std::vector<std::filesystem::path> postgres_bin{};

  /// Whom the token belongs to, and who owns new projects.
  std::string user_name = "developer@example.com";
  /// The personal access token. Empty: generated, and kept in the data folder.
  std::string token{};
  /// Who else may log in.
  std::vector<EmulatorServicePrincipal> service_principals{};
  /// Groups that all callers are members of.
  std::vector<std::string> groups{};
  /// Names besides the above that roles may represent. None: everything that looks like an identity.
  std::optional<std::vector<std::string>> identities{};

  /// Where synced tables get their rows from, by the full name of the source table (`main.sales.orders`): an absolute
  /// path of a `.csv`, `.jsonl` or `.ndjson` file, or a table of a database of the emulator, as
  /// `projects/p/branches/b/databases/d:schema.table`.
  std::map<std::string, std::string> sources{};
  /// Where change data feeds write their files. Default: `cdf` in the data folder.
  std::optional<std::filesystem::path> cdf_folder{};

  /// Each operation takes at least this long.
  std::chrono::nanoseconds operation_delay{};
  /// Each operation responds to at least this many polls with `done: false`.
  int operation_polls = 0;
  /// How long an endpoint shows a `pending_state`, and cannot be deleted, after an operation that changed it.
  std::chrono::nanoseconds reconciliation_delay{};
  /// How many sessions the Data API of a database has at most; at least 1.
  int data_api_sessions = 10;

  /// Let branches be created without a choice of `ttl`, `expire_time` or `no_expiry`; they do not expire.
  bool expiration_optional = false;
  /// Let updates come without a mask; they change what the body carries.
  bool update_mask_optional = false;
  /// Show `spec` in responses, as the service did for two weeks.
  bool echo_spec = false;
  /// Refuse endpoint ids of less than three characters, as the service has been observed to do.
  bool long_endpoint_ids = false;
  /// Hold all quotas of the service, not only those of the machine.
  bool service_limits = false;
  /// Quotas that are others than the service's.
  EmulatorLimits limits{};

  /// Makes all ids and choices of a run the same as in every other run with this seed and the same calls, one after the
  /// other; in a kept folder, as in every other with the same runs before. Secrets are never the same.
  std::optional<std::uint64_t> seed{};

  /// Receives each line of the log. Called from any thread.
  std::function<void(std::string_view line)> log{};
  /// Log each HTTP request, without its headers and body.
  bool log_requests = false;
};

/// A fault to inject into requests.
struct EmulatorFault {
  /// Parts with `;` between them: `status=503`, `retry-after=2`, `stall=2s`, `reset`, `drop-answer`, `half-body`,
  /// `garbage`, `html`. The request header `X-Emulator-Fault` takes the same text, for one request.
  std::string fault{};
  /// Only requests with this method. Empty: all.
  std::string method{};
  /// Only requests whose path starts with this. Empty: all.
  std::string path{};
  /// Number of requests that it applies to; 0 means no limit.
  std::int64_t times = 1;
  /// Apply to every n-th matching request.
  std::int64_t every = 1;
};

/// How an endpoint refuses logins.
struct EmulatorLoginRefusal {
  /// The code that clients see.
  std::string sqlstate = "57P03";
  /// The text that clients see.
  std::string message = "the database system is starting up";
  /// How many logins; 0 means until `accept_logins`.
  std::int64_t times = 0;
};

/// A Lakebase on one's own machine: the control plane over HTTP, and a real PostgreSQL behind each endpoint.
///
///     lakebase::testing::Emulator emulator;
///     lakebase::WorkspaceClient w{emulator.config()};
///     w.postgres.create_project({}, "p").wait();
///     auto connection = lakebase::pq::connect(lakebase::pq::source_for(w, "projects/p"));
///
/// Serves from construction to destruction, in threads of its own. Needs an installed PostgreSQL server. The same
/// controls can be called over HTTP below `/emulator/`.
///
/// Thread safety: safe to use from several threads at once.
/// Exceptions: std::exception with a message for people, e.g. from functions that name an endpoint if there is none.
/// Lifetime: computes, data of a temporary folder, and open sessions end with the object; stop using its clients first.
class LAKEBASE_EXPORT Emulator {
 public:
  /// @throws std::exception if it cannot serve: no PostgreSQL, a port that is taken (the message says by whom), a
  ///         folder that another emulator uses or that holds something else
  [[nodiscard]] explicit Emulator(EmulatorOptions options = {});
  /// Waits for running operations, cuts all sessions, and leaves no process behind.
  ~Emulator();
  Emulator(Emulator const&) = delete;
  Emulator& operator=(Emulator const&) = delete;

  /// For a client of this emulator, and for `pq::source_for` and `pq::EphemeralBranch` with it: host and token, port
  /// and authority of the endpoints.
  [[nodiscard]] Config config() const;
  /// `http://127.0.0.1:<port>`
  [[nodiscard]] std::string host() const;
  /// The personal access token of the workspace's user.
  [[nodiscard]] std::string token() const;
  /// PEM file of the authority that signs the endpoints' certificates, for `sslrootcert`.
  [[nodiscard]] std::filesystem::path ca_certificate() const;
  /// The port of all endpoints.
  [[nodiscard]] std::uint16_t postgres_port() const;
  /// The token's owner: the PostgreSQL user that its database credentials log in.
  [[nodiscard]] std::string user_name() const;

  /// Suspends the compute of an endpoint, given by its full name, or of a database instance, given by its name, as the
  /// functions below, too: sessions end, and the next connection wakes it.
  void suspend(std::string_view endpoint);
  /// Kills the PostgreSQL process of an endpoint as a crash would; the next connection starts it again, or, in a group
  /// of several computes, a standby takes its place.
  void crash(std::string_view endpoint);
  /// Lets a standby take the primary's place in an endpoint whose `group` has several computes, and returns when it
  /// serves: sessions end with 57P01, the host stays, and nothing that was committed is lost. Waits until a standby is
  /// ready, for half a minute at most.
  /// @throws std::exception if none is
  void failover(std::string_view endpoint);
  /// Replaces the data of a branch, given by its full name, by those that its parent has now, and returns when that is
  /// done. Its endpoints keep their hosts, and its roles their logins; sessions end. The service offers this in its
  /// user interface only; here it is also `POST /api/2.0/postgres/{branch}/reset`.
  /// @throws std::exception if the branch is a root, protected, or has children
  void reset_branch(std::string_view branch);
  /// Refuses logins at an endpoint from now on.
  void refuse_logins(std::string_view endpoint, EmulatorLoginRefusal const& refusal = {});
  /// Ends the refusal of logins at an endpoint.
  void accept_logins(std::string_view endpoint);

  /// The emulator's time, which is the machine's, and what it was moved ahead by.
  [[nodiscard]] std::chrono::sys_time<std::chrono::nanoseconds> now() const;
  /// Moves the emulator's time ahead: tokens and branches expire, computes suspend, schedules fire, deleted resources
  /// are purged, old sessions end. Each sees the time at which it was due, in that order, and is done on return. It
  /// never goes back; in a kept folder not even by a restart. SQL's `now()` stays the machine's.
  /// @throws std::exception if the duration is not positive, or leads beyond the year 2100; and if something that
  /// became
  ///         due is not done after 30 s, in which case the time has been moved all the same
  void advance(std::chrono::nanoseconds duration);

  /// Makes database credentials expire after this, whatever is requested, even below the service's minimum. None: as
  /// requested.
  void set_token_life(std::optional<std::chrono::nanoseconds> life);
  /// Responds to the next calls for a database credential with 503.
  void fail_next_credentials(std::int64_t count);
  /// Responds to every n-th call for a database credential with 503, until `clear_faults`.
  void fail_every_credential(std::int64_t nth);
  /// Adds a fault. Of several that match a request the first applies.
  void inject(EmulatorFault const& fault);
  /// Undoes `inject`, `fail_next_credentials` and `fail_every_credential`.
  void clear_faults();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace v0
}  // namespace lakebase
