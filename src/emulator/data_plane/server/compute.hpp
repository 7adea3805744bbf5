#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/computes.hpp"
#include "common/time.hpp"
#include "data_plane/server/branch_copy.hpp"
#include "data_plane/server/postgres_server.hpp"

namespace lakebase::emulator {

/// A server that is started when it is needed, and stopped when it has been idle for a while.
class Compute {
 public:
  struct Parts {
    std::string name;  ///< For the log.
    std::unique_ptr<PostgresServer> server;
    /// Prepares the data directory. Called before every start.
    std::function<void()> prepare;
    /// Adds to the configuration what the endpoint's settings leave open. Called before every start and reload.
    std::function<void(ServerConfig&)> complete;
    /// Sets up the standard roles, whatever an earlier run left. Called once, after the first start and before anybody
    /// can log in.
    std::function<void(SqlSession&)> settle;
    /// Called after every start, stop, death and change of settings; must return at once.
    std::function<void()> on_change;
    Clock clock;
    std::function<void(std::string const&)> log;
  };

  explicit Compute(Parts parts);
  ~Compute();
  Compute(Compute const&) = delete;
  Compute& operator=(Compute const&) = delete;

  /// While it lives, the server is not suspended as idle.
  class Use {
   public:
    /// @param by_itself the emulator does it by itself, which is nobody's activity
    explicit Use(Compute& compute, bool by_itself = false) : compute_(compute), by_itself_(by_itself) {
      ++compute_.uses_;
    }
    Use(Use const&) = delete;
    Use& operator=(Use const&) = delete;
    ~Use() {
      if (!by_itself_) compute_.touch();
      --compute_.uses_;
    }

   private:
    Compute& compute_;
    bool const by_itself_;
  };

  /// Takes the settings of an endpoint; without an endpoint a compute stops soon after its last use. Checks new
  /// `pg_settings` by a login, for which it starts a server that is stopped.
  /// @throws DataPlaneError if PostgreSQL does not accept them; the former ones stay in force then
  void configure(ComputeSettings const& settings);
  /// Forgets the settings of the endpoint, which is removed, and suspends.
  void detach();
  ComputeSettings settings() const;

  /// Starts the server unless it runs. One caller starts it, the others wait. @throws DataPlaneError
  void ensure_running();
  /// Returns once `settle` has been called, for which it starts a server that does not run.
  void ensure_settled();
  /// From now on the status is that of a starting compute, until it has started, is suspended or removed. To be
  /// followed by `start_if_wanted`.
  void want_start();
  /// Nobody will follow.
  void forget_start();
  /// A failure goes to the log; the next caller that needs the server starts it again.
  void start_if_wanted() noexcept;
  /// Logs in as the superuser, starting the server if it does not run.
  SqlSession session(std::string const& database = "postgres");
  /// Logs in as the superuser. @throws DataPlaneError if the server does not run
  SqlSession session_as_it_is() const { return parts_.server->session(); }
  std::filesystem::path const& socket() const noexcept { return socket_; }
  std::filesystem::path const& data() const noexcept { return parts_.server->places().data; }

  void suspend(char const* reason);
  /// Ends the sessions of all clients of a running server with 57P01, and so their transactions.
  void end_client_sessions() noexcept;
  /// The same for one session, by the number of its process.
  void end_client_session(std::uint32_t process) noexcept;
  /// Suspends if nothing has happened for long enough. Returns when to call it next; none: it cannot become idle.
  std::optional<TimePoint> suspend_if_idle();
  void crash();

  // Of computes that take each other's place. One that waits for a successor does not start, and whoever needs it
  // waits, until it goes on or is closed.

  /// Whether it waits for a successor from the moment on at which its server dies.
  void guard(bool on);
  bool waits_for_successor() const;
  /// Stops the server, and what is left of one that has died, and waits for the successor.
  void make_way(char const* reason);
  /// There is no successor.
  void go_on();
  /// Ends the recovery of a standby that runs; returns when it can write. Its sessions end. @throws DataPlaneError
  void promote();
  /// Up to where a standby that runs, and whose primary does not any more, has the log; 0: it cannot be told.
  std::uint64_t received() noexcept;
  /// Whether a standby streams from its primary within this time.
  bool follows_within(std::chrono::nanoseconds limit) noexcept;

