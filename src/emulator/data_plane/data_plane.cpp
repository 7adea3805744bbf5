#include "data_plane/data_plane.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <mutex>
#include <set>
#include <utility>

#include "data_plane/database_session.hpp"
#include "data_plane/front/certificates.hpp"
#include "data_plane/front/front_posix.hpp"
#include "data_plane/front/scram_verifier.hpp"
#include "data_plane/group/group.hpp"
#include "data_plane/historian.hpp"
#include "data_plane/housekeeper.hpp"
#include "data_plane/server/branch.hpp"
#include "data_plane/server/sql_session.hpp"
#include "data_plane/starter.hpp"

namespace lakebase::emulator {
namespace {

/// How long a read-only endpoint may take to follow another primary.
constexpr std::chrono::seconds reader_limit{5};

/// Uids become file names.
void check_uid(std::string const& uid) {
  bool const plain = !uid.empty() && uid.size() <= 100 && uid.front() != '.' &&
                     std::all_of(uid.begin(), uid.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
                     });
  if (!plain) throw DataPlaneError(fmt::format("\"{}\" cannot be a uid", uid));
}

struct Endpoint {
  std::string branch_uid;
  bool read_only = false;
  ComputeSlot compute;
  std::unique_ptr<Front> front;
  std::shared_ptr<Group> group;  ///< None: it never had standbys.
  std::unique_ptr<Front> read_only_front;
  std::string read_only_address;

  std::vector<Front*> fronts() const {
    std::vector<Front*> open;
    for (auto const* const one : {&front, &read_only_front}) {
      if (*one) open.push_back(one->get());
    }
    return open;
  }
};

}  // namespace

struct DataPlane::Impl {
  explicit Impl(DataPlaneOptions wanted);
  ~Impl();

  using BranchPtr = std::shared_ptr<Branch>;
  using EndpointPtr = std::shared_ptr<Endpoint>;

  void log(std::string const& line) const {
    if (options.log) options.log(line);
  }
  BranchSurroundings surroundings();
  std::vector<std::shared_ptr<Compute>> computes() const;
  std::vector<BranchPtr> open_branches() const;
  std::vector<ComputeSlot> standbys_of(std::string const& branch_uid) const;
  std::shared_ptr<Group> group_of(std::string const& endpoint_uid) const;
  std::shared_ptr<Group> group_of_branch(std::string const& branch_uid) const;
  std::shared_ptr<Group> make_group(Endpoint& endpoint, BranchPtr const& branch);
  void release_readers(std::string const& branch_uid);
  BranchPtr branch(std::string const& uid);
  bool has_branch(std::string const& uid) const;
  EndpointPtr endpoint(std::string const& uid) const;
  void claim(std::string const& branch_uid);
  void release(std::string const& branch_uid);
  template <class Make>
  void make_branch(std::string const& uid, Make const& make);
  EndpointContext context_of(std::string const& uid, Branch const& branch, std::string const& address) const;
  std::unique_ptr<Front> make_front(Listener listener, EndpointContext context) const;
  void enter(std::string const& uid, EndpointPtr const& endpoint);
  void close(Endpoint& endpoint) const;

  DataPlaneOptions options;
  RunAs run_as = RunAs::choose();
  PostgresInstallations installations;
  RootFolder root;
  ImageStore images{root, run_as, [this](std::string const& line) { log(line); }};
  ExtensionMirrors extensions{root.extensions(), [this](std::string const& line) { log(line); }};
  CertificateAuthority authority;
  std::shared_ptr<ClientBudget> budget = budget_for_clients(options.most_unknown_clients);
  std::mutex creating;  ///< Of one root branch at a time.
  mutable std::mutex mutex;
  std::set<std::string> claimed;  ///< Uids of branches that are being created or removed.
  std::map<std::string, BranchPtr> branches;
  std::map<std::string, EndpointPtr> endpoints;
  Housekeeper housekeeper;
  Historian historian;
  Starter starter;
  std::shared_ptr<SessionLimits> session_limits;
};

