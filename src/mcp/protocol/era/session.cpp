#include "mcp/protocol/era/session.hpp"

#include <algorithm>

namespace lakebase::mcp {
namespace {

// A client cannot have the server keep any number of names.
constexpr std::size_t most_subscriptions = 1000;

}  // namespace

Session::Session(Json const& params) : version_(text_of(params, "protocolVersion")) {
  if (version_.empty()) throw ProtocolError(Code::invalid_params, "\"initialize\" needs \"protocolVersion\".");
  if (std::find(legacy_versions.begin(), legacy_versions.end(), version_) == legacy_versions.end()) {
    version_ = legacy_versions.front();
  }
  if (auto const& declared = member(params, "capabilities"); declared.is_object()) capabilities_ = declared;
}

Client Session::client() const {
  std::lock_guard const lock{mutex_};
  return {.era = Era::legacy, .version = version_, .capabilities = capabilities_, .log_level = log_level_};
}

void Session::set_log_level(int level) {
  std::lock_guard const lock{mutex_};
  log_level_ = level;
}

std::optional<Json> Session::ask(Outlet& outlet, std::string const& method, Json const& params,
                                 std::stop_token const& stop) {
  std::unique_lock lock{mutex_};
  auto const id = "server-" + std::to_string(++last_id_);
  auto const entry = asked_.emplace(id, nullptr).first;
  lock.unlock();
  outlet.send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
  lock.lock();
  bool const came = responded_.wait(lock, stop, [&] { return !entry->second.is_null(); });
  auto const response = std::move(entry->second);
  asked_.erase(entry);
  if (!came) return std::nullopt;
  if (response.contains("error")) {
    throw ProtocolError(Code::internal_error,
                        "The client refused " + method + ": " + text_of(response["error"], "message"));
  }
  return response["result"];
}

void Session::take_response(Json const& response) {
  auto const& id = response["id"];
  std::lock_guard const lock{mutex_};
  auto const found = id.is_string() ? asked_.find(id.get<std::string>()) : asked_.end();
  if (found == asked_.end() || !found->second.is_null()) return;
  found->second = response;
  responded_.notify_all();
}

void Session::subscribe(std::string const& uri, bool wanted) {
  std::lock_guard const lock{mutex_};
  if (!wanted) {
    subscriptions_.erase(uri);
  } else if (subscriptions_.size() < most_subscriptions) {
    subscriptions_.insert(uri);
  } else {
    throw ProtocolError(Code::invalid_params, "There are too many subscriptions in this session.");
  }
}

bool Session::is_subscribed(std::string const& uri) const {
  std::lock_guard const lock{mutex_};
  return subscriptions_.count(uri) != 0;
}

void Session::set_unsolicited(std::weak_ptr<Outlet> outlet) {
  std::lock_guard const lock{mutex_};
  unsolicited_ = std::move(outlet);
}

void Session::send_unsolicited(Json const& message) {
  std::shared_ptr<Outlet> outlet;
  {
    std::lock_guard const lock{mutex_};
    outlet = unsolicited_.lock();
  }
  if (outlet) outlet->send(message);
}

}  // namespace lakebase::mcp
