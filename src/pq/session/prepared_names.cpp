#include "pq/session/prepared_names.hpp"

#include <cstddef>
#include <iterator>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

// Programs that generate names all the time also drop them; the texts must not pile up here.
constexpr std::size_t most_names = 1000;

}  // namespace

PreparedNames::Entry* PreparedNames::find(std::string const& name) {
  auto const found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

void PreparedNames::set(std::string const& name, std::string text, State state) {
  if (name.empty()) return;
  entries_.insert_or_assign(name, Entry{std::move(text), state});
  if (entries_.size() > most_names) forget_gone();
}

void PreparedNames::forget_gone() {
  std::erase_if(entries_, [](auto const& entry) { return entry.second.state != State::ready; });
}

void PreparedNames::doubt_all() noexcept {
  replace_states(State::doubtful);
}

void PreparedNames::note_drop(std::string_view command_tag) noexcept {
  if (command_tag == "DISCARD ALL" || command_tag == "DEALLOCATE ALL") replace_states(State::gone);
  if (command_tag == "DEALLOCATE") replace_states(State::doubtful);  // one of them, but not which
}

void PreparedNames::replace_states(State to) noexcept {
  for (auto& [name, entry] : entries_) {
    if (to == State::gone || entry.state == State::ready) entry.state = to;
  }
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
