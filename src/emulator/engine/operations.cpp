#include "engine/operations.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {
// An operation that nobody polls is shown as done after this time, however many polls are still due.
constexpr Duration longest_unpolled = std::chrono::seconds{60};
constexpr std::string_view part_of_operations = "/operations/";
}

std::string operation_name(std::string_view target, std::string_view id) {
  return fmt::format("{}{}{}", target, part_of_operations, id);
}

std::string target_of_operation(std::string_view operation) {
  return std::string{operation.substr(0, operation.rfind(part_of_operations))};
}

void forget_old(Operations& operations, TimePoint now) {
  using Verdict = Operations::Verdict;
  auto surplus = operations.size() - std::min(operations.size(), most_operations_kept);
  operations.sift([&](OperationRecord const& operation) {
    if (!operation.done) return Verdict::stays;
    bool const is_old = operation.finish_time.value_or(TimePoint{}) + longest_operation_kept <= now;
    if (!is_old && surplus == 0) return Verdict::ends;
    surplus -= std::min<std::size_t>(surplus, 1);
    return Verdict::goes;
  });
}

OperationRecord& running_in(Operations& operations, std::string_view name) {
  auto* const found = operations.find(name);
  if (found == nullptr) throw std::logic_error("an operation is gone before its end");
  return *found;
}

void note_end(OperationRecord& operation, TimePoint now) {
  operation.done = true;
  operation.finish_time = now;
  operation.cleanups.clear();
  operation.removal = nullptr;
}

std::vector<std::string> running(Operations const& operations) {
  std::vector<std::string> names;
  for (auto const& operation : operations) {
    if (!operation.done) names.push_back(operation.name);
  }
  return names;
}

Json operation_json(OperationRecord const& operation, bool done) {
  Json json{{"name", operation.name}, {"metadata", operation.metadata}, {"done", done}};
  if (!done) return json;
  if (operation.error.is_null()) {
    json["response"] = operation.response;
  } else {
    json["error"] = operation.error;
  }
  return json;
}

void Locks::require_free(std::vector<Lock> const& locks) const {
  for (auto const& [key, what] : locks) {
    if (is_free(key)) continue;
    throw aborted(fmt::format("Another operation is running on {}; try again when it is done.", what));
  }
}

void Locks::take(std::vector<Lock> const& locks, std::string const& operation) {
  require_free(locks);
  for (auto const& lock : locks) holders_[lock.key] = operation;
}

bool Polls::shows_done(OperationRecord const& operation, TimePoint now) {
  if (wanted_ == 0) return operation.done;
  bool const is_old = operation.done && operation.finish_time.value_or(TimePoint{}) + longest_unpolled <= now;
  std::lock_guard const lock{mutex_};
  bool const was_polled_enough = counts_[operation.name]++ >= wanted_;
  return operation.done && (is_old || was_polled_enough);
}

void Polls::note_shown_done(std::string const& operation) {
  if (wanted_ == 0) return;
  std::lock_guard const lock{mutex_};
  counts_[operation] = wanted_;
}

void Polls::forget_gone(Operations const& operations) {
  std::lock_guard const lock{mutex_};
  if (counts_.size() <= 2 * most_operations_kept) return;
  std::erase_if(counts_, [&](auto const& count) { return operations.find(count.first) == nullptr; });
}

}  // namespace lakebase::emulator
