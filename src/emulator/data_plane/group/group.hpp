#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/computes.hpp"
#include "common/timekeeper.hpp"
#include "data_plane/server/branch.hpp"

namespace lakebase::emulator {

/// The hot standbys of a branch's primary: makes them, replaces those that fail, has commits wait for one of them, and
/// lets one take the primary's place when that fails. Thread-safe.
class Group {
 public:
  struct Parts {
    std::shared_ptr<Branch> branch;
    Timekeeper& time;
    std::function<void(std::string const&)> log;
    /// Called after another one has become the primary, and may take its time.
    std::function<void()> on_succession;
  };

  explicit Group(Parts parts);
  Group(Group const&) = delete;
  Group& operator=(Group const&) = delete;
  ~Group();

  /// Takes the settings of the endpoint, for the primary too.
  void configure(ComputeSettings const& settings);
  /// Starts the primary, and waits until it has all its standbys, for a minute at most.
  void await_all();
  /// Lets a standby take the primary's place, once one is ready. @throws DataPlaneError with 55000 if none is
  void fail_over();
  /// Suspends all of them, until somebody wakes the primary.
  void suspend(char const* reason);
  /// Calls the function while the primary has no standbys. It gets new ones afterwards.
  void without_standbys(std::function<void()> const& work);

  /// The primary first.
  std::vector<ComputeMember> members() const;
  bool lacks_standby() const;
  std::vector<std::shared_ptr<Compute>> standbys() const;
  /// Chooses a standby for the next client, in turn. Waits until there is one, for which it wakes the primary.
  /// @throws DataPlaneError if there is none in time, or there will be none
  std::shared_ptr<Compute> next_reader();
  bool is_standby(Compute const& compute) const;

  /// Watches no more, so that the computes can be closed.
  void halt();
  /// Halts, and removes the standbys.
  void close();

 private:
  struct Member {
    Branch::Member of;
    bool confirms = false;  ///< The primary's commits may wait for it.
    std::chrono::steady_clock::time_point followed = std::chrono::steady_clock::now();
  };
  using Lock = std::unique_lock<std::mutex>;

  std::shared_ptr<Compute> primary() const { return parts_.branch->primary().get(); }
  static bool is_down(Compute const& compute);
  void poke();
  std::optional<TimePoint> next_look();
  void look();
  bool is_awake() const;
  std::optional<TimePoint> next_build();
  void build();
  bool build_one();
  bool forget_unready(std::uint64_t era);
  void outdate();
  bool add(Branch::Member const& member, std::uint64_t era);
  void clear_away();
  void discard(std::shared_ptr<Compute> const& compute);

  // Under `working_`.
  void drop_failed();
  void drop_down_to(std::size_t count);
  void confirm_by(Compute& primary, std::vector<std::string> const& names);
  void synchronise(Compute& primary);
  void restart(Compute& primary);
  bool succeed(char const* reason);
  std::optional<Branch::Member> promote_most_advanced();
  void install(Branch::Member const& successor);

  Parts parts_;
  std::mutex working_;  ///< While one changes who is what.
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  ComputeSettings settings_;
  std::size_t wanted_ = 0;
  bool halted_ = false;
  bool sleeps_ = true;  ///< Until somebody wakes the primary.
  bool news_ = true;
  bool is_confirmed_ = false;      ///< Commits wait for standbys.
  bool may_lose_primary_ = false;  ///< One of these has all that was confirmed.
  std::vector<Member> members_;
  std::shared_ptr<Compute> unready_;               ///< A standby that is being made.
  std::vector<std::shared_ptr<Compute>> leaving_;  ///< Standbys that are to be removed.
  std::vector<std::shared_ptr<Compute>> former_;   ///< Former primaries.
  int primary_number_ = 0;
  int last_number_ = 0;
  std::uint64_t era_ = 0;  ///< Counts what makes a copy that is being made of no use.
  std::size_t turn_ = 0;
  TimePoint next_look_{};
  TimePoint retry_at_{};
  Timekeeper::Entry looking_;
  Timekeeper::Entry building_;
};

}  // namespace lakebase::emulator
