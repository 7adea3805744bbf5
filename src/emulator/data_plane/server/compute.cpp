#include "data_plane/server/compute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "common/sql_quoting.hpp"
#include "data_plane/folders/data_folder_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

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
  parts_.server->on_end([this] { server_ended(); });
}

Compute::~Compute() {
  parts_.server->on_end(nullptr);
}

TimePoint Compute::touch() noexcept {
  auto const now = parts_.clock();
  last_active_ = now.time_since_epoch().count();
  return now;
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
  suspended_ = parts_.clock();
  waits_for_successor_ = guarded_;
  leave(Phase::stopped);
}

void Compute::server_ended() {
  {
    Lock lock{mutex_};
    notice_death(lock);
  }
  parts_.on_change();
}

void Compute::ensure_running() {
  touch();
  Lock lock{mutex_};
  for (;;) {
    notice_death(lock);
    if (closed_) throw DataPlaneError("the compute is being removed", "57P01");
    if (phase_ == Phase::running) return;
    if (phase_ == Phase::stopped && copies_ == 0 && !waits_for_successor_) return start(lock);
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
  started_ = parts_.clock();
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
  bool const recovers = !config.primary && parts_.server->has_crashed();
  bool const settles = !config.primary && !settled_ && parts_.settle;
  parts_.server->start(config);
  if (!recovers && !settles) return;
  try {
    SqlSession session = parts_.server->session();
    if (recovers) use_up_transaction_ids(session);
    if (settles) parts_.settle(session);
  } catch (...) {
    parts_.server->stop();
    throw;
  }
  if (settles) settled_ = true;
}

void Compute::want_start() {
  Lock lock{mutex_};
  start_wanted_ = phase_ == Phase::stopped;
}

void Compute::forget_start() {
  Lock lock{mutex_};
  start_wanted_ = false;
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
  suspended_ = parts_.clock();
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

std::string Compute::end_client_sessions_sql() {
  return fmt::format(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> {}",
      quote_literal(bootstrap_superuser));
}

void Compute::end_client_sessions() noexcept try {
  if (running()) parts_.server->session().query(end_client_sessions_sql());
} catch (std::exception const& error) {
  parts_.log(fmt::format("{}: cannot end the sessions of its clients: {}", parts_.name, error.what()));
}

void Compute::end_client_session(std::uint32_t process) noexcept try {
  if (running()) {
    parts_.server->session().query(fmt::format(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid = {}",
        process));
  }
} catch (std::exception const& error) {
  parts_.log(fmt::format("{}: cannot end the session of a client: {}", parts_.name, error.what()));
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
  suspended_ = parts_.clock();
  waits_for_successor_ = guarded_;
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

std::optional<TimePoint> Compute::suspend_if_idle() {
  auto deadline = [this]() -> std::optional<TimePoint> {
    auto limit = idle_limit();
    if (phase_ != Phase::running || !limit) return std::nullopt;
    if (uses_ > 0) return parts_.clock() + 200ms;
    return last_active() + *limit;
  };
  Lock lock{mutex_};
  notice_death(lock);
  auto due = deadline();
  if (!due || *due > parts_.clock()) return due;
  if (open_sessions_ > 0) {
    lock.unlock();
    bool const works = busy();
    lock.lock();
    if (works) touch();
    due = deadline();
    if (!due || *due > parts_.clock()) return due;
  }
  stop(lock, "idle");
  return std::nullopt;
}

/// Does nothing if the server runs.
void Compute::while_stopped(std::function<void()> const& work) {
  {
    Lock lock{mutex_};
    await_rest(lock);
    if (phase_ != Phase::stopped) return;
    ++copies_;
  }
  std::exception_ptr failure;
  try {
    work();
  } catch (...) {
    failure = std::current_exception();
  }
  std::lock_guard lock{mutex_};
  --copies_;
  changed_.notify_all();
  if (failure) std::rethrow_exception(failure);
}

void Compute::replace_data(char const* reason, std::function<void()> const& work) {
  Lock lock{mutex_};
  ++copies_;
  for (;;) {
    await_rest(lock);
    if (phase_ == Phase::running) stop(lock, reason);
    if (phase_ == Phase::stopped && copies_ == 1) break;
    changed_.wait(lock);
  }
  lock.unlock();
  std::exception_ptr failure;
  try {
    work();
  } catch (...) {
    failure = std::current_exception();
  }
  settled_ = false;
  lock.lock();
  --copies_;
  changed_.notify_all();
  if (failure) std::rethrow_exception(failure);
}

std::optional<DataState> Compute::data_state() {
  std::optional<DataState> state;
  while_stopped([&] {
    if (auto const control = parts_.server->clean_shutdown()) state = state_of_resting_data(*control);
  });
  if (state || !running()) return state;
  try {
    Use use{*this};
    SqlSession asking = parts_.server->session();
    return state_of_running_data(asking);
  } catch (DataPlaneError const&) {
    return std::nullopt;  // It has just stopped.
  }
}

std::optional<DataCopy> Compute::copy_resting(fs::path const& target, RunAs const& owner) {
  std::optional<DataCopy> copy;
  while_stopped([&] {
    auto const control = parts_.server->clean_shutdown();
    if (control) copy = copy_resting_data(parts_.server->places().data, target, *control, owner);
  });
  return copy;
}

DataCopy Compute::copy_running(fs::path const& target, RunAs const& owner, int version) {
  Use use{*this};
  SqlSession copying = session();
  return copy_running_data(copying, version, parts_.server->places().data, target, owner);
}

DataCopy Compute::copy_data(fs::path const& target, RunAs const& owner, int version) {
  for (int attempt = 1;; ++attempt) {
    try {
      auto const copy = copy_resting(target, owner);
      return copy ? *copy : copy_running(target, owner, version);
    } catch (DataPlaneError const& error) {
      // The server may have been suspended or killed during the copying.
      DataFolder{target, owner}.remove_all();
      if (attempt == attempts || !server_went(error)) throw;
    }
  }
}

std::string Compute::move_data(fs::path const& target, RunAs const& owner) {
  std::optional<ControlFile> control;
  while_stopped([&] {
    control = parts_.server->clean_shutdown();
    if (control) move_resting_data(parts_.server->places().data, target, *control, owner);
  });
  if (!control) throw DataPlaneError("PostgreSQL did not shut down cleanly");
  return control->redo_lsn();
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
  changed_.wait(lock, [this] { return copies_ == 0; });
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
  bool const starts =
      phase_ == Phase::starting || (phase_ == Phase::stopped && (start_wanted_ || waits_for_successor_));
  status.state = starts ? ComputeState::init : phase_ == Phase::stopped ? ComputeState::idle : ComputeState::active;
  if (settings_ && settings_->disabled) status.state = ComputeState::idle;
  status.last_active = last_active();
  status.started = started_;
  status.suspended = suspended_;
  status.open_sessions = open_sessions_;
  return status;
}

}  // namespace lakebase::emulator
