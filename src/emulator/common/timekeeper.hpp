#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "common/elastic_pool.hpp"
#include "common/time.hpp"

namespace lakebase::emulator {

/// Something that becomes due, again and again.
struct Due {
  /// When; none: not until something changes. Called often, and never under a lock of the timekeeper.
  std::function<std::optional<TimePoint>()> next;
  /// Does it, if it is still due. May take long, and throw, which `failed` gets.
  std::function<void()> run;
  std::function<void(std::exception const&)> failed{};
  /// Two runs for one moment are at least so far apart, on the machine's clock: a run may leave something due. What is
  /// attempted again until it succeeds has one and the same moment for all attempts.
  Duration pause = std::chrono::seconds{1};
  /// Whether something that runs have started goes on.
  std::function<bool()> busy{};
  /// Whether it looks now and then at what nothing that becomes due changes, such as a file or a server's log:
  /// `advance` does not step to its moments.
  bool looks_outside = false;
};

/// A move of the time ahead.
struct Jump {
  TimePoint machine;  ///< When, on the machine's clock.
  Duration ahead{};   ///< How far the emulator's time is ahead of that since then.

  friend bool operator==(Jump const&, Jump const&) = default;
};

/// The emulator's time: which it is, what becomes due, and moving it ahead.
///
/// One thread looks at what is due, and starts each run on a thread of its own, so that one that takes long keeps none
/// of the others from its turn. Thread-safe.
class Timekeeper {
 public:
  /// @param machine the time without `advance`
  /// @param earlier those of earlier runs, the oldest first
  /// @param keep gets all of them before the time moves, for the next run. If it throws, the time does not move
  explicit Timekeeper(Clock machine = system_time, std::vector<Jump> earlier = {},
                      std::function<void(std::vector<Jump> const&)> keep = nullptr);
  ~Timekeeper();
  Timekeeper(Timekeeper const&) = delete;
  Timekeeper& operator=(Timekeeper const&) = delete;

  TimePoint now() const {
    auto const moment = moment_.load();
    return moment == flows ? machine_() + ahead() : TimePoint{Duration{moment}};
  }
  /// The same as a function; refers to the timekeeper.
  Clock clock() const {
    return [this] { return now(); };
  }
  /// By how much it has been moved.
  Duration ahead() const { return Duration{ahead_.load()}; }
  /// Moves the time ahead, from one moment at which something is due to the next, and does that, so that each run sees
  /// the moment at which it was due: the time stands still meanwhile.
  /// @param patience for how long it waits at one moment. Then it goes to the end at once, and the rest is done late
  /// @return whether all that became due has been done
  /// @throws std::invalid_argument for less than nothing, which would go back, and beyond the year 2100
  bool advance(Duration duration, Duration patience = std::chrono::seconds{30});
  /// Ends the waiting of all calls of `advance`, now and later.
  void hurry();
  /// What the machine's clock showed at a moment of the emulator's time; if that was jumped over, at the jump.
  TimePoint machine_time(TimePoint time) const;
  /// The emulator's time when the machine's clock showed this.
  TimePoint time_of(TimePoint machine) const;
  TimePoint machine_now() const { return machine_(); }

  /// Keeps something in the list of what becomes due. Its end waits for a run that is under way.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& other) noexcept = default;
    Entry& operator=(Entry&& other) noexcept;
    ~Entry() { remove(); }
    void remove();

   private:
    friend class Timekeeper;
    struct State;
    Entry(Timekeeper& timekeeper, std::shared_ptr<State> state) : timekeeper_(&timekeeper), state_(std::move(state)) {}
    Timekeeper* timekeeper_ = nullptr;
    std::shared_ptr<State> state_;
  };
  [[nodiscard]] Entry add(Due due);
  /// Tells that something may be due earlier than before. Without it, that is noticed within a second.
  void poke();

 private:
  using Lock = std::unique_lock<std::mutex>;
  using StatePtr = std::shared_ptr<Entry::State>;

  void watch();
  Duration look_at_all(Lock& lock);
  Duration look_at(StatePtr const& entry, Lock& lock);
  std::optional<TimePoint> moment_of(StatePtr const& entry, Lock& lock);
  void start(StatePtr const& entry, TimePoint moment);
  void run(StatePtr const& entry);
  void leave(StatePtr const& entry);
  void remove(StatePtr const& entry);

  void note_jump(Jump const& jump);

  struct Prospect;
  Prospect look_ahead(Lock& lock);
  bool is_busy(Lock& lock);
  std::optional<Prospect> settle(Lock& lock, Duration patience);
  bool step_to(TimePoint end, Duration patience);

  /// Instead of a moment at which the time stands still.
  static constexpr Duration::rep flows = std::numeric_limits<Duration::rep>::min();

  Clock const machine_;
  std::function<void(std::vector<Jump> const&)> const keep_;
  mutable std::mutex jumps_mutex_;
  std::vector<Jump> jumps_;
  std::atomic<Duration::rep> ahead_;
  std::atomic<Duration::rep> moment_{flows};
  std::mutex advancing_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<StatePtr> entries_;
  bool news_ = false;
  bool stopping_ = false;
  bool hurried_ = false;
  std::uint64_t runs_ended_ = 0;
  ElasticPool runs_;
  std::thread watcher_;
};

}  // namespace lakebase::emulator
