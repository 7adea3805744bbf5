// The settings of a compute: how they get into a server that runs, or will.

#include "data_plane/server/compute.hpp"

#include <fmt/format.h>

#include <utility>

namespace lakebase::emulator {

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
  notice_death(lock);
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

}  // namespace lakebase::emulator
