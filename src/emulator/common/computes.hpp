#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/time.hpp"

namespace lakebase::emulator {

// The seam between the control plane, which decides, and the data plane, which runs PostgreSQL.

/// What a client presented to the TLS front of an endpoint.
struct Login {
  std::string endpoint_uid;
  std::string user;
  std::string database;
  std::string password;  ///< Never logged.
};

/// The control plane's decision on a login.
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

/// A position in the write-ahead log, as PostgreSQL writes it: `0/1A2B3C8`.
struct Lsn {
  std::string text;
};
/// A moment of a branch.
using Moment = std::variant<TimePoint, Lsn>;
/// The text as a number; none: it is no position.
std::optional<std::uint64_t> parse_lsn(std::string_view text);
std::string lsn_text(std::uint64_t lsn);

/// The moment of the source that a copy holds.
struct CopiedMoment {
  std::string lsn;
  /// Where a position was asked for: when the last transaction in front of it had committed.
  std::optional<TimePoint> time;

  friend bool operator==(CopiedMoment const&, CopiedMoment const&) = default;
};

/// How one compute behaves.
struct ComputeSettings {
  bool read_only = false;
  /// Suspends after this long without traffic; none: never.
  std::optional<std::chrono::nanoseconds> suspend_after{};
  /// A disabled compute is suspended, and no connection wakes it.
  bool disabled = false;
  int max_connections = 100;
  std::map<std::string, std::string> pg_settings{};
  /// Of a read-write compute: how many hot standbys it has, one of which takes its place when it fails.
  int standbys = 0;
  /// Whether clients can read from them, at an address of their own.
  bool readable_standbys = false;
};

/// Degraded: it serves, and lacks a standby.
enum class ComputeState { init, active, degraded, idle };

struct ComputeStatus {
  ComputeState state = ComputeState::idle;
  TimePoint last_active{};
  std::optional<TimePoint> started;
  std::optional<TimePoint> suspended;
  int open_sessions = 0;
};

/// One of the servers behind an endpoint.
struct ComputeMember {
  int number = 0;  ///< Tells it from the others; 0: the one that the endpoint began with.
  bool is_standby = false;
  ComputeStatus status;
  /// Of a standby: bytes of the primary's log that it has not applied; none: it does not follow.
  std::optional<std::int64_t> lag{};
};

/// Something that the data plane cannot do; the message is fit for the user's eyes.
class DataPlaneError : public std::runtime_error {
 public:
  explicit DataPlaneError(std::string const& message, std::string sqlstate = {}, std::string detail = {},
                          std::string context = {}, std::string hint = {})
      : std::runtime_error(message),
        sqlstate_(std::move(sqlstate)),
        detail_(std::move(detail)),
        context_(std::move(context)),
        hint_(std::move(hint)) {}
  /// PostgreSQL's SQLSTATE if a statement failed, else empty.
  std::string const& sqlstate() const noexcept { return sqlstate_; }
  /// PostgreSQL's DETAIL and CONTEXT of it, which may hold values of rows; empty if there is none.
  std::string const& detail() const noexcept { return detail_; }
  std::string const& context() const noexcept { return context_; }
  /// PostgreSQL's HINT.
  std::string const& hint() const noexcept { return hint_; }

