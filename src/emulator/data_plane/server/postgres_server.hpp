#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data_plane/folders/control_file.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/server/postgres_installation.hpp"
#include "data_plane/server/process_posix.hpp"
#include "data_plane/server/server_config.hpp"
#include "data_plane/server/sql_session.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// The places of one server's files.
struct ServerPlaces {
  std::filesystem::path data;
  std::filesystem::path log;
  std::filesystem::path socket_directory;
  /// The path that the server is told to be its program's; none, or empty: the program's own.
  std::function<std::string()> called{};

  std::filesystem::path socket() const { return socket_directory / ".s.PGSQL.5432"; }
};

/// One data directory and the server process on it. Not thread-safe, except for `alive`, `on_end` and `abort`.
class PostgresServer {
 public:
  PostgresServer(PostgresInstallation installation, RunAs const& run_as, ServerPlaces places)
      : installation_(std::move(installation)),
        run_as_(run_as),
        places_(std::move(places)),
        data_(places_.data, run_as) {}

  ServerPlaces const& places() const noexcept { return places_; }
  /// Whether its programs are installed; if not, `start` says what to install.
  bool installed() const noexcept { return installation_.found(); }
  /// Major version, e.g. 15.
  int version() const noexcept { return installation_.version; }

  /// What initdb is told, besides the place.
  static std::vector<std::string> initdb_options();
  /// Creates the data directory. @throws DataPlaneError with initdb's message
  void initdb() const;

  /// Starts the server and returns when it accepts logins. Cleans up what a killed server left behind.
  /// @throws DataPlaneError with the end of the server's log, or why nobody can log in; the server does not run then
  void start(ServerConfig const& config);
  /// Has this called, from another thread, when a process of the server has ended; returns when no call of the former
  /// one is under way.
  void on_end(std::function<void()> ended);
  /// Makes a running or later `start` fail soon, and gives a `stop` less time.
  void abort() noexcept { aborted_ = true; }
  bool alive() const;

  /// Writes another configuration and makes the server load it. The new settings apply to sessions opened afterwards.
  /// @throws DataPlaneError if the server does not load them, or nobody can log in with them
  void reload(ServerConfig const& config);

  /// Fast shutdown: sessions end with 57P01. A server that does not stop in time gets an immediate shutdown, which
  /// costs the next start a recovery; if that fails, it is killed.
  void stop();
  /// Sends the signal of a fast shutdown, for a `stop` that follows.
  void request_stop() const;
  /// Kills the server and its children.
  void kill();

  /// The control file, if a clean shutdown has left the data directory, so that it can be copied as it is; else none.
  [[nodiscard]] std::optional<ControlFile> clean_shutdown() const;
  /// Whether the data directory is that of a server that was killed, and is still to recover.
  [[nodiscard]] bool has_crashed() const;
  /// Removes the data directory of a server that does not run. Returns what could not be removed.
  std::optional<Leftover> remove_data() const { return data_.remove_all(); }

  /// @throws DataPlaneError if PostgreSQL does not accept one of the settings
  void check_settings(std::map<std::string, std::string> const& pg_settings) const;

  /// A session of the emulator's own, which the endpoint's settings do not affect. @throws DataPlaneError
  SqlSession session(std::string_view database = "postgres") const;

 private:
  void clear_leftovers(std::string const& cluster_name) const;
  void resume_recovery_of_copy() const;
  void try_to_clear_leftovers() const noexcept;
  void launch();
  void await_ready(std::uintmax_t log_start, Deadline deadline);
  std::string load_time() const;
  void check_login(Deadline deadline) const;
  std::string log_tail(std::uintmax_t from) const;
  std::string foreign_settings() const;
  void write_configuration(ServerConfig const& config) const;

  PostgresInstallation installation_;
  RunAs const& run_as_;
  ServerPlaces places_;
  DataFolder data_;
  ServerConfig config_;
  std::mutex end_mutex_;
  std::function<void()> ended_;
  mutable std::mutex process_mutex_;
  std::shared_ptr<ChildProcess> process_;
  std::atomic<bool> aborted_{false};

  std::shared_ptr<ChildProcess> process() const;
};

}  // namespace lakebase::emulator
