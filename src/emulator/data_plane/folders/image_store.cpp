#include "data_plane/folders/image_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/computes.hpp"
#include "common/random.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/control_file.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/folders/file_copy_posix.hpp"
#include "data_plane/folders/leftover_processes_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// Each takes some 35 MB.
constexpr std::size_t most_templates = 8;
/// The folder of a branch's data, unless a standby has taken it over.
constexpr char const* first_folder = "data";
constexpr auto former_servers_limit = std::chrono::seconds{5};

std::string first_line(std::string const& text) {
  return text.substr(0, text.find('\n'));
}

/// What stands behind a name: a link is not followed, which PostgreSQL's account may have put there.
bool is_there(fs::path const& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

}  // namespace

void ImageStore::open() {
  bool const complete = read_references();
  read_images();
  std::vector<std::string> unused;
  {
    Lock const lock{mutex_};
    auto const count = [&](std::string const& id) {
      if (auto const found = images_.find(id); found != images_.end()) ++found->second.users;
    };
    for (auto const& [uid, id] : references_) count(id);
    for (auto const& [uid, bases] : bases_) {
      for (auto const& base : bases) count(base.image);
    }
    if (!complete) return;  // One that looks unused may be the one that could not be read.
    for (auto const& [id, image] : images_) {
      if (image.users == 0 && image.key.empty()) unused.push_back(id);
    }
    for (auto const& id : unused) images_.erase(id);
  }
  for (auto const& id : unused) remove(id);
  limit_templates();
}

/// Returns whether all could be read.
bool ImageStore::read_references() {
  bool complete = true;
  for (fs::directory_entry const& entry : fs::directory_iterator{root_.branches()}) {
    std::string const uid = entry.path().filename().string();
    if (uid.starts_with('.')) continue;
    try {
      read_reference(uid);
    } catch (std::exception const& error) {
      log_(fmt::format("branch {}: {}", uid, error.what()));
      complete = false;
    }
  }
  return complete;
}

void ImageStore::read_reference(std::string const& branch_uid) {
  fs::path const path = root_.branch(branch_uid);
  DataFolder const folder{path, run_as_};
  settle_data(branch_uid);
  bool const has_data = is_there(data_of_branch(branch_uid));
  if (is_there(path / name_of(DataFile::next_image))) {
    if (!has_data) folder.write(DataFile::image, folder.read(DataFile::next_image));
    folder.remove(DataFile::next_image);
  }
  if (is_there(path / name_of(DataFile::image))) {
    // With data, the last run ended between the two steps.
    has_data ? folder.remove(DataFile::image)
             : static_cast<void>(references_[branch_uid] = first_line(folder.read(DataFile::image)));
  }
  if (!has_data || !is_there(path / name_of(DataFile::history))) return;
  auto bases = parse_bases(folder.read(DataFile::history));
  if (!bases) throw DataPlaneError(fmt::format("{} is not readable", (path / name_of(DataFile::history)).string()));
  bases_[branch_uid] = std::move(*bases);
}

void ImageStore::read_images() {
  for (fs::directory_entry const& entry : fs::directory_iterator{root_.images()}) {
    Image image;
    try {
      std::istringstream facts{DataFolder{entry.path(), run_as_}.read(DataFile::image_facts)};
      std::getline(facts, image.lsn);
      std::getline(facts, image.key);
    } catch (std::exception const& error) {
      log_(error.what());
    }
    images_[entry.path().filename().string()] = image;
  }
}

void ImageStore::write_facts(fs::path const& folder, std::string const& lsn, std::string const& key) const {
  DataFolder{folder, run_as_}.write(DataFile::image_facts, fmt::format("{}\n{}\n", lsn, key));
}

ImageStore::Hold ImageStore::hold(Lock const&, std::string const& id, Image& image) {
  ++image.users;
  image.last_use = ++uses_;
  return Hold{*this, id, image.lsn};
}