 private:
  std::string sqlstate_;
  std::string detail_;
  std::string context_;
  std::string hint_;
};

/// The major version of PostgreSQL to run of those that were found: the wanted one, else 17, else the newest.
int choose_version(std::vector<int> const& found, std::optional<int> wanted);

/// Whose rights a session has.
enum class SessionOf {
  owner,          ///< Those of the owner of the database, so that nothing that a user wrote gets more.
  authenticator,  ///< Of the role `authenticator`, for the Data API. It keeps no server awake between its statements.
  emulator,       ///< All of them. Not for statements that call what a user wrote.
};

/// Takes bytes of rows in COPY's text format; a row may come in several pieces.
using CopySink = std::function<void(std::string_view)>;

/// A statement of SQL.
struct SqlText {
  std::string sql;
  /// What `$1` and so on stand for; none: it may be several statements.
  std::vector<std::string> parameters{};
  /// Of one with parameters: the session keeps it prepared for others with the same text and number, such as that of
  /// the schema. 0: it does not.
  std::uint64_t kept_for = 0;
};

/// What came of it.
struct SqlOutcome {
  std::vector<std::vector<std::string>> rows{};
  std::optional<DataPlaneError> error{};
  /// PostgreSQL refused what had been prepared before it began, as it may if the schema has changed. It is not kept any
  /// more, and can be sent again.
  bool is_stale = false;
};

/// A session of the emulator, for one thread at once.
class DatabaseSession {
 public:
  virtual ~DatabaseSession() = default;

  /// Runs a statement. @return the rows as text, where NULL is empty
  /// @throws DataPlaneError with PostgreSQL's message and SQLSTATE
  virtual std::vector<std::vector<std::string>> query(std::string const& sql) = 0;
  /// The same of one statement with parameters, `$1` and so on.
  virtual std::vector<std::vector<std::string>> query(std::string const& sql,
                                                      std::vector<std::string> const& parameters) = 0;
  /// Sends all of these at once, and then reads what came of each. One that fails keeps others from running only if a
  /// transaction is open. @throws DataPlaneError if the session has ended
  virtual std::vector<SqlOutcome> query_all(std::vector<SqlText> const& texts) = 0;
  /// Sends a statement without waiting for what comes of it: the next call does, and fails if it failed.
  virtual void post(std::string const& sql) = 0;
  /// What NOTIFY has told the session since, by its payloads. Waits for nothing but what was posted. @throws
  /// DataPlaneError if it has ended
  virtual std::vector<std::string> notifications() = 0;
  /// Runs `COPY … FROM STDIN`.
  /// @param produce is called once, with where to put the rows. What it throws ends the COPY, and is thrown on
  virtual void copy_in(std::string const& sql, std::function<void(CopySink const&)> const& produce) = 0;
  /// Runs `COPY … TO STDOUT`. @param take is called with each row, which ends with a newline
  virtual void copy_out(std::string const& sql, CopySink const& take) = 0;
};

/// What the control plane needs of the data plane. All functions may be called from any thread; those that start or
/// stop a server block.
class Computes {
 public:
  virtual ~Computes() = default;

  /// Major versions of PostgreSQL that were found, from the oldest on.
  virtual std::vector<int> server_versions() const = 0;
  /// Major version of the PostgreSQL that a branch runs.
  virtual int branch_version(std::string const& branch_uid) const = 0;

  /// Makes a root branch with the roles `databricks_superuser` and those that the front needs, and with what these
  /// statements make, which run one by one as `execute` runs them in the database `postgres`. A second branch of the
  /// same statements takes what the first has made, without running them. Runs what `choose_version` says.
  /// @throws DataPlaneError with PostgreSQL's message and SQLSTATE; there is no branch then
  virtual void create_branch(std::string const& branch_uid, int version,
                             std::vector<std::string> const& statements) = 0;
  /// Makes a branch with the data of `source`, whether its computes run or sleep, without disturbing its sessions. What
  /// has not changed is shared until the branch starts.
  /// @param moment none: now. A position of the log: what is in front of it; a time: what had committed by then
  /// @throws DataPlaneError with SQLSTATE 22023 if the source has no such moment
  virtual CopiedMoment copy_branch(std::string const& source_uid, std::string const& branch_uid,
                                   std::optional<Moment> const& moment) = 0;
  /// Replaces the data of a branch by those of `source`, as `copy_branch` makes them; its endpoints and their addresses
  /// stay, and the sessions of its clients end with 57P01. The branch's own past is gone. If it fails, the data stay.
  virtual CopiedMoment replace_data(std::string const& branch_uid, std::string const& source_uid,
                                    std::optional<Moment> const& moment) = 0;
  /// Removes the endpoints that are left on the branch, and its data directory. Does nothing if there is no such
  /// branch, e.g. because it was removed before.
  virtual void remove_branch(std::string const& branch_uid) = 0;

