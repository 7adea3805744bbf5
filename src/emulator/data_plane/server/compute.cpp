#include "data_plane/server/compute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "common/sql_quoting.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/server/branch_copy.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using SystemClock = std::chrono::system_clock;

/// How long a server without an endpoint, or with a disabled one, keeps running after the emulator itself used it.
constexpr auto unattended_limit = 3s;
constexpr int attempts = 5;

std::int64_t milliseconds_since(SteadyClock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - start).count();
}

/// Whether the server stopped before it accepted our login, so that another start may help.
bool server_went(DataPlaneError const& error) {
  std::string const& state = error.sqlstate();
  return state == "08001" || state == "08006" || state.starts_with("57P");
}

}  // namespace

Compute::Compute(Parts parts) : parts_(std::move(parts)), socket_(parts_.server->places().socket()) {
  touch();
}

void Compute::touch() noexcept {
  last_active_ = SteadyClock::now().time_since_epoch().count();
}

ServerConfig Compute::config_of(ComputeSettings const& settings) const {
  ServerConfig config;
  config.version = parts_.server->version();
  config.socket_directory = parts_.server->places().socket_directory;
  config.max_connections = settings.max_connections;
  config.pg_settings = settings.pg_settings;
  return config;
}

ServerConfig Compute::config() const {
  std::lock_guard lock{mutex_};
  return config_of(settings_.value_or(ComputeSettings{}));
}

ComputeSettings Compute::settings() const {
  std::lock_guard lock{mutex_};
  return settings_.value_or(ComputeSettings{});
}

bool Compute::running() const {
  Lock lock{mutex_};
  notice_death(lock);
  return phase_ == Phase::running;
}

void Compute::leave(Phase phase) const {
  phase_ = phase;
  changed_.notify_all();
}

void Compute::notice_death(Lock&) const {
  if (closed_ || phase_ != Phase::running || parts_.server->alive()) return;
  parts_.log(fmt::format("{}: the server has died", parts_.name));
  suspended_ = SystemClock::now();
  leave(Phase::stopped);
}

void Compute::ensure_running() {
  touch();
  Lock lock{mutex_};
  for (;;) {
    notice_death(lock);
    if (closed_) throw DataPlaneError("the compute is being removed", "57P01");
    if (phase_ == Phase::running) return;
    if (phase_ == Phase::stopped && copies_ == 0) return start(lock);
    bool const starts = phase_ == Phase::starting;
    auto const attempt = attempt_;
    changed_.wait(lock);
    if (starts && failed_attempt_ == attempt) throw DataPlaneError(failure_);
  }
}

void Compute::start(Lock& lock) {
  auto const began = SteadyClock::now();
  auto const attempt = ++attempt_;
  ServerConfig config = config_of(settings_.value_or(ComputeSettings{}));
  start_wanted_ = false;
  leave(Phase::starting);
  lock.unlock();
  std::string failure;
  try {
    start_server(config);
  } catch (std::exception const& error) {
    failure = error.what();
  }
  lock.lock();
  if (!failure.empty()) {
    failed_attempt_ = attempt;
    failure_ = failure;
    leave(Phase::stopped);
    lock.unlock();
    parts_.log(fmt::format("{}: {}", parts_.name, failure));
    throw DataPlaneError(failure);
  }
  started_ = SystemClock::now();
  applied_ = std::move(config);
  touch();
  leave(Phase::running);
  lock.unlock();
  parts_.log(fmt::format("{}: started in {} ms", parts_.name, milliseconds_since(began)));
  parts_.on_change();
}

void Compute::start_server(ServerConfig& config) {
  parts_.prepare();
  parts_.complete(config);
  parts_.server->start(config);
  if (settled_ || !parts_.settle) return;
  try {
    SqlSession session = parts_.server->session();
    parts_.settle(session);
  } catch (...) {
    parts_.server->stop();
    throw;
  }
  settled_ = true;
}

void Compute::want_start() {
  Lock lock{mutex_};
  start_wanted_ = phase_ == Phase::stopped;
}

bool Compute::start_is_wanted() const {
  Lock lock{mutex_};
  return start_wanted_ && !closed_;
}

void Compute::start_if_wanted() noexcept try {
  if (start_is_wanted()) ensure_running();
} catch (std::exception const&) {
  // It is in the log.
}

void Compute::ensure_settled() {
  if (!settled_) run_briefly("its roles were set up");
}

SqlSession Compute::session(std::string const& database) {
  for (int attempt = 1;; ++attempt) {
    ensure_running();
    try {
      return parts_.server->session(database);
    } catch (DataPlaneError const& error) {
      if (attempt == attempts || !server_went(error)) throw;
    }
    // The server is stopping, if it has not stopped yet.
    std::this_thread::sleep_for(5ms * attempt);
  }
}

void Compute::await_rest(Lock& lock) {
  changed_.wait(lock, [this] { return phase_ == Phase::stopped || phase_ == Phase::running; });
  notice_death(lock);
}