ImageStore::Hold ImageStore::make(Fill const& fill) {
  fs::path const unfinished = root_.unfinished();
  std::string const id = random_hex(16);
  make_account_folder(unfinished, run_as_);
  try {
    Image image;
    image.lsn = fill(unfinished / "data");
    write_facts(unfinished, image.lsn, {});
    Lock const lock{mutex_};
    fs::rename(unfinished, root_.image(id));
    return hold(lock, id, images_[id] = image);
  } catch (...) {
    remove_account_folder(unfinished, run_as_);
    throw;
  }
}

std::optional<ImageStore::Hold> ImageStore::find(std::string const& id) {
  Lock const lock{mutex_};
  auto const found = images_.find(id);
  if (found == images_.end()) return std::nullopt;
  return hold(lock, id, found->second);
}

std::optional<ImageStore::Hold> ImageStore::of(std::string const& branch_uid) {
  Lock const lock{mutex_};
  auto const reference = references_.find(branch_uid);
  if (reference == references_.end()) return std::nullopt;
  auto const found = images_.find(reference->second);
  if (found == images_.end()) {
    throw DataPlaneError(fmt::format("the data of the branch {} are gone: its image is not in {}; delete the branch",
                                     branch_uid, root_.images().string()));
  }
  return hold(lock, found->first, found->second);
}

void ImageStore::make_branch(std::string const& uid, Hold const& image) {
  fs::path const unfinished = root_.unfinished();
  fs::path const finished = root_.branch(uid);
  if (is_there(finished)) throw DataPlaneError(fmt::format("the branch {} exists already", uid));
  make_account_folder(unfinished, run_as_);
  try {
    DataFolder{unfinished, run_as_}.write(DataFile::image, image.id() + "\n");
    Lock const lock{mutex_};
    fs::rename(unfinished, finished);
    references_[uid] = image.id();
    ++images_.at(image.id()).users;
  } catch (...) {
    remove_account_folder(unfinished, run_as_);
    throw;
  }
}

bool ImageStore::refers(std::string const& branch_uid) const {
  Lock const lock{mutex_};
  return references_.contains(branch_uid);
}

void ImageStore::materialise(std::string const& branch_uid, TimePoint now) {
  auto const image = of(branch_uid);
  if (!image) return;
  // Nothing has been written to the branch so far.
  if (auto const lsn = parse_lsn(image->lsn())) set_bases(branch_uid, {{image->id(), *lsn, now}});
  copy(branch_uid, *image);
  // From now on the branch has its own data, also for a later run that still finds the file.
  DataFolder{root_.branch(branch_uid), run_as_}.remove(DataFile::image);
  forget_reference(branch_uid);
}

void ImageStore::replace(std::string const& branch_uid, Hold const& image) {
  DataFolder const folder{root_.branch(branch_uid), run_as_};
  fs::path const going = root_.unfinished();
  // What is left of this when the process ends meanwhile: the old data, or the image; see `read_reference`.
  folder.write(DataFile::next_image, image.id() + "\n");
  make_account_folder(going, run_as_);
  finish_switch(branch_uid);
  if (is_there(data_of_branch(branch_uid))) fs::rename(data_of_branch(branch_uid), going / "data");
  if (is_there(kept_log(branch_uid))) fs::rename(kept_log(branch_uid), going / "log");
  folder.write(DataFile::image, image.id() + "\n");
  folder.remove(DataFile::next_image);
  forget_reference(branch_uid);
  {
    Lock const lock{mutex_};
    references_[branch_uid] = image.id();
    ++images_.at(image.id()).users;
  }
  set_bases(branch_uid, {});
  if (auto const left = remove_account_folder(going, run_as_)) log_("left by a branch: " + left->description());
}

std::vector<std::string> ImageStore::folders_of(std::string const& branch_uid) const {
  Lock const lock{mutex_};
  auto const found = folders_.find(branch_uid);
  return found == folders_.end() ? std::vector<std::string>{first_folder} : found->second;
}

fs::path ImageStore::data_of_branch(std::string const& uid) const {
  return root_.branch(uid) / folders_of(uid).front();
}