  /// Runs statements one by one as the superuser, starting the branch's server if it is stopped. Rows come back as
  /// text. Names without a schema are PostgreSQL's own, or the schema public's.
  /// @throws DataPlaneError with PostgreSQL's message and SQLSTATE; statements before the failed one stand
  virtual std::vector<std::vector<std::string>> execute(std::string const& branch_uid, std::string const& database,
                                                        std::vector<std::string> const& statements) = 0;
  /// Opens a session, starting the branch's server if it is stopped, and keeping it from being
  /// suspended as idle. Names without a schema are PostgreSQL's own, or the schema public's.
  virtual std::unique_ptr<DatabaseSession> open_session(std::string const& branch_uid, std::string const& database,
                                                        SessionOf whose) = 0;
  /// Whether a role of PostgreSQL has this password, starting the branch's server if it is stopped. False if there is
  /// no such role.
  virtual bool has_password(std::string const& branch_uid, std::string const& role, std::string const& password) = 0;

  /// Opens the front of an endpoint and returns its loopback address. The compute starts at the first connection or by
  /// `start`. `wanted_address` is the address it had in an earlier run of the emulator; used if it is still free.
  virtual std::string add_endpoint(std::string const& endpoint_uid, std::string const& branch_uid,
                                   ComputeSettings const& settings,
                                   std::optional<std::string> const& wanted_address) = 0;
  /// Applies new settings: at once where PostgreSQL can, else by a restart that cuts the sessions.
  virtual void update_endpoint(std::string const& endpoint_uid, ComputeSettings const& settings) = 0;
  virtual void remove_endpoint(std::string const& endpoint_uid) = 0;

  /// Starts the compute and returns when it takes connections.
  virtual void start(std::string const& endpoint_uid) = 0;
  /// Starts the compute once no branch has been created for a moment, unless several others are to start after it;
  /// returns without waiting. A failure goes to the log, and the next connection tries again.
  virtual void start_soon(std::string const& endpoint_uid) = 0;
  /// Suspends the compute: its sessions end with 57P01, and the next connection wakes it.
  virtual void suspend(std::string const& endpoint_uid) = 0;
  /// Kills the server process as a crash would; the next connection starts it again, or a standby takes its place.
  virtual void crash(std::string const& endpoint_uid) = 0;
  /// Stops the server, whose sessions end with 57P01, and lets a standby take its place.
  /// @throws DataPlaneError with 55000 if it has none
  virtual void fail_over(std::string const& endpoint_uid) = 0;
  /// The servers behind an endpoint, the primary first.
  virtual std::vector<ComputeMember> members(std::string const& endpoint_uid) const = 0;
  /// Opens the front of an endpoint's readable standbys, unless it is open, and returns its loopback address. It is
  /// closed when the settings let nobody read from them any more.
  virtual std::string open_read_only_front(std::string const& endpoint_uid,
                                           std::optional<std::string> const& wanted_address) = 0;
  virtual ComputeStatus status(std::string const& endpoint_uid) const = 0;
  /// Bytes that the branch's data takes; none until they are known.
  virtual std::optional<std::int64_t> logical_size(std::string const& branch_uid) const = 0;
  /// Bytes of these data that a former branch, which did not run since either, does not have; none if that cannot be
  /// told.
  virtual std::optional<std::int64_t> size_beyond(std::string const& branch_uid,
                                                  std::string const& former_uid) const = 0;
  /// Bytes that the branch's past takes besides, as last measured; returns at once.
  virtual std::int64_t history_size(std::string const& branch_uid) const = 0;
};

}  // namespace lakebase::emulator