DataPlane::Impl::Impl(DataPlaneOptions wanted)
    : options(std::move(wanted)),
      installations(PostgresInstallations::find(PostgresSearch::of_environment(options.postgres_bin))),
      root(options.root, run_as),
      authority(root.path()),
      housekeeper(*options.time, [this] { return computes(); }),
      historian(
          *options.time, [this] { return open_branches(); }, options.retention,
          [this](std::string const& line) { log(line); }),
      starter(*options.time),
      session_limits(std::make_shared<SessionLimits>(*options.time)) {
  log("found " + installations.description());
  root.open([this](std::string const& line) { log(line); });
  images.open();
}

DataPlane::Impl::~Impl() {
  for (auto const& [uid, endpoint] : endpoints) {
    if (endpoint->group) endpoint->group->halt();
  }
  auto const all = computes();
  for (auto const& compute : all) compute->begin_closing();
  housekeeper.stop();
  historian.stop();
  starter.stop();
  session_limits->stop();
  for (auto const& [uid, endpoint] : endpoints) {
    for (auto* const front : endpoint->fronts()) front->stop_listening();
  }
  ThreadGroup closing;
  for (auto const& compute : all) {
    closing.start([compute] { compute->finish_closing(); });
  }
  closing.join_all();
  for (auto const& [uid, endpoint] : endpoints) {
    for (auto* const front : endpoint->fronts()) closing.start([front] { front->cut_sessions(); });
  }
  closing.join_all();
}

BranchSurroundings DataPlane::Impl::surroundings() {
  return {installations, run_as,
          root,          images,
          extensions,    [this] { housekeeper.poke(); },
          *options.time, [this](std::string const& line) { log(line); }};
}

std::vector<std::shared_ptr<Compute>> DataPlane::Impl::computes() const {
  std::lock_guard lock{mutex};
  std::vector<std::shared_ptr<Compute>> all;
  for (auto const& [uid, branch] : branches) all.push_back(branch->primary().get());
  for (auto const& [uid, endpoint] : endpoints) {
    if (endpoint->read_only) all.push_back(endpoint->compute.get());
    if (!endpoint->group) continue;
    for (auto& standby : endpoint->group->standbys()) all.push_back(std::move(standby));
  }
  return all;
}

std::vector<DataPlane::Impl::BranchPtr> DataPlane::Impl::open_branches() const {
  std::lock_guard lock{mutex};
  std::vector<BranchPtr> open;
  for (auto const& [uid, branch] : branches) open.push_back(branch);
  return open;
}

std::vector<ComputeSlot> DataPlane::Impl::standbys_of(std::string const& branch_uid) const {
  std::lock_guard lock{mutex};
  std::vector<ComputeSlot> standbys;
  for (auto const& [uid, endpoint] : endpoints) {
    if (endpoint->read_only && endpoint->branch_uid == branch_uid) standbys.push_back(endpoint->compute);
  }
  return standbys;
}

DataPlane::Impl::BranchPtr DataPlane::Impl::branch(std::string const& uid) {
  check_uid(uid);
  std::lock_guard lock{mutex};
  if (auto found = branches.find(uid); found != branches.end()) return found->second;
  if (claimed.contains(uid)) throw DataPlaneError(fmt::format("the branch {} is being created or removed", uid));
  // It may be from an earlier run of the emulator.
  return branches[uid] = std::make_shared<Branch>(surroundings(), uid);
}

// An unfinished branch has another name.
bool DataPlane::Impl::has_branch(std::string const& uid) const {
  check_uid(uid);
  std::lock_guard lock{mutex};
  return branches.contains(uid) || std::filesystem::exists(root.branch(uid));
}

DataPlane::Impl::EndpointPtr DataPlane::Impl::endpoint(std::string const& uid) const {
  std::lock_guard lock{mutex};
  auto found = endpoints.find(uid);
  if (found == endpoints.end()) throw DataPlaneError(fmt::format("there is no endpoint {}", uid));
  return found->second;
}

