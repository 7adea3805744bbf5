#include "data_plane/front/client_budget.hpp"

#include <utility>

namespace lakebase::emulator {

std::optional<ClientBudget::Ticket> ClientBudget::enter(std::function<void()> give_way) {
  std::function<void()> replaced;
  Ticket ticket = 0;
  {
    std::lock_guard const lock{mutex_};
    if (open_ >= most_) return std::nullopt;
    if (unknown_.size() >= most_unknown_) replaced = oldest();
    ++open_;
    ticket = ++last_;
    unknown_.emplace(ticket, std::move(give_way));
  }
  if (replaced) replaced();
  return ticket;
}

void ClientBudget::logged_in(Ticket ticket) {
  std::lock_guard const lock{mutex_};
  unknown_.erase(ticket);
}

void ClientBudget::leave(Ticket ticket) {
  std::lock_guard const lock{mutex_};
  unknown_.erase(ticket);
  --open_;
}

void ClientBudget::make_room() {
  std::function<void()> replaced;
  {
    std::lock_guard const lock{mutex_};
    replaced = oldest();
  }
  if (replaced) replaced();
}

// Under the lock.
std::function<void()> ClientBudget::oldest() {
  if (unknown_.empty()) return {};
  auto const first = unknown_.begin();
  auto give_way = std::move(first->second);
  unknown_.erase(first);
  return give_way;
}

}  // namespace lakebase::emulator
