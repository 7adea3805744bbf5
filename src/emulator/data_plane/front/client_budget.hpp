#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace lakebase::emulator {

/// How many clients the fronts of a data plane take. Of those that have not logged in there may be a part of them only:
/// where there are more, the one that is here for the longest gives way, so that clients that connect and say nothing
/// keep nobody out. Thread-safe.
class ClientBudget {
 public:
  using Ticket = std::uint64_t;

  ClientBudget(std::size_t most, std::size_t most_unknown) : most_(most), most_unknown_(most_unknown) {}

  /// Takes a client in. None: there are too many.
  /// @param give_way hangs up on it; called from other threads, until it has logged in or left
  std::optional<Ticket> enter(std::function<void()> give_way);
  void logged_in(Ticket ticket);
  void leave(Ticket ticket);
  /// Has the client give way that is here for the longest without having logged in.
  void make_room();

 private:
  std::function<void()> oldest();

  std::size_t const most_;
  std::size_t const most_unknown_;
  std::mutex mutex_;
  Ticket last_ = 0;
  std::size_t open_ = 0;
  std::map<Ticket, std::function<void()>> unknown_;
};

}  // namespace lakebase::emulator
