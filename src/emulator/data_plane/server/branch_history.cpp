// The past of a branch: bases, from which its moments are recovered, and when they are made and given back.

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/history/recovery_layout_posix.hpp"
#include "data_plane/history/wal_log_posix.hpp"
#include "data_plane/server/branch.hpp"
#include "data_plane/server/branch_copy.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// So much log makes a new base worth its disk, and recovery of what it would have spared a matter of seconds.
constexpr std::uint64_t long_log = std::uint64_t{64} << 20U;
/// PostgreSQL tells a position between two records as that behind the head of a page, or in front of it.
constexpr std::uint64_t longest_page_head = 40;

DataPlaneError no_such_moment(std::string const& text) {
  return DataPlaneError{text, "22023"};
}

DataPlaneError not_in_log(std::uint64_t lsn, std::uint64_t first, std::uint64_t last) {
  return no_such_moment(fmt::format("the source branch has no LSN {}: its restore window is from {} to {}",
                                    lsn_text(lsn), lsn_text(first), lsn_text(last)));
}

/// Throws what cannot be told by a state that did not change since.
void require_same(Lsn const& wanted, std::string const& present) {
  auto const lsn = parse_lsn(wanted.text).value_or(0);
  auto const only = parse_lsn(present).value_or(0);
  if (lsn != only) throw not_in_log(lsn, only, only);
}

std::uint64_t number_of(Lsn const& lsn) {
  if (auto const number = parse_lsn(lsn.text)) return *number;
  throw no_such_moment(fmt::format("\"{}\" is no position in the write-ahead log, such as 0/1A2B3C8", lsn.text));
}

std::int64_t tree_size(fs::path const& folder) {
  std::int64_t size = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    std::error_code vanished;
    if (!entry->is_regular_file(vanished)) continue;
    auto const bytes = entry->file_size(vanished);
    if (!vanished) size += static_cast<std::int64_t>(bytes);
  }
  return size;
}

/// Removes what is in front of a position of the log of former data.
void trim_kept_log(fs::path const& folder, std::uint64_t lsn, std::uint64_t segment_size) {
  std::error_code error;
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    std::string const name = entry->path().filename().string();
    std::error_code ignored;
    if (is_wal_segment(name) && wal_segment_begin(name, segment_size) + segment_size <= lsn) {
      fs::remove(entry->path(), ignored);
    }
  }
}

}  // namespace

Branch::Copy Branch::copy(std::optional<Moment> const& moment, TimePoint horizon) {
  if (moment) {
    std::lock_guard nothing_goes{history_mutex_};
    // Times are the emulator's, and the log tells the machine's.
    auto const* const time = std::get_if<TimePoint>(&*moment);
    if (!surroundings_.images.refers(uid_)) {
      return time != nullptr ? copy_of_time(surroundings_.time.machine_time(*time))
                             : copy_of_position(number_of(std::get<Lsn>(*moment)), horizon);
    }
    auto const only = surroundings_.images.of(uid_)->lsn();
    if (time == nullptr) require_same(std::get<Lsn>(*moment), only);
  }
  if (auto image = surroundings_.images.of(uid_)) {
    auto lsn = image->lsn();
    return {std::move(*image), {std::move(lsn), {}}};
  }
  auto [image, lsn] = image_of_now();
  return {std::move(image), {std::move(lsn), {}}};
}

/// A base and the log behind it.
struct Branch::Past {
  HistoryBase base;
  ImageStore::Hold image;
  WalLog log;
};

