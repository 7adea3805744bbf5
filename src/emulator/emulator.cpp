#include <lakebase/testing/emulator.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

#include <fmt/format.h>

#include "common/loopback.hpp"
#include "control_plane/control_plane.hpp"
#include "data_plane/data_plane.hpp"
#include "environment.hpp"
#include "folder_contents.hpp"
#include "http/health.hpp"
#include "http/http_server.hpp"
#include "identity/secrets.hpp"
#include "own_folder_posix.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase {
inline namespace v0 {
namespace testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t default_postgres_port = 5432;
constexpr char const* credentials_path = "/api/2.0/postgres/credentials";

emulator::Limits limits_of(EmulatorOptions const& options) {
  auto limits = options.service_limits ? emulator::service_limits() : emulator::Limits{};
  auto const& wanted = options.limits;
  auto const set = [](auto& limit, auto const& value) {
    if (value) limit = *value;
  };
  set(limits.projects, wanted.projects);
  set(limits.instances, wanted.instances);
  set(limits.branches, wanted.branches);
  set(limits.unarchived_branches, wanted.unarchived_branches);
  set(limits.root_branches, wanted.root_branches);
  set(limits.protected_branches, wanted.protected_branches);
  set(limits.snapshots, wanted.snapshots);
  set(limits.active_computes, wanted.active_computes);
  set(limits.roles, wanted.roles);
  set(limits.databases, wanted.databases);
  set(limits.read_only_endpoints, wanted.read_only_endpoints);
  set(limits.longest_ttl, wanted.ttl);
  set(limits.shortest_suspension, wanted.shortest_suspension);
  set(limits.longest_suspension, wanted.longest_suspension);
  set(limits.shortest_history, wanted.shortest_history);
  set(limits.longest_history, wanted.longest_history);
  return limits;
}

emulator::WorkspaceOptions workspace_options(EmulatorOptions const& options, fs::path const& folder,
                                             emulator::RandomBytes const& random) {
  emulator::WorkspaceOptions to;
  to.folder = folder;
  to.is_temporary = !options.data_dir;
  to.user_name = options.user_name;
  to.token = options.token;
  for (auto const& principal : options.service_principals) {
    to.service_principals.push_back({principal.application_id, principal.secret, principal.display_name});
  }
  to.groups = options.groups;
  to.identities = options.identities;
  to.sources = options.sources;
  to.cdf_folder = options.cdf_folder.value_or(folder / "cdf");
  to.operation_delay = options.operation_delay;
  to.operation_polls = options.operation_polls;
  to.reconciliation_delay = options.reconciliation_delay;
  to.data_api_sessions = static_cast<std::size_t>(std::max(options.data_api_sessions, 1));
  to.expiration_optional = options.expiration_optional;
  to.update_mask_optional = options.update_mask_optional;
  to.echo_spec = options.echo_spec;
  to.long_endpoint_ids = options.long_endpoint_ids;
  to.limits = limits_of(options);
  to.random = random;
  to.log = options.log;
  to.log_requests = options.log_requests;
  return to;
}

/// The folder for PostgreSQL's data, after the workspace's secrets are in its parent, so that this can be opened.
fs::path prepared_root(emulator::OwnFolder const& folder, EmulatorOptions const& options) {
  static_cast<void>(emulator::kept_secrets(folder.path(), options.token, folder.is_temporary()));
  folder.open();
  return folder.path() / "postgres";
}

/// Where ids and choices come from. Each plane has bytes of its own, because they draw at the same time.
struct Chance {
  emulator::RandomBytes of_ids = emulator::random_bytes;
  emulator::RandomBytes of_addresses = emulator::random_bytes;

  Chance(std::optional<std::uint64_t> const& seed, emulator::OwnFolder const& folder) {
    if (!seed) return;
    auto const run = folder.is_temporary() ? 1 : emulator::count_seeded_run(folder.path());
    of_ids = emulator::seeded_bytes(*seed, fmt::format("ids {}", run));
    of_addresses = emulator::seeded_bytes(*seed, fmt::format("addresses {}", run));
  }
};

/// The ports of the options, else those of the folder's last run, else the defaults.
emulator::Ports wanted_ports(emulator::OwnFolder const& folder, EmulatorOptions const& options) {
  auto const kept = emulator::kept_ports(folder.path());
  return {options.http_port.value_or(kept.http.value_or(0)),
          options.postgres_port.value_or(kept.postgres.value_or(default_postgres_port))};
}

}  // namespace