void DataPlane::Impl::claim(std::string const& branch_uid) {
  check_uid(branch_uid);
  std::lock_guard lock{mutex};
  if (branches.contains(branch_uid) || !claimed.insert(branch_uid).second) {
    throw DataPlaneError(fmt::format("the branch {} exists already", branch_uid));
  }
}

void DataPlane::Impl::release(std::string const& branch_uid) {
  std::lock_guard lock{mutex};
  claimed.erase(branch_uid);
}

template <class Make>
void DataPlane::Impl::make_branch(std::string const& uid, Make const& make) {
  claim(uid);
  try {
    BranchPtr made = make();
    std::lock_guard lock{mutex};
    branches[uid] = std::move(made);
    claimed.erase(uid);
  } catch (...) {
    release(uid);
    throw;
  }
  housekeeper.poke();
}

std::shared_ptr<Group> DataPlane::Impl::group_of(std::string const& endpoint_uid) const {
  auto const found = endpoint(endpoint_uid);
  std::lock_guard lock{mutex};
  return found->group;
}

std::shared_ptr<Group> DataPlane::Impl::group_of_branch(std::string const& branch_uid) const {
  std::lock_guard lock{mutex};
  for (auto const& [uid, endpoint] : endpoints) {
    if (endpoint->group && endpoint->branch_uid == branch_uid) return endpoint->group;
  }
  return nullptr;
}

std::shared_ptr<Group> DataPlane::Impl::make_group(Endpoint& endpoint, BranchPtr const& branch) {
  auto group =
      std::make_shared<Group>(Group::Parts{branch, *options.time, [this](std::string const& line) { log(line); },
                                           [this, uid = branch->uid()] { release_readers(uid); }});
  std::lock_guard lock{mutex};
  return endpoint.group = std::move(group);
}

/// Read-only endpoints follow another primary as a rule. One that has more of the log of the former one than that
/// cannot, and copies the data anew at its next start.
void DataPlane::Impl::release_readers(std::string const& branch_uid) {
  for (auto const& standby : standbys_of(branch_uid)) {
    auto const compute = standby.get();
    if (!compute->running() || compute->follows_within(reader_limit)) continue;
    compute->suspend("it cannot follow the new primary");
  }
}

EndpointContext DataPlane::Impl::context_of(std::string const& uid, Branch const& branch,
                                            std::string const& address) const {
  EndpointContext context;
  context.endpoint_uid = uid;
  context.tls = authority.server_context(address);
  context.authority = options.authority;
  context.log = [this](std::string const& line) { log(line); };
  context.limits = session_limits;
  context.server_version = branch.version();
  return context;
}

std::unique_ptr<Front> DataPlane::Impl::make_front(Listener listener, EndpointContext context) const {
  log(fmt::format("endpoint {} listens on {}:{}", context.endpoint_uid, listener.address, options.postgres_port));
  return std::make_unique<Front>(std::move(listener), std::make_shared<EndpointContext const>(std::move(context)),
                                 budget);
}

void DataPlane::Impl::enter(std::string const& uid, EndpointPtr const& endpoint) {
  std::lock_guard lock{mutex};
  for (auto const& [other_uid, other] : endpoints) {
    if (other_uid == uid) throw DataPlaneError(fmt::format("the endpoint {} exists already", uid));
    if (!endpoint->read_only && other->compute == endpoint->compute) {
      throw DataPlaneError(fmt::format("the branch {} has a read-write endpoint already", endpoint->branch_uid));
    }
  }
  endpoints[uid] = endpoint;
}

void DataPlane::Impl::close(Endpoint& endpoint) const {
  for (auto* const front : endpoint.fronts()) front->stop_listening();
  if (endpoint.group) endpoint.group->close();
  if (endpoint.read_only) {
    endpoint.compute->begin_closing();
    endpoint.compute->finish_closing();
    endpoint.compute->remove_data();
  } else {
    endpoint.compute->detach();
  }
  for (auto* const front : endpoint.fronts()) front->cut_sessions();
}