fs::path ImageStore::branch_data(std::string const& branch_uid) const {
  return data_of_branch(branch_uid);
}

std::vector<fs::path> ImageStore::log_folders(std::string const& branch_uid) const {
  std::vector<fs::path> folders;
  for (auto const& name : folders_of(branch_uid)) folders.push_back(root_.branch(branch_uid) / name / "pg_wal");
  folders.push_back(kept_log(branch_uid));
  return folders;
}

void ImageStore::write_folders(std::string const& branch_uid, std::vector<std::string> const& folders) {
  DataFolder{root_.branch(branch_uid), run_as_}.write(DataFile::current, fmt::format("{}\n", fmt::join(folders, "\n")));
  Lock const lock{mutex_};
  folders_[branch_uid] = folders;
}

void ImageStore::switch_data(std::string const& branch_uid, std::string const& folder) {
  std::lock_guard one_at_a_time{switching_};
  auto folders = folders_of(branch_uid);
  folders.insert(folders.begin(), folder);
  write_folders(branch_uid, folders);
}

void ImageStore::finish_switch(std::string const& branch_uid) {
  for (auto const all = folders_of(branch_uid); auto const& former : std::vector(all.begin() + 1, all.end())) {
    leave_data(branch_uid, former);
    std::lock_guard one_at_a_time{switching_};
    auto folders = folders_of(branch_uid);
    std::erase(folders, former);
    write_folders(branch_uid, folders);
  }
}

/// May be called again, if it was interrupted.
void ImageStore::leave_data(std::string const& branch_uid, std::string const& folder) const {
  fs::path const from = root_.branch(branch_uid) / folder;
  work_as(run_as_, [&] {
    fs::path const log = kept_log(branch_uid);
    fs::create_directory(log);
    std::error_code error;
    for (fs::directory_iterator entry{from / "pg_wal", error}, end; !error && entry != end; entry.increment(error)) {
      auto const name = entry->path().filename();
      if (is_wal_segment(name.string())) fs::rename(entry->path(), log / name);
    }
  });
  if (auto const left = DataFolder{from, run_as_}.remove_all()) log_("left by a branch: " + left->description());
}

/// After a run in which a standby has taken the branch over: its folder gets the usual name. Those of other standbys
/// go.
void ImageStore::settle_data(std::string const& branch_uid) const {
  fs::path const path = root_.branch(branch_uid);
  std::vector<std::string> standbys;
  for (fs::directory_entry const& entry : fs::directory_iterator{path}) {
    auto name = entry.path().filename().string();
    if (!name.starts_with(member_folder)) continue;
    kill_leftover_processes(entry.path(), cluster_name_of(name, branch_uid), run_as_,
                            std::chrono::steady_clock::now() + former_servers_limit);
    standbys.push_back(std::move(name));
  }
  DataFolder const folder{path, run_as_};
  if (is_there(path / name_of(DataFile::current))) {
    std::istringstream file{folder.read(DataFile::current)};
    std::string current;
    std::getline(file, current);
    bool const has_data = current == first_folder || std::count(standbys.begin(), standbys.end(), current) > 0;
    for (std::string former; std::getline(file, former);) {
      kill_leftover_processes(path / former, branch_uid, run_as_,
                              std::chrono::steady_clock::now() + former_servers_limit);
      if (former == first_folder || std::count(standbys.begin(), standbys.end(), former) > 0) {
        leave_data(branch_uid, former);
      }
    }
    // From now on the usual folder is not one of those before.
    folder.write(DataFile::current, current + "\n");
    if (has_data && current != first_folder) fs::rename(path / current, path / first_folder);
    folder.remove(DataFile::current);
    std::erase(standbys, current);
  }
  for (auto const& name : standbys) {
    if (auto const left = DataFolder{path / name, run_as_}.remove_all()) log_(left->description());
  }
}

std::vector<HistoryBase> ImageStore::bases(std::string const& branch_uid) const {
  Lock const lock{mutex_};
  auto const found = bases_.find(branch_uid);
  return found == bases_.end() ? std::vector<HistoryBase>{} : found->second;
}

