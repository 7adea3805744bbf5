#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace lakebase::emulator {

/// Limits the clients of all fronts of a data plane, and separately those that have not logged in: if there are too
/// many of these, the oldest one is dropped, so that clients that connect and send nothing keep nobody out.
/// Thread-safe.
class ClientBudget {
 public:
  using Ticket = std::uint64_t;

  ClientBudget(std::size_t most, std::size_t most_unknown) : most_(most), most_unknown_(most_unknown) {}

  /// Admits a client. None: there are too many.
  /// @param give_way drops the client; called from other threads, until it has logged in or left
  std::optional<Ticket> enter(std::function<void()> give_way);
  void logged_in(Ticket ticket);
  void leave(Ticket ticket);
  /// Drops the oldest client that has not logged in.
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
