#include "data_plane/server/postgres_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <thread>

#include "common/computes.hpp"
#include "common/setting_rules.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/leftover_processes_posix.hpp"
#include "data_plane/server/own_session.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Recovery of a data directory whose server was killed may take a while; a start without one takes 0.1 s.
constexpr auto start_limit = 60s;
constexpr auto reload_limit = 10s;
constexpr auto stop_limit = 5s;
/// For the end of the emulator, which somebody waits for: what is not checkpointed by then is in the write-ahead log.
constexpr auto hurried_stop_limit = 1500ms;
constexpr auto stop_at_once_limit = 500ms;
constexpr auto kill_limit = 5s;
constexpr auto login_limit = 10s;
constexpr auto poll_pause = 2ms;
constexpr auto stop_pause = 20ms;
/// The last lines of the log tell why a start failed.
constexpr std::size_t most_read_of_log = 65536;
constexpr std::size_t most_told_of_log = 2000;

/// From 17 on, a login is a transaction under the endpoint's transaction_timeout, whatever the session sets for itself.
/// If that is short, the next login may be fast enough.
constexpr std::string_view login_timed_out = "25P04";

/// The server writes its state into the eighth line of postmaster.pid; the first is its process id.
bool says_ready(DataFolder const& data, pid_t pid) {
  std::istringstream lines{data.read(DataFile::process)};
  std::string line;
  for (int number = 1; number <= 8; ++number) {
    if (!std::getline(lines, line)) return false;
    if (number == 1 && line != std::to_string(pid)) return false;
  }
  return line.starts_with("ready");
}

/// The text after "FATAL:" or "ERROR:", or all of it.
std::string complaint(std::string const& output) {
  for (char const* severity : {"FATAL:", "ERROR:", "PANIC:", "initdb: error:"}) {
    auto found = output.find(severity);
    if (found == std::string::npos) continue;
    std::string text = output.substr(found + std::string_view{severity}.size());
    text = text.substr(0, text.find('\n'));
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
  }
  return output;
}

}  // namespace

std::vector<std::string> PostgresServer::initdb_options() {
  return {"--username=" + std::string{bootstrap_superuser}, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
          "--text-search-config=english", "--no-sync", "--no-instructions",
          // Small segments: a branch of a running parent copies at least one, and each data directory has a few.
          "--wal-segsize=4"};
}

void PostgresServer::initdb() const {
  ProcessRequest request{installation_.program("initdb"), initdb_options(), places_.data.parent_path()};
  request.arguments.push_back("--pgdata=" + places_.data.string());
  auto result = run_process(std::move(request), run_as_, deadline_after(start_limit));
  if (result.exit_code != 0) throw DataPlaneError("initdb failed: " + complaint(result.output));
}

void PostgresServer::write_configuration(ServerConfig const& config) const {
  data_.write(DataFile::host_access, pg_hba_conf());
  data_.write(DataFile::user_map, pg_ident_conf(own_account_name(), account_name(run_as_.uid)));
  data_.write(DataFile::config, config.postgresql_conf());
}

std::shared_ptr<ChildProcess> PostgresServer::process() const {
  std::lock_guard lock{process_mutex_};
  return process_;
}

bool PostgresServer::alive() const {
  auto running = process();
  return running && running->running();
}

void PostgresServer::clear_leftovers(std::string const& cluster_name) const {
  if (!data_.has(DataFile::process)) return;
  if (!kill_leftover_processes(places_.data, cluster_name, run_as_, deadline_after(kill_limit))) {
    throw DataPlaneError("processes of a killed server do not end: " + places_.data.string());
  }
  remove_leftover_shared_memory(data_.read(DataFile::process), run_as_);
  // PostgreSQL would refuse to start if the id in it is by now that of another process of the same account.
  data_.remove(DataFile::process);
}

void PostgresServer::try_to_clear_leftovers() const noexcept {
  try {
    clear_leftovers(config_.cluster_name);
  } catch (std::exception const&) {
    // The server has stopped, as requested. The next start meets the obstacle again, and names it.
  }
}

