#include <lakebase/pq/listener.hpp>

#include <utility>

#include "pq/listener/core.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

// PostgreSQL cuts longer identifiers short.
constexpr std::size_t longest_channel = 63;

void check_channel(std::string_view channel) {
  if (channel.empty()) throw InvalidArgument("the name of a channel is empty");
  if (channel.size() > longest_channel) {
    throw InvalidArgument("the name of a channel has " + std::to_string(channel.size()) +
                          " bytes; PostgreSQL takes no more than 63");
  }
  if (channel.find('\0') != std::string_view::npos) throw InvalidArgument("a NUL character in the name of a channel");
}

detail::ListenerCore& still_there(std::unique_ptr<detail::ListenerCore> const& core) {
  if (!core) throw InvalidArgument("the listener was moved from");
  return *core;
}

}  // namespace

Listener::Listener(ConnectionSource source, ListenerOptions options)
    : core_(std::make_unique<detail::ListenerCore>(std::move(source), std::move(options))) {}
Listener::~Listener() = default;
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;

void Listener::listen(std::string_view channel, StatementOptions const& options) {
  check_channel(channel);
  still_there(core_).listen(channel, options);
}

void Listener::unlisten(std::string_view channel, StatementOptions const& options) {
  still_there(core_).unlisten(channel, options);
}

std::vector<std::string> Listener::channels() const {
  auto const& all = still_there(core_).channels();
  return {all.begin(), all.end()};
}

std::optional<Heard> Listener::next(StatementOptions const& options) {
  return still_there(core_).next(options);
}

std::optional<Heard> Listener::next_until_stopped(std::stop_token const& stop) {
  auto& core = still_there(core_);
  if (stop.stop_requested() || core.channels().empty()) return std::nullopt;
  try {
    return core.next({.stop = stop});
  } catch (Cancelled const&) {
    return std::nullopt;
  }
}

ListenerState Listener::state() const noexcept {
  return core_ ? core_->state() : ListenerState::idle;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