void ImageStore::set_bases(std::string const& branch_uid, std::vector<HistoryBase> const& bases) {
  DataFolder const folder{root_.branch(branch_uid), run_as_};
  bases.empty() ? folder.remove(DataFile::history) : folder.write(DataFile::history, to_text(bases));
  std::vector<HistoryBase> former;
  {
    Lock const lock{mutex_};
    for (auto const& base : bases) {
      if (auto const found = images_.find(base.image); found != images_.end()) ++found->second.users;
    }
    former = std::exchange(bases_[branch_uid], bases);
    if (bases.empty()) bases_.erase(branch_uid);
  }
  for (auto const& base : former) release(base.image);
}

void ImageStore::copy(std::string const& branch_uid, Hold const& image) const {
  fs::path const unfinished = root_.unfinished();
  make_account_folder(unfinished, run_as_);
  try {
    work_as(run_as_, [&] { copy_data_tree(image.data(), unfinished / "data", [](std::string_view) { return true; }); });
    fs::rename(unfinished / "data", data_of_branch(branch_uid));
  } catch (...) {
    remove_account_folder(unfinished, run_as_);
    throw;
  }
  remove_account_folder(unfinished, run_as_);
}

void ImageStore::forget_reference(std::string const& branch_uid) noexcept {
  std::string id;
  {
    Lock const lock{mutex_};
    auto const found = references_.find(branch_uid);
    if (found == references_.end()) return;
    id = std::move(found->second);
    references_.erase(found);
  }
  release(id);
}

void ImageStore::forget(std::string const& branch_uid) noexcept {
  forget_reference(branch_uid);
  std::vector<HistoryBase> former;
  {
    Lock const lock{mutex_};
    folders_.erase(branch_uid);
    auto const found = bases_.find(branch_uid);
    if (found == bases_.end()) return;
    former = std::move(found->second);
    bases_.erase(found);
  }
  for (auto const& base : former) release(base.image);
}

void ImageStore::release(std::string const& id) noexcept {
  {
    Lock const lock{mutex_};
    auto const found = images_.find(id);
    if (found == images_.end() || --found->second.users > 0 || !found->second.key.empty()) return;
    images_.erase(found);
  }
  remove(id);
}

/// By a rename first, so that no half of it is ever taken for an image.
void ImageStore::remove(std::string const& id) noexcept try {
  fs::path const going = root_.unfinished();
  fs::rename(root_.image(id), going);
  if (auto const left = remove_account_folder(going, run_as_)) log_("left by an image: " + left->description());
} catch (std::exception const& error) {
  log_(fmt::format("an image cannot be removed: {}", error.what()));
}

std::optional<ImageStore::Hold> ImageStore::find_template(std::string const& key) {
  Lock const lock{mutex_};
  auto const found =
      std::find_if(images_.begin(), images_.end(), [&](auto const& entry) { return entry.second.key == key; });
  if (found == images_.end()) return std::nullopt;
  return hold(lock, found->first, found->second);
}

void ImageStore::keep_as_template(Hold const& image, std::string const& key) {
  write_facts(root_.image(image.id()), image.lsn(), key);
  {
    Lock const lock{mutex_};
    images_.at(image.id()).key = key;
  }
  limit_templates();
}

/// The one that was not used for longest stays as long as a branch refers to it, but is no template any more.
void ImageStore::limit_templates() {
  for (;;) {
    std::optional<Hold> least;
    {
      Lock const lock{mutex_};
      std::size_t count = 0;
      auto oldest = images_.end();
      for (auto entry = images_.begin(); entry != images_.end(); ++entry) {
        if (entry->second.key.empty()) continue;
        ++count;
        if (oldest == images_.end() || entry->second.last_use < oldest->second.last_use) oldest = entry;
      }
      if (count <= most_templates) return;
      oldest->second.key.clear();
      least.emplace(hold(lock, oldest->first, oldest->second));
    }
    write_facts(root_.image(least->id()), least->lsn(), {});
  }
}

}  // namespace lakebase::emulator