void PostgresServer::launch() {
  UniqueFd log = open_log(places_.log);
  std::vector<std::string> arguments = config_.arguments(places_.data);
  arguments.insert(arguments.begin(), {"-D", places_.data.string()});
  ProcessRequest request{installation_.program("postgres"), std::move(arguments), places_.data, log.get(), SIGINT};
  if (places_.called) request.called = places_.called();
  request.ended = [this] {
    std::lock_guard lock{end_mutex_};
    if (ended_) ended_();
  };
  auto started = std::make_shared<ChildProcess>(std::move(request), run_as_);
  {
    std::lock_guard lock{process_mutex_};
    started.swap(process_);
  }
  // The former one, whose last call may ask for the process, ends without the lock.
}

void PostgresServer::on_end(std::function<void()> ended) {
  std::lock_guard lock{end_mutex_};
  ended_ = std::move(ended);
}

/// The first start of a copy recovers it. PostgreSQL puts the label of the copy aside at once; if the server is stopped
/// before the recovery has reached its end, it refuses to go on from there without the label ("WAL ends before end of
/// online backup"). With the label it begins again.
void PostgresServer::resume_recovery_of_copy() const {
  bool const has_only_used_label = !data_.has(DataFile::backup_label) && data_.has(DataFile::used_backup_label);
  if (!has_only_used_label || data_.has(DataFile::standby_signal)) return;
  auto const control = ControlFile::parse(data_.read(DataFile::control));
  if (control && control->is_unfinished_copy) {
    data_.write(DataFile::backup_label, data_.read(DataFile::used_backup_label));
  }
}

void PostgresServer::start(ServerConfig const& config) {
  config_ = config;
  data_.require_as_made();
  clear_leftovers(config.cluster_name);
  resume_recovery_of_copy();
  remove_account_folder(places_.socket_directory, run_as_);
  make_account_folder(places_.socket_directory, run_as_);
  write_configuration(config);
  std::error_code error;
  auto log_start = fs::file_size(places_.log, error);
  if (error) log_start = 0;
  launch();
  Deadline const deadline = deadline_after(start_limit);
  try {
    await_ready(log_start, deadline);
  } catch (...) {
    kill();
    remove_account_folder(places_.socket_directory, run_as_);
    throw;
  }
  try {
    check_login(deadline);
  } catch (DataPlaneError const&) {
    stop();
    throw;
  }
}

void PostgresServer::await_ready(std::uintmax_t log_start, Deadline deadline) {
  auto started = process();
  while (!says_ready(data_, started->pid())) {
    if (started->wait_until(deadline_after(poll_pause))) {
      throw DataPlaneError("PostgreSQL did not start: " + log_tail(log_start) + foreign_settings());
    }
    if (aborted_ || std::chrono::steady_clock::now() >= deadline) {
      throw DataPlaneError(aborted_ ? "the start was aborted" : "PostgreSQL takes too long to start");
    }
  }
}

std::string PostgresServer::log_tail(std::uintmax_t from) const {
  std::string const found = complaint(read_own_tail(places_.log, from, most_read_of_log));
  return found.size() > most_told_of_log ? found.substr(found.size() - most_told_of_log) : found;
}

/// A possible cause of a failure that cannot be seen in an endpoint's settings.
std::string PostgresServer::foreign_settings() const try {
  auto const names = names_in_conf(data_.read(DataFile::auto_config));
  if (names.empty()) return {};
  return fmt::format("; note that {} sets {}, which overrides the settings of the endpoint",
                     (places_.data / name_of(DataFile::auto_config)).string(), fmt::join(names, ", "));
} catch (DataPlaneError const&) {
  return {};
}

/// When the server last read its configuration; empty if no session can be opened.
std::string PostgresServer::load_time() const {
  try {
    return session().query("SELECT pg_conf_load_time()").at(0).at(0);
  } catch (DataPlaneError const&) {
    return {};
  }
}