void Compute::stop(Lock& lock, char const* reason) {
  auto const began = SteadyClock::now();
  leave(Phase::stopping);
  lock.unlock();
  std::string failure;
  try {
    parts_.server->stop();
  } catch (std::exception const& error) {
    failure = error.what();
  }
  parts_.log(fmt::format("{}: suspended in {} ms ({}) {}", parts_.name, milliseconds_since(began), reason, failure));
  lock.lock();
  suspended_ = SystemClock::now();
  leave(Phase::stopped);
  lock.unlock();
  parts_.on_change();
  lock.lock();
}

void Compute::suspend(char const* reason) {
  Lock lock{mutex_};
  await_rest(lock);
  start_wanted_ = false;
  if (phase_ == Phase::running) stop(lock, reason);
}

void Compute::end_client_sessions() noexcept try {
  if (!running()) return;
  parts_.server->session().query(
      fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND "
                  "usename <> {}",
                  quote_literal(bootstrap_superuser)));
} catch (std::exception const& error) {
  parts_.log(fmt::format("{}: cannot end the sessions of its clients: {}", parts_.name, error.what()));
}

void Compute::crash() {
  Lock lock{mutex_};
  await_rest(lock);
  if (phase_ != Phase::running) return;
  leave(Phase::stopping);
  lock.unlock();
  parts_.server->kill();
  parts_.log(fmt::format("{}: killed", parts_.name));
  lock.lock();
  suspended_ = SystemClock::now();
  leave(Phase::stopped);
  lock.unlock();
  parts_.on_change();
}

std::optional<std::chrono::nanoseconds> Compute::idle_limit() const {
  if (!settings_ || settings_->disabled) return unattended_limit;
  return settings_->suspend_after;
}

/// Whether a statement runs: it may take longer than the idle limit without a byte on the wire.
bool Compute::busy() {
  try {
    return !parts_.server->session()
                .query(
                    "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND backend_type = 'client backend' "
                    "AND pid <> pg_backend_pid() LIMIT 1")
                .empty();
  } catch (DataPlaneError const&) {
    return false;
  }
}

std::optional<SteadyClock::time_point> Compute::suspend_if_idle() {
  auto deadline = [this]() -> std::optional<SteadyClock::time_point> {
    auto limit = idle_limit();
    if (phase_ != Phase::running || !limit) return std::nullopt;
    if (uses_ > 0) return SteadyClock::now() + 200ms;
    SteadyClock::time_point last{SteadyClock::duration{last_active_}};
    return last + std::chrono::duration_cast<SteadyClock::duration>(std::min<std::chrono::nanoseconds>(*limit, 24h));
  };
  Lock lock{mutex_};
  notice_death(lock);
  auto due = deadline();
  if (!due || *due > SteadyClock::now()) return due;
  if (open_sessions_ > 0) {
    lock.unlock();
    bool const works = busy();
    lock.lock();
    if (works) touch();
    due = deadline();
    if (!due || *due > SteadyClock::now()) return due;
  }
  stop(lock, "idle");
  return std::nullopt;
}

void Compute::put(std::optional<ComputeSettings> const& settings) {
  std::lock_guard lock{mutex_};
  settings_ = settings;
}

void Compute::configure(ComputeSettings const& settings) {
  std::lock_guard one_at_a_time{configuring_};
  Lock lock{mutex_};
  auto const attached = settings_;
  lock.unlock();
  ComputeSettings const before = attached.value_or(ComputeSettings{});
  if (attached && before.read_only != settings.read_only) {
    throw DataPlaneError("a compute cannot change between read-write and read-only");
  }
  bool const new_settings = before.pg_settings != settings.pg_settings;
  // If the server's programs were uninstalled, an endpoint of an earlier run keeps its settings unchecked.
  bool const can_check = attached || parts_.server->installed();
  if (can_check && new_settings) parts_.server->check_settings(settings.pg_settings);
  bool const was_running = running();
  put(settings);
  if (settings.disabled) {
    suspend("disabled");
  } else if (new_settings || before.max_connections != settings.max_connections) {
    try {
      apply(attached && new_settings);
    } catch (DataPlaneError const& error) {
      restore(attached, was_running);
      throw DataPlaneError(error.what(), error.sqlstate().empty() ? "22023" : error.sqlstate());
    }
  }
  parts_.on_change();
}

void Compute::apply(bool try_them) {
  if (reload_if_running()) {
    if (!needs_restart()) return;
    suspend("restart for new settings");
    ensure_running();
  } else if (try_them) {
    // A start includes a login, which checks the settings.
    run_briefly("its new settings were checked");
  }
}

void Compute::run_briefly(char const* reason) {
  bool const stays = running() || start_is_wanted();
  {
    Use use{*this};
    ensure_running();
  }
  if (!stays && uses_ == 0 && open_sessions_ == 0) suspend(reason);
}