struct Emulator::Impl {
  explicit Impl(EmulatorOptions wanted)
      : options(std::move(wanted)),
        folder(options.data_dir),
        ports(wanted_ports(folder, options)),
        postgres_port(emulator::usable_postgres_port(*ports.postgres)),
        server(options.http_address, *ports.http),
        data_plane(made_data_plane()),
        control_plane(control_plane_options(), *data_plane, *time) {
    control_plane.set_base_url(server.url());
    try {
      control_plane.open();
      emulator::keep_ports(folder.path(), {server.port(), postgres_port});
      serves = true;
    } catch (...) {
      shut_down();
      throw;
    }
  }
  ~Impl() { shut_down(); }

  // Serves before the data plane is ready, so that early callers learn that the emulator is starting.
  std::unique_ptr<emulator::DataPlane> made_data_plane() {
    server.serve([this](emulator::HttpRequest const& request) { return respond(request); });
    return std::make_unique<emulator::DataPlane>(emulator::DataPlaneOptions{
        .root = prepared_root(folder, options),
        .postgres_port = postgres_port,
        .authority = [this](emulator::Login const& login) { return control_plane.decide(login); },
        .log = options.log,
        .postgres_bin = options.postgres_bin,
        .random = chance.of_addresses,
        .time = time,
        .retention =
            [this](std::string const& branch_uid) {
              return serves ? control_plane.retention_of(branch_uid) : emulator::Limits{}.longest_history;
            }});
  }

  emulator::WorkspaceOptions control_plane_options() {
    auto to = workspace_options(options, folder.path(), chance.of_ids);
    to.serve_at = [this](std::string const& address) { return serve_at(address); };
    to.stop_serving_at = [this](std::string const& address) { stop_serving_at(address); };
    return to;
  }

  // The Data API of an endpoint has the endpoint's address, and the port of the workspace.
  std::string serve_at(std::string const& address) {
    std::lock_guard const lock{data_api_mutex};
    auto& server_there = data_api_servers[address];
    if (server_there) return server_there->url();
    if (address == options.http_address || is_shutting_down) return {};
    try {
      auto opened = std::make_unique<emulator::HttpServer>(address, server.port(), emulator::HttpLimits{}, true);
      opened->serve([this, address](emulator::HttpRequest const& request) {
        return serves ? control_plane.handle_data_api(address, request) : emulator::not_yet();
      });
      server_there = std::move(opened);
      return server_there->url();
    } catch (std::exception const& error) {
      if (options.log) options.log(fmt::format("no Data API at {}: {}", address, error.what()));
      return {};
    }
  }

  void stop_serving_at(std::string const& address) {
    std::unique_ptr<emulator::HttpServer> ended;
    std::lock_guard const lock{data_api_mutex};
    auto const found = data_api_servers.find(address);
    if (found == data_api_servers.end()) return;
    ended = std::move(found->second);
    data_api_servers.erase(found);
  }

  void stop_data_apis() {
    std::map<std::string, std::unique_ptr<emulator::HttpServer>> ended;
    {
      std::lock_guard const lock{data_api_mutex};
      is_shutting_down = true;
      ended.swap(data_api_servers);
    }
  }

  emulator::HttpReply respond(emulator::HttpRequest const& request) {
    if (auto const reply = emulator::health(request, serves)) return *reply;
    return serves ? control_plane.handle(request) : emulator::not_yet();
  }

  // The fronts call the control plane for logins, and the control plane's operations use the data plane: neither may be
  // destroyed before the other is idle. The clients go first, because an operation may wait for a lock of theirs.
  void shut_down() {
    time->hurry();
    server.stop();
    stop_data_apis();
    data_plane->end_client_sessions();
    control_plane.stop();
    data_plane.reset();
  }