DataPlane::DataPlane(DataPlaneOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
DataPlane::~DataPlane() = default;

void DataPlane::end_client_sessions() {
  std::vector<Impl::EndpointPtr> open;
  {
    std::lock_guard lock{impl_->mutex};
    for (auto const& [uid, endpoint] : impl_->endpoints) {
      if (endpoint->front) open.push_back(endpoint);
    }
  }
  ThreadGroup ending;
  for (auto const& endpoint : open) {
    ending.start([endpoint] {
      for (auto* const front : endpoint->fronts()) front->stop_listening();
      endpoint->compute->end_client_sessions();
      if (endpoint->group) {
        for (auto const& standby : endpoint->group->standbys()) standby->end_client_sessions();
      }
      for (auto* const front : endpoint->fronts()) front->hang_up();
    });
  }
  ending.join_all();
}

std::vector<int> DataPlane::server_versions() const {
  return impl_->installations.versions();
}

int DataPlane::branch_version(std::string const& branch_uid) const {
  return impl_->branch(branch_uid)->version();
}

std::filesystem::path DataPlane::ca_certificate() const {
  return impl_->authority.certificate_file();
}

void DataPlane::create_branch(std::string const& branch_uid, std::vector<std::string> const& statements) {
  create_branch(branch_uid, choose_version(server_versions(), std::nullopt), statements);
}

void DataPlane::create_branch(std::string const& branch_uid, int version, std::vector<std::string> const& statements) {
  int const chosen = choose_version(server_versions(), version);
  Starter::Hold const hold{impl_->starter};
  impl_->make_branch(branch_uid, [&] {
    {
      std::lock_guard one_at_a_time{impl_->creating};
      Branch::create(impl_->surroundings(), branch_uid, chosen, statements);
    }
    return std::make_shared<Branch>(impl_->surroundings(), branch_uid);
  });
}

CopiedMoment DataPlane::copy_branch(std::string const& source_uid, std::string const& branch_uid,
                                    std::optional<Moment> const& moment) {
  auto const source = impl_->branch(source_uid);
  Starter::Hold const hold{impl_->starter};
  CopiedMoment reached;
  impl_->make_branch(branch_uid, [&] {
    auto const copy = source->copy(moment, impl_->historian.horizon(source_uid));
    reached = copy.moment;
    impl_->images.make_branch(branch_uid, copy.image);
    return std::make_shared<Branch>(impl_->surroundings(), branch_uid);
  });
  return reached;
}

CopiedMoment DataPlane::replace_data(std::string const& branch_uid, std::string const& source_uid,
                                     std::optional<Moment> const& moment) {
  auto const branch = impl_->branch(branch_uid);
  auto const copy = impl_->branch(source_uid)->copy(moment, impl_->historian.horizon(source_uid));
  for (auto const& standby : impl_->standbys_of(branch_uid)) standby->suspend("the data of its branch are replaced");
  auto const group = impl_->group_of_branch(branch_uid);
  auto const replace = [&] { branch->replace_data(copy.image); };
  group ? group->without_standbys(replace) : replace();
  // One that has been started meanwhile may have copied the former data.
  for (auto const& standby : impl_->standbys_of(branch_uid)) standby->suspend("the data of its branch were replaced");
  return copy.moment;
}

void DataPlane::remove_branch(std::string const& branch_uid) {
  if (!impl_->has_branch(branch_uid)) return;
  Impl::BranchPtr branch;
  try {
    branch = impl_->branch(branch_uid);
  } catch (DataPlaneError const&) {
    // It has lost its data, and so has no endpoint either.
    {
      std::lock_guard lock{impl_->mutex};
      if (!impl_->claimed.insert(branch_uid).second) throw;
    }
    Branch::remove_files(impl_->surroundings(), branch_uid);
    return impl_->release(branch_uid);
  }
  std::vector<std::string> left;
  {
    std::lock_guard lock{impl_->mutex};
    for (auto const& [uid, endpoint] : impl_->endpoints) {
      if (endpoint->branch_uid == branch_uid) left.push_back(uid);
    }
  }
  for (auto const& uid : left) remove_endpoint(uid);
  {
    std::lock_guard lock{impl_->mutex};
    if (impl_->branches.erase(branch_uid) == 0) return;
    impl_->claimed.insert(branch_uid);
  }
  branch->remove();
  impl_->release(branch_uid);
}

std::vector<std::vector<std::string>> DataPlane::execute(std::string const& branch_uid, std::string const& database,
                                                         std::vector<std::string> const& statements) {
  return impl_->branch(branch_uid)->execute(database, statements);
}

std::unique_ptr<DatabaseSession> DataPlane::open_session(std::string const& branch_uid, std::string const& database,
                                                         SessionOf whose) {
  return impl_->branch(branch_uid)->primary().with([&](std::shared_ptr<Compute> const& primary) {
    return emulator::open_session(primary, database, whose);
  });
}

bool DataPlane::has_password(std::string const& branch_uid, std::string const& role, std::string const& password) {
  auto const rows = execute(branch_uid, "postgres", {sql_to_read_verifier(role)});
  return !rows.empty() && password_fits(rows.front().at(0), role, password);
}

std::string DataPlane::add_endpoint(std::string const& endpoint_uid, std::string const& branch_uid,
                                    ComputeSettings const& settings, std::optional<std::string> const& wanted_address) {
  check_uid(endpoint_uid);
  auto const branch = impl_->branch(branch_uid);
  auto endpoint = std::make_shared<Endpoint>();
  endpoint->branch_uid = branch_uid;
  endpoint->read_only = settings.read_only;
  endpoint->compute = settings.read_only ? ComputeSlot{branch->make_standby(endpoint_uid)} : branch->primary();
  impl_->enter(endpoint_uid, endpoint);
  try {
    Listener listener = Listener::open(impl_->options.postgres_port, wanted_address, impl_->options.random);
    std::string address = listener.address;
    auto context = impl_->context_of(endpoint_uid, *branch, address);
    auto const slot = endpoint->compute;
    context.choose = [slot] { return slot.get(); };
    context.serves = [slot](Compute const& compute) { return slot.get().get() == &compute; };
    context.is_disabled = [slot] { return slot->settings().disabled; };
    context.computes = [slot] { return std::vector{slot.get()}; };
    if (settings.standbys > 0) {
      impl_->make_group(*endpoint, branch)->configure(settings);
    } else {
      endpoint->compute->configure(settings);
    }
    auto front = impl_->make_front(std::move(listener), std::move(context));
    std::lock_guard lock{impl_->mutex};
    endpoint->front = std::move(front);
    return address;
  } catch (...) {
    if (endpoint->group) endpoint->group->close();
    std::lock_guard lock{impl_->mutex};
    impl_->endpoints.erase(endpoint_uid);
    throw;
  }
}

std::string DataPlane::open_read_only_front(std::string const& endpoint_uid,
                                            std::optional<std::string> const& wanted_address) {
  auto const endpoint = impl_->endpoint(endpoint_uid);
  auto const group = impl_->group_of(endpoint_uid);
  if (!group) throw DataPlaneError(fmt::format("the endpoint {} has no standbys", endpoint_uid));
  {
    std::lock_guard lock{impl_->mutex};
    if (endpoint->read_only_front) return endpoint->read_only_address;
  }
  auto listener = Listener::open(impl_->options.postgres_port, wanted_address, impl_->options.random);
  auto address = listener.address;
  auto context = impl_->context_of(endpoint_uid, *impl_->branch(endpoint->branch_uid), address);
  context.choose = [group] { return group->next_reader(); };
  context.serves = [group](Compute const& compute) { return group->is_standby(compute); };
  context.is_disabled = [slot = endpoint->compute] { return slot->settings().disabled; };
  context.computes = [group] { return group->standbys(); };
  auto front = impl_->make_front(std::move(listener), std::move(context));
  std::lock_guard lock{impl_->mutex};
  endpoint->read_only_front = std::move(front);
  endpoint->read_only_address = address;
  return address;
}

void DataPlane::update_endpoint(std::string const& endpoint_uid, ComputeSettings const& settings) {
  auto const endpoint = impl_->endpoint(endpoint_uid);
  auto group = impl_->group_of(endpoint_uid);
  if (!group && settings.standbys > 0) group = impl_->make_group(*endpoint, impl_->branch(endpoint->branch_uid));
  if (!group) return endpoint->compute->configure(settings);
  group->configure(settings);
  if (settings.standbys == 0 || !settings.readable_standbys) {
    std::unique_ptr<Front> closing;
    std::lock_guard lock{impl_->mutex};
    closing.swap(endpoint->read_only_front);
  }
  group->await_all();
}

void DataPlane::remove_endpoint(std::string const& endpoint_uid) {
  auto endpoint = impl_->endpoint(endpoint_uid);
  {
    std::lock_guard lock{impl_->mutex};
    if (impl_->endpoints.erase(endpoint_uid) == 0) return;
  }
  impl_->close(*endpoint);
}

void DataPlane::start(std::string const& endpoint_uid) {
  auto const compute = impl_->endpoint(endpoint_uid)->compute.get();
  if (compute->settings().disabled) throw DataPlaneError("the endpoint is disabled", "55000");
  compute->ensure_running();
}

void DataPlane::start_soon(std::string const& endpoint_uid) {
  auto const compute = impl_->endpoint(endpoint_uid)->compute.get();
  if (!compute->settings().disabled) impl_->starter.add(compute);
}

void DataPlane::suspend(std::string const& endpoint_uid) {
  auto const group = impl_->group_of(endpoint_uid);
  group ? group->suspend("on request") : impl_->endpoint(endpoint_uid)->compute->suspend("on request");
}

void DataPlane::crash(std::string const& endpoint_uid) {
  impl_->endpoint(endpoint_uid)->compute->crash();
}

void DataPlane::fail_over(std::string const& endpoint_uid) {
  auto const group = impl_->group_of(endpoint_uid);
  if (!group)
    throw DataPlaneError("the endpoint has no standby: its group is of one compute, or it is disabled", "55000");
  group->fail_over();
}

ComputeStatus DataPlane::status(std::string const& endpoint_uid) const {
  auto status = impl_->endpoint(endpoint_uid)->compute->status();
  auto const group = impl_->group_of(endpoint_uid);
  bool const lacks = group && status.state == ComputeState::active && group->lacks_standby();
  if (lacks) status.state = ComputeState::degraded;
  return status;
}

std::vector<ComputeMember> DataPlane::members(std::string const& endpoint_uid) const {
  if (auto const group = impl_->group_of(endpoint_uid)) return group->members();
  auto const endpoint = impl_->endpoint(endpoint_uid);
  return {{0, false, endpoint->compute->status()}};
}

std::optional<std::int64_t> DataPlane::logical_size(std::string const& branch_uid) const {
  return impl_->branch(branch_uid)->logical_size();
}

std::optional<std::int64_t> DataPlane::size_beyond(std::string const& branch_uid, std::string const& former_uid) const {
  try {
    return impl_->branch(branch_uid)->size_beyond(*impl_->branch(former_uid));
  } catch (std::exception const& error) {
    impl_->log(fmt::format("the branches {} and {} cannot be compared: {}", branch_uid, former_uid, error.what()));
    return std::nullopt;
  }
}

std::int64_t DataPlane::history_size(std::string const& branch_uid) const {
  std::lock_guard lock{impl_->mutex};
  auto const found = impl_->branches.find(branch_uid);
  return found == impl_->branches.end() ? 0 : found->second->history_size();
}

void DataPlane::look_after_history() {
  impl_->historian.look();
}

}  // namespace lakebase::emulator