/// The last base that fits, or the first one.
template <class Fits>
Branch::Past Branch::past_from(Fits const& fits) const {
  auto const bases = surroundings_.images.bases(uid_);
  if (bases.empty()) throw no_such_moment("the source branch has no restore window yet");
  auto const found = std::find_if(bases.rbegin(), bases.rend(), fits);
  auto const& base = found == bases.rend() ? bases.front() : *found;
  auto image = surroundings_.images.find(base.image);
  if (!image) throw DataPlaneError("the image of that time is not there any more");
  auto const timeline = control_file_of(image->data(), surroundings_.run_as).timeline;
  std::optional<WalLog> log;
  auto folders = surroundings_.images.log_folders(uid_);
  folders.push_back(image->data() / "pg_wal");
  work_as(surroundings_.run_as, [&] { log.emplace(std::move(folders), timeline); });
  return {base, std::move(*image), std::move(*log)};
}

/// @param target a position, or a time
template <class Target>
WalLog::Place Branch::find(Past& past, Target target) const {
  WalLog::Place place;
  bool has_gap = false;
  work_as(surroundings_.run_as, [&] {
    place = past.log.find(past.base.lsn, target);
    has_gap = !place.found && past.log.goes_on_behind(place.lsn);
  });
  if (has_gap) {
    throw DataPlaneError(fmt::format("the write-ahead log of the source branch has a gap at {}", lsn_text(place.lsn)));
  }
  return place;
}

Branch::Copy Branch::copy_of_time(TimePoint time) {
  primary_->flush_log();
  auto past = past_from([&](HistoryBase const& base) { return base.since <= time; });
  // The branch holds its first base from its creation on, until something was written to it.
  if (past.base.since > time) return {std::move(past.image), {lsn_text(past.base.lsn), {}}};
  auto const place = find(past, time);
  return recovered(past, place.lsn, {lsn_text(place.lsn), {}});
}

Branch::Copy Branch::copy_of_position(std::uint64_t lsn, TimePoint horizon) {
  primary_->flush_log();
  auto oldest = past_from([](HistoryBase const&) { return false; });
  auto const first = oldest.base.since > horizon ? oldest.base.lsn : find(oldest, horizon).lsn;
  auto past = past_from([&](HistoryBase const& base) { return base.lsn <= lsn; });
  auto const place = find(past, lsn);
  if (lsn < first || (!place.found && lsn > place.lsn + longest_page_head)) {
    throw not_in_log(lsn, first, find(past, ~std::uint64_t{0}).lsn);
  }
  auto const committed = surroundings_.time.time_of(place.committed.value_or(past.base.since));
  return recovered(past, place.lsn, {lsn_text(lsn), committed});
}

Branch::Copy Branch::recovered(Past& past, std::uint64_t lsn, CopiedMoment reached) {
  if (lsn == past.base.lsn) return {std::move(past.image), std::move(reached)};
  auto image = surroundings_.images.make([&](fs::path const& data) {
    std::string rests_at;
    while_copying(uid_, surroundings_.run_as, [&] {
      auto const last_timeline = lay_out_recovery(past.image.data(), past.log, lsn, data, surroundings_.run_as);
      rests_at = recover(data, last_timeline);
      if (parse_lsn(rests_at).value_or(0) + longest_page_head < lsn) {
        throw DataPlaneError(fmt::format("PostgreSQL has recovered to {}, and not to {}", rests_at, lsn_text(lsn)));
      }
    });
    return rests_at;
  });
  return {std::move(image), std::move(reached)};
}

/// Runs a server for as long as the recovery takes. Returns the LSN at which it rests then.
std::string Branch::recover(fs::path const& data, std::optional<std::uint32_t> last_timeline) const {
  PostgresServer server{installation_, surroundings_.run_as, places(data, "recovery.log")};
  auto config = primary_->config();
  config.socket_directory = server.places().socket_directory;
  config.cluster_name = cluster_name("recovery-" + uid_);
  config.pg_settings["autovacuum"] = "off";
  config.last_timeline = last_timeline;
  server.start(config);
  server.stop();
  auto const control = server.clean_shutdown();
  if (!control) throw DataPlaneError("PostgreSQL did not shut down cleanly after the recovery");
  tidy_resting_data(data, *control, surroundings_.run_as);
  return control->redo_lsn();
}