void Compute::restore(std::optional<ComputeSettings> const& before, bool was_running) noexcept {
  try {
    put(before);
    if (!reload_if_running() && was_running) ensure_running();
  } catch (std::exception const& error) {
    parts_.log(fmt::format("{}: the former settings cannot be restored: {}", parts_.name, error.what()));
  }
}

bool Compute::reload_if_running() {
  Lock lock{mutex_};
  await_rest(lock);
  if (phase_ != Phase::running) return false;
  if (auto failure = reload(lock, completed_config(settings_.value_or(ComputeSettings{})))) throw *failure;
  return true;
}

ServerConfig Compute::completed_config(ComputeSettings const& settings) const {
  ServerConfig config = config_of(settings);
  parts_.complete(config);
  return config;
}

std::optional<DataPlaneError> Compute::reload(Lock& lock, ServerConfig const& config) {
  applied_ = config;
  leave(Phase::reloading);
  lock.unlock();
  std::optional<DataPlaneError> failure;
  try {
    parts_.server->reload(config);
  } catch (DataPlaneError const& error) {
    failure = error;
  } catch (std::exception const& error) {
    failure = DataPlaneError{error.what()};
  }
  lock.lock();
  leave(Phase::running);
  if (failure) parts_.log(fmt::format("{}: {}", parts_.name, failure->what()));
  return failure;
}

void Compute::refresh() {
  Lock lock{mutex_};
  if (phase_ != Phase::running || closed_) return;
  ServerConfig const config = completed_config(settings_.value_or(ComputeSettings{}));
  if (config == applied_) return;
  bool const same_size = config.max_connections == applied_.max_connections;
  if (same_size && config.pg_settings == applied_.pg_settings) {
    reload(lock, config);  // A failure is in the log; no caller waits for it.
    return;
  }
  stop(lock, "its primary has other settings");
}

bool Compute::needs_restart() {
  Use use{*this};
  return !session().query("SELECT 1 FROM pg_settings WHERE pending_restart LIMIT 1").empty();
}

void Compute::detach() {
  {
    std::lock_guard lock{mutex_};
    settings_.reset();
  }
  suspend("its endpoint was removed");
}

std::optional<std::string> Compute::copy_resting(fs::path const& target, RunAs const& owner) {
  {
    Lock lock{mutex_};
    await_rest(lock);
    if (phase_ != Phase::stopped) return std::nullopt;
    ++copies_;
  }
  std::optional<std::string> lsn;
  std::exception_ptr failure;
  try {
    auto const control = parts_.server->clean_shutdown();
    if (control) lsn = copy_resting_data(parts_.server->places().data, target, *control, owner);
  } catch (...) {
    failure = std::current_exception();
  }
  std::lock_guard lock{mutex_};
  --copies_;
  changed_.notify_all();
  if (failure) std::rethrow_exception(failure);
  return lsn;
}

std::string Compute::copy_running(fs::path const& target, RunAs const& owner, int version) {
  Use use{*this};
  SqlSession copying = session();
  return copy_running_data(copying, version, parts_.server->places().data, target, owner);
}

std::string Compute::copy_data(fs::path const& target, RunAs const& owner, int version) {
  for (int attempt = 1;; ++attempt) {
    try {
      auto const lsn = copy_resting(target, owner);
      return lsn ? *lsn : copy_running(target, owner, version);
    } catch (DataPlaneError const& error) {
      // The server may have been suspended or killed during the copying.
      DataFolder{target, owner}.remove_all();
      if (attempt == attempts || !server_went(error)) throw;
    }
  }
}

void Compute::begin_closing() {
  Lock lock{mutex_};
  closed_ = true;
  settings_.reset();
  parts_.server->abort();
  if (phase_ == Phase::running) parts_.server->request_stop();
  changed_.notify_all();
}

void Compute::finish_closing() {
  Lock lock{mutex_};
  await_rest(lock);
  // Also if it had died before: its children and shared memory may be left.
  leave(Phase::stopping);
  lock.unlock();
  parts_.server->stop();
  lock.lock();
  leave(Phase::stopped);
}

void Compute::remove_data() const {
  if (auto const left = parts_.server->remove_data()) {
    parts_.log(fmt::format("{}: {}", parts_.name, left->description()));
  }
}

ComputeStatus Compute::status() const {
  Lock lock{mutex_};
  notice_death(lock);
  ComputeStatus status;
  bool const starts = phase_ == Phase::starting || (phase_ == Phase::stopped && start_wanted_);
  status.state = starts ? ComputeState::init : phase_ == Phase::stopped ? ComputeState::idle : ComputeState::active;
  if (settings_ && settings_->disabled) status.state = ComputeState::idle;
  SteadyClock::time_point last{SteadyClock::duration{last_active_}};
  status.last_active =
      SystemClock::now() - std::chrono::duration_cast<SystemClock::duration>(SteadyClock::now() - last);
  status.started = started_;
  status.suspended = suspended_;
  status.open_sessions = open_sessions_;
  return status;
}

}  // namespace lakebase::emulator