/// Logs in as clients do, under the endpoint's settings.
void PostgresServer::check_login(Deadline deadline) const {
  for (;; std::this_thread::sleep_for(poll_pause)) {
    try {
      SqlSession const login{places_.socket(), bootstrap_superuser, "postgres"};
      return;
    } catch (DataPlaneError const& error) {
      bool const passing =
          error.sqlstate() == "53300" || error.sqlstate() == login_timed_out || error.sqlstate().starts_with("57P");
      if (passing && std::chrono::steady_clock::now() < deadline) continue;
      throw DataPlaneError(fmt::format("nobody can log in with these settings: {}{}", error.what(), foreign_settings()),
                           error.sqlstate());
    }
  }
}

void PostgresServer::reload(ServerConfig const& config) {
  std::string const before = load_time();
  config_ = config;
  write_configuration(config);
  auto const running = process();
  if (!running) throw DataPlaneError("PostgreSQL does not run", "08001");
  running->signal(SIGHUP);
  Deadline const deadline = deadline_after(reload_limit);
  for (std::string now; now.empty() || now == before; now = load_time()) {
    if (!running->running()) throw DataPlaneError("PostgreSQL has stopped", "57P01");
    if (std::chrono::steady_clock::now() >= deadline) throw DataPlaneError("PostgreSQL did not load the settings");
    std::this_thread::sleep_for(poll_pause);
  }
  check_login(deadline);
}

void PostgresServer::request_stop() const {
  if (auto running = process()) running->signal(SIGINT);
}

void PostgresServer::stop() {
  auto running = process();
  if (!running) return;
  auto const began = std::chrono::steady_clock::now();
  running->signal(SIGINT);
  while (!running->wait_until(deadline_after(stop_pause))) {
    if (std::chrono::steady_clock::now() - began < (aborted_ ? hurried_stop_limit : stop_limit)) continue;
    running->signal(SIGQUIT);
    if (!running->wait_until(deadline_after(stop_at_once_limit))) kill();
    break;
  }
  if (running->exit_code().value_or(-1) != 0) try_to_clear_leftovers();
  remove_account_folder(places_.socket_directory, run_as_);
}

void PostgresServer::kill() {
  auto running = process();
  if (!running) return;
  running->signal(SIGKILL);
  running->wait_until(deadline_after(kill_limit));
  try_to_clear_leftovers();
}

std::optional<ControlFile> PostgresServer::clean_shutdown() const {
  data_.require_as_made();
  if (data_.has(DataFile::process) || data_.has(DataFile::backup_label)) return std::nullopt;
  auto const control = ControlFile::parse(data_.read(DataFile::control));
  return control && control->shut_down ? control : std::nullopt;
}

bool PostgresServer::has_crashed() const {
  if (data_.has(DataFile::backup_label)) return false;
  auto const control = ControlFile::parse(data_.read(DataFile::control));
  return control && !control->shut_down;
}

void PostgresServer::check_settings(std::map<std::string, std::string> const& pg_settings) const {
  check_setting_names(pg_settings);
  if (pg_settings.empty()) return;
  // Reads none of the server's files, and needs no data directory, which a standby has only from its first start on.
  ProcessRequest request{
      installation_.program("postgres"), {"-D", "/", "-c", "config_file=/dev/null", "-C", "max_connections"}, "/"};
  for (auto const& [name, value] : pg_settings) {
    request.arguments.push_back("-c");
    request.arguments.push_back(fmt::format("{}={}", name, value));
  }
  auto result = run_process(std::move(request), run_as_, deadline_after(start_limit));
  if (result.exit_code == 0) return;
  std::string message = complaint(result.output);
  throw DataPlaneError(message, message.starts_with("unrecognized") ? "42704" : "22023");
}

SqlSession PostgresServer::session(std::string_view database) const {
  auto const settings = own_session_settings(installation_.version);
  for (Deadline const deadline = deadline_after(login_limit);; std::this_thread::sleep_for(poll_pause)) {
    try {
      return SqlSession{places_.socket(), bootstrap_superuser, database, settings};
    } catch (DataPlaneError const& error) {
      if (error.sqlstate() != login_timed_out || std::chrono::steady_clock::now() >= deadline) throw;
    }
  }
}

}  // namespace lakebase::emulator
