#include "data_plane/server/branch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <system_error>

#include "common/computes.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/folders/page_difference_posix.hpp"
#include "data_plane/server/history_slot.hpp"
#include "data_plane/server/standard_roles.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// How long a measured size is reused.
constexpr auto size_life = 1s;

DataCopy copy_data_of(Compute& primary, std::string const& uid, fs::path const& target, RunAs const& run_as,
                      int version) {
  DataCopy copy;
  while_copying(uid, run_as, [&] { copy = primary.copy_data(target, run_as, version); });
  return copy;
}

/// Makes the data of a standby anew, from those of its primary.
void prepare_standby(Compute& primary, std::string const& uid, fs::path const& data, RunAs const& run_as, int version) {
  primary.ensure_settled();
  DataFolder const folder{data, run_as};
  if (auto const left = folder.remove_all()) throw DataPlaneError(left->description());
  copy_data_of(primary, uid, data, run_as, version);
  folder.write(DataFile::standby_signal, {});
}

/// The configuration of a standby of this primary.
void follow(Compute const& primary, ServerConfig& config) {
  config.cover(primary.config());
  // A standby that connects to a stopped primary again and again would fill its log.
  config.primary = primary.running() ? primary.socket().parent_path() : fs::path{};
}

std::int64_t folder_size(fs::path const& folder) {
  std::int64_t size = 0;
  std::error_code error;
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    std::error_code vanished;
    auto const bytes = entry->file_size(vanished);
    if (!vanished) size += static_cast<std::int64_t>(bytes);
  }
  return size;
}

/// As pg_database_size does it: a folder for each database, and no tablespaces, which nobody can create here.
std::optional<std::int64_t> databases_size(fs::path const& data) {
  std::int64_t size = 0;
  std::error_code error;
  for (fs::directory_iterator entry{data / "base", error}, end; !error && entry != end; entry.increment(error)) {
    std::string const name = entry->path().filename().string();
    bool const digits = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    std::error_code vanished;
    if (digits && fs::is_directory(entry->symlink_status(vanished))) size += folder_size(entry->path());
  }
  return error ? std::nullopt : std::optional{size};
}

}  // namespace

template <class Read>
void Branch::with_data(Read const& read) const {
  auto const image = surroundings_.images.of(uid_);
  read(image ? image->data() : own_data());
}

/// Returns an image of what the branch's own data hold now, and the LSN of that moment.
std::pair<ImageStore::Hold, std::string> Branch::image_of_now() {
  std::lock_guard one_at_a_time{image_mutex_};
  auto const primary = primary_.get();
  if (auto known = image_ ? surroundings_.images.find(image_->id) : std::nullopt) {
    auto const now = primary->data_state();
    if (now == image_->state) return {std::move(*known), now->lsn};
  }
  DataCopy copy;
  auto image = surroundings_.images.make([&](fs::path const& data) {
    copy = copy_data_of(*primary, uid_, data, surroundings_.run_as, version());
    return copy.lsn;
  });
  image_.reset();
  if (copy.state) image_ = EqualImage{image.id(), *copy.state};
  return {std::move(image), copy.lsn};
}

Branch::Branch(BranchSurroundings const& surroundings, std::string const& uid)
    : surroundings_(surroundings), uid_(uid) {
  int version = 0;
  with_data([&](fs::path const& data) {
    std::istringstream file{DataFolder{data, surroundings.run_as}.read(DataFile::version)};
    file >> version;
  });
  if (version == 0) throw DataPlaneError(fmt::format("there is no branch {}", uid));
  installation_ = surroundings.installations.of(version);
  primary_.replace(make_compute("branch " + uid, cluster_name(uid), places(own_data(), "postgres.log"), nullptr));
}

/// @param follows none: it is the primary from the beginning
std::shared_ptr<Compute> Branch::make_compute(std::string name, std::string cluster_name, ServerPlaces where,
                                              std::shared_ptr<std::atomic<bool>> follows) {
  auto is_standby = [follows] { return follows && *follows; };
  auto prepare = [=, primary = WeakComputeSlot{primary_}, uid = uid_, data = where.data, surroundings = surroundings_,
                  version = version()] {
    if (is_standby()) return prepare_standby(*primary.get(), uid, data, surroundings.run_as, version);
    while_copying(uid, surroundings.run_as,
                  [&] { surroundings.images.materialise(uid, surroundings.time.machine_now()); });
  };
  auto complete = [=, this_group = group_, primary = WeakComputeSlot{primary_}, name = std::move(cluster_name),
                   &extensions = surroundings_.extensions, installation = installation_](ServerConfig& config) {
    config.cluster_name = name;
    config.preloaded = extensions.preloaded(installation);
    if (is_standby()) return follow(*primary.get(), config);
    std::lock_guard lock{this_group->mutex};
    config.synchronous = this_group->synchronous;
  };
  auto changed = [this_group = group_, on_change = surroundings_.on_change] {
    on_change();
    std::lock_guard lock{this_group->watching};
    if (this_group->watcher) this_group->watcher();
  };
  return std::make_shared<Compute>(Compute::Parts{
      std::move(name), std::make_unique<PostgresServer>(installation_, surroundings_.run_as, std::move(where)),
      std::move(prepare), std::move(complete),
      [version = version()](SqlSession& session) {
        session.query(standard_roles_sql(version));
        session.query(history_slot_sql);
      },
      std::move(changed), surroundings_.time.clock(), surroundings_.log});
}

