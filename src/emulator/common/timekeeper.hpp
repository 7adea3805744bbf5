#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

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
  /// Two runs are at least so far apart, on the machine's clock: a run may leave something due.
  Duration pause = std::chrono::seconds{1};
};

/// The emulator's time: which it is, what becomes due, and moving it ahead.
///
/// One thread looks at what is due, and starts each run on a thread of its own, so that one that takes long keeps none
/// of the others from its turn. Thread-safe.
class Timekeeper {
 public:
  /// @param machine the time without `advance`
  explicit Timekeeper(Clock machine = system_time);
  ~Timekeeper();
  Timekeeper(Timekeeper const&) = delete;
  Timekeeper& operator=(Timekeeper const&) = delete;

  TimePoint now() const { return machine_() + Duration{ahead_.load()}; }
  /// The same as a function; refers to the timekeeper.
  Clock clock() const {
    return [this] { return now(); };
  }
  /// Moves the time ahead. @throws std::invalid_argument for less than nothing: it never goes back
  void advance(Duration duration);

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
  void start(StatePtr const& entry);
  void run(StatePtr const& entry);
  void remove(StatePtr const& entry);

  Clock const machine_;
  std::atomic<Duration::rep> ahead_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<StatePtr> entries_;
  bool news_ = false;
  bool stopping_ = false;
  ElasticPool runs_;
  std::thread watcher_;
};

}  // namespace lakebase::emulator