  EmulatorOptions const options;
  emulator::OwnFolder const folder;
  std::shared_ptr<emulator::Timekeeper> const time = emulator::kept_time(folder.path());
  Chance const chance{options.seed, folder};
  emulator::Ports const ports;
  std::uint16_t const postgres_port;
  std::atomic<bool> serves = false;
  emulator::HttpServer server;
  std::mutex data_api_mutex;
  std::map<std::string, std::unique_ptr<emulator::HttpServer>> data_api_servers;
  bool is_shutting_down = false;
  std::unique_ptr<emulator::DataPlane> data_plane;
  emulator::ControlPlane control_plane;
};

Emulator::Emulator(EmulatorOptions options) {
  if (!emulator::is_loopback(options.http_address)) {
    throw std::invalid_argument(
        fmt::format("the emulator serves loopback addresses only, not '{}'", options.http_address));
  }
  impl_ = std::make_unique<Impl>(std::move(options));
  if (impl_->folder.is_temporary()) return;
  emulator::write_private_file(impl_->folder.path() / emulator::environment_file,
                               emulator::export_lines(emulator::environment_of(*this)));
}

Emulator::~Emulator() = default;

Config Emulator::config() const {
  Config config;
  config.host = host();
  config.token = token();
  config.postgres_port = postgres_port();
  config.postgres_root_certificates = ca_certificate().string();
  return config;
}

std::string Emulator::host() const {
  return impl_->server.url();
}
std::string Emulator::token() const {
  return impl_->control_plane.token();
}
std::filesystem::path Emulator::ca_certificate() const {
  return impl_->data_plane->ca_certificate();
}
std::uint16_t Emulator::postgres_port() const {
  return impl_->postgres_port;
}
std::string Emulator::user_name() const {
  return impl_->options.user_name;
}

void Emulator::suspend(std::string_view endpoint) {
  impl_->control_plane.controls().suspend(std::string(endpoint));
}
void Emulator::crash(std::string_view endpoint) {
  impl_->control_plane.controls().crash(std::string(endpoint));
}

void Emulator::failover(std::string_view endpoint) {
  impl_->control_plane.controls().fail_over(std::string(endpoint));
}

void Emulator::reset_branch(std::string_view branch) {
  impl_->control_plane.controls().reset_branch(std::string(branch));
}

void Emulator::refuse_logins(std::string_view endpoint, EmulatorLoginRefusal const& refusal) {
  impl_->control_plane.controls().refuse_logins(std::string(endpoint),
                                                {refusal.sqlstate, refusal.message, refusal.times});
}

void Emulator::accept_logins(std::string_view endpoint) {
  impl_->control_plane.controls().accept_logins(std::string(endpoint));
}

std::chrono::sys_time<std::chrono::nanoseconds> Emulator::now() const {
  return impl_->control_plane.controls().now();
}

void Emulator::advance(std::chrono::nanoseconds duration) {
  auto const left = impl_->control_plane.controls().advance(duration);
  if (left.empty()) return;
  throw std::runtime_error(fmt::format("the time was moved, but what became due is not done: {} still run{}",
                                       fmt::join(left, ", "), left.size() == 1 ? "s" : ""));
}

void Emulator::set_token_life(std::optional<std::chrono::nanoseconds> life) {
  impl_->control_plane.controls().set_token_life(life);
}

void Emulator::fail_next_credentials(std::int64_t count) {
  if (count > 0) inject({.fault = "status=503", .method = "POST", .path = credentials_path, .times = count});
}

void Emulator::fail_every_credential(std::int64_t nth) {
  inject({.fault = "status=503", .method = "POST", .path = credentials_path, .times = 0, .every = nth});
}

void Emulator::inject(EmulatorFault const& fault) {
  impl_->control_plane.controls().inject(
      {emulator::Fault::parse(fault.fault), fault.method, fault.path, fault.times, fault.every});
}

void Emulator::clear_faults() {
  impl_->control_plane.controls().clear_faults();
}

}  // namespace testing
}  // namespace v0
}  // namespace lakebase