ServerPlaces Branch::places(fs::path const& data, std::string const& log_name) const {
  make_own_folder(surroundings_.root.logs(uid_));
  return {data, surroundings_.root.logs(uid_) / log_name, surroundings_.root.next_socket_directory(),
          [&extensions = surroundings_.extensions, installation = installation_] {
            return extensions.called(installation);
          }};
}

std::shared_ptr<Compute> Branch::make_standby(std::string const& endpoint_uid) {
  auto where = places(surroundings_.root.branch(uid_) / ("standby-" + endpoint_uid), endpoint_uid + ".log");
  auto prepare = [primary = WeakComputeSlot{primary_}, uid = uid_, data = where.data, &run_as = surroundings_.run_as,
                  version = version()] { prepare_standby(*primary.get(), uid, data, run_as, version); };
  auto complete = [primary = WeakComputeSlot{primary_}, name = cluster_name("ro-" + endpoint_uid),
                   &extensions = surroundings_.extensions, installation = installation_](ServerConfig& config) {
    config.cluster_name = name;
    config.preloaded = extensions.preloaded(installation);
    follow(*primary.get(), config);
  };
  return std::make_shared<Compute>(Compute::Parts{
      "read-only endpoint " + endpoint_uid,
      std::make_unique<PostgresServer>(installation_, surroundings_.run_as, std::move(where)), std::move(prepare),
      std::move(complete), nullptr, surroundings_.on_change, surroundings_.time.clock(), surroundings_.log});
}

Branch::Member Branch::make_member(int number) {
  auto const folder = fmt::format("{}{}", member_folder, number);
  auto name = cluster_name_of(folder, uid_);
  auto follows = std::make_shared<std::atomic<bool>>(true);
  auto compute = make_compute(fmt::format("branch {}, {}", uid_, folder), name,
                              places(surroundings_.root.branch(uid_) / folder, folder + ".log"), follows);
  return {number, std::move(name), std::move(compute), std::move(follows)};
}

void Branch::set_synchronous(std::vector<std::string> names) {
  std::lock_guard lock{group_->mutex};
  group_->synchronous = std::move(names);
}

void Branch::watch(std::function<void()> watcher) {
  std::lock_guard lock{group_->watching};
  group_->watcher = std::move(watcher);
}

std::shared_ptr<Compute> Branch::install(Member const& member) {
  *member.follows = false;
  surroundings_.images.switch_data(uid_, member.compute->data().filename());
  return primary_.replace(member.compute);
}

void Branch::finish_install() {
  std::lock_guard nothing_goes{history_mutex_};
  surroundings_.images.finish_switch(uid_);
}

Rows Branch::execute(std::string const& database, std::vector<std::string> const& statements) {
  std::shared_ptr<Compute> primary;
  std::optional<Compute::Use> use;
  SqlSession session = primary_.with([&](std::shared_ptr<Compute> const& serving) {
    use.reset();
    primary = serving;
    use.emplace(*primary);
    return primary->session(database);
  });
  session.query("SET search_path = public");
  Rows rows;
  for (std::string const& statement : statements) rows = session.query(statement);
  return rows;
}

std::optional<std::int64_t> Branch::logical_size() const {
  std::lock_guard lock{size_mutex_};
  auto const now = std::chrono::steady_clock::now();
  if (size_ && now - size_measured_ < size_life) return size_;
  std::optional<std::int64_t> size;
  with_data([&](fs::path const& data) { work_as(surroundings_.run_as, [&] { size = databases_size(data); }); });
  if (!size) return size_;
  size_ = size;
  size_measured_ = now;
  return size_;
}

std::optional<std::int64_t> Branch::size_beyond(Branch const& former) const {
  auto const image = surroundings_.images.of(uid_);
  auto const other = surroundings_.images.of(former.uid_);
  if (!image || !other) return std::nullopt;
  std::int64_t size = 0;
  work_as(surroundings_.run_as, [&] { size = emulator::size_beyond(image->data(), other->data()); });
  return size;
}

void Branch::remove() {
  std::lock_guard nothing_is_kept{history_mutex_};
  removed_ = true;
  auto const primary = primary_.get();
  primary->begin_closing();
  primary->finish_closing();
  remove_files(surroundings_, uid_);
}

void Branch::remove_files(BranchSurroundings const& surroundings, std::string const& uid) {
  fs::path const folder = surroundings.root.branch(uid);
  fs::path const going = surroundings.root.unfinished();
  std::error_code error;
  fs::rename(folder, going, error);
  if (auto const left = remove_account_folder(error ? folder : going, surroundings.run_as)) {
    surroundings.log(
        fmt::format("branch {}: {}, or let the next start of the emulator try again", uid, left->description()));
  }
  surroundings.images.forget(uid);
  fs::remove_all(surroundings.root.logs(uid), error);
}

}  // namespace lakebase::emulator