  /// Copies the data directory, whether the server runs or not.
  DataCopy copy_data(std::filesystem::path const& target, RunAs const& owner, int version);
  /// Moves the data directory of a server that was shut down cleanly. Returns the LSN of that moment.
  std::string move_data(std::filesystem::path const& target, RunAs const& owner);
  /// Calls the function when the server is stopped, for which its sessions end; until it returns, starts wait. The data
  /// are others then, and are settled again. To be called by one thread at a time.
  void replace_data(char const* reason, std::function<void()> const& work);
  /// Gives back the files of the write-ahead log in front of a position that nobody else needs.
  void trim_log(std::uint64_t lsn, RunAs const& owner);
  /// Writes what has committed so far to the log's files, if the server runs.
  void flush_log();
  /// The state of the data, without a start of the server; none: it cannot be told.
  std::optional<DataState> data_state();

  /// Updates the configuration of a running server by what `complete` now adds. Never waits for another thread's start
  /// or stop: `on_change` is called after those.
  void refresh();

  /// Refuses all further starts, and tells the server to stop. `finish_closing` waits for it.
  void begin_closing();
  void finish_closing();
  /// Removes the data directory of a closed compute. What could not be removed goes to the log.
  void remove_data() const;

  /// Notes traffic. @return when it was
  TimePoint touch() noexcept;
  void session_opened() noexcept { ++open_sessions_; }
  void session_closed() noexcept { --open_sessions_; }
  ComputeStatus status() const;
  bool running() const;
  /// Major version of the server, e.g. 15.
  int server_version() const noexcept { return parts_.server->version(); }
  /// The configuration of a start now, without what `complete` adds.
  ServerConfig config() const;

 private:
  enum class Phase { stopped, starting, running, reloading, stopping };
  using Lock = std::unique_lock<std::mutex>;

  void notice_death(Lock& lock) const;
  void server_ended();
  static std::string end_client_sessions_sql();
  void start(Lock& lock);
  void stop(Lock& lock, char const* reason);
  void await_rest(Lock& lock);
  void leave(Phase phase) const;
  TimePoint last_active() const { return TimePoint{Duration{last_active_}}; }
  ServerConfig config_of(ComputeSettings const& settings) const;
  void put(std::optional<ComputeSettings> const& settings);
  void apply(bool try_them);
  void run_briefly(char const* reason);
  bool start_is_wanted() const;
  void start_server(ServerConfig& config);
  static void use_up_transaction_ids(SqlSession& session);
  void restore(std::optional<ComputeSettings> const& before, bool was_running) noexcept;
  bool reload_if_running();
  std::optional<DataPlaneError> reload(Lock& lock, ServerConfig const& config);
  ServerConfig completed_config(ComputeSettings const& settings) const;
  bool needs_restart();
  bool busy();
  std::optional<std::chrono::nanoseconds> idle_limit() const;
  void while_stopped(std::function<void()> const& work);
  std::optional<DataCopy> copy_resting(std::filesystem::path const& target, RunAs const& owner);
  DataCopy copy_running(std::filesystem::path const& target, RunAs const& owner, int version);

  Parts parts_;
  std::filesystem::path socket_;
  std::mutex configuring_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable Phase phase_ = Phase::stopped;
  bool closed_ = false;
  bool guarded_ = false;
  mutable bool waits_for_successor_ = false;
  bool start_wanted_ = false;
  std::atomic<bool> settled_{false};
  int copies_ = 0;  ///< Copies of the stopped server's data directory under way, for which a start must wait.
  std::uint64_t attempt_ = 0;
  std::uint64_t failed_attempt_ = 0;
  std::string failure_;
  std::optional<ComputeSettings> settings_;
  ServerConfig applied_;  ///< The configuration that the running server was last given.
  std::optional<TimePoint> started_;
  mutable std::optional<TimePoint> suspended_;
  std::atomic<TimePoint::rep> last_active_{0};
  std::atomic<int> uses_{0};
  std::atomic<int> open_sessions_{0};
};

}  // namespace lakebase::emulator