void Branch::replace_data(ImageStore::Hold const& image) {
  std::lock_guard nothing_goes{history_mutex_};
  primary_->replace_data("its data are replaced", [&] {
    while_copying(uid_, surroundings_.run_as, [&] { surroundings_.images.replace(uid_, image); });
  });
  trimmed_ = 0;
  history_size_ = 0;
  {
    std::lock_guard lock{image_mutex_};
    image_.reset();
  }
  std::lock_guard lock{size_mutex_};
  size_.reset();
}

void Branch::look_after_history(TimePoint horizon) {
  std::lock_guard nothing_goes{history_mutex_};
  auto& images = surroundings_.images;
  if (removed_ || images.refers(uid_)) return;
  auto const former = images.bases(uid_);
  auto bases = with_new_base(former, horizon);
  // The last one that is older than the window is what the window begins with.
  while (bases.size() > 1 && bases[1].since <= horizon) bases.erase(bases.begin());
  if (bases.empty()) return;
  if (bases != former) images.set_bases(uid_, bases);
  if (trimmed_ < bases.front().lsn) {
    primary_->trim_log(bases.front().lsn, surroundings_.run_as);
    trimmed_ = bases.front().lsn;
  }
  std::int64_t size = 0;
  work_as(surroundings_.run_as, [&] {
    WalLog const log{{own_data() / "pg_wal"}, 1};
    size += static_cast<std::int64_t>(log.end() - log.begin());
    trim_kept_log(images.kept_log(uid_), bases.front().lsn, log.segment_size());
    size += tree_size(images.kept_log(uid_));
  });
  for (auto const& base : bases) size += image_size(base.image);
  history_size_ = size;
}

/// Adds a base of now, if much has been written since the last one: compared with what a base takes, unless the last
/// one is all that keeps the log from being given back.
std::vector<HistoryBase> Branch::with_new_base(std::vector<HistoryBase> bases, TimePoint horizon) {
  std::uint64_t written = 0;
  work_as(surroundings_.run_as, [&] {
    WalLog const log{{own_data() / "pg_wal"}, 1};
    auto const from = bases.empty() ? log.begin() : bases.back().lsn;
    written = log.end() - std::min(log.end(), from);
  });
  bool const is_old = bases.empty() || bases.back().since <= horizon;
  auto const data = static_cast<std::uint64_t>(logical_size().value_or(0));
  if (written < long_log || (!is_old && written < data)) return bases;
  auto const image_and_lsn = image_of_now();
  auto const& image = image_and_lsn.first;
  auto const lsn = parse_lsn(image_and_lsn.second).value_or(0);
  HistoryBase base{image.id(), lsn, surroundings_.time.machine_now()};
  if (!bases.empty()) {
    if (lsn <= bases.back().lsn) return bases;
    auto const last = surroundings_.images.find(bases.back().image);
    auto const timeline = control_file_of((last ? *last : image).data(), surroundings_.run_as).timeline;
    auto folders = surroundings_.images.log_folders(uid_);
    folders.push_back(image.data() / "pg_wal");
    work_as(surroundings_.run_as, [&] {
      WalLog log{std::move(folders), timeline};
      auto const place = log.find(bases.back().lsn, lsn);
      if (place.found || place.lsn >= lsn) base.since = place.committed.value_or(bases.back().since);
    });
  }
  bases.push_back(std::move(base));
  surroundings_.images.set_bases(uid_, bases);
  return bases;
}

std::int64_t Branch::image_size(std::string const& id) {
  if (auto const known = image_sizes_.find(id); known != image_sizes_.end()) return known->second;
  auto const image = surroundings_.images.find(id);
  if (!image) return 0;
  std::int64_t size = 0;
  work_as(surroundings_.run_as, [&] { size = tree_size(image->data()); });
  return image_sizes_[id] = size;
}

}  // namespace lakebase::emulator
