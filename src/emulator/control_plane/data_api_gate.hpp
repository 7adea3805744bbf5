#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "data_api/serve/api.hpp"
#include "http/http_message.hpp"
#include "identity/identity_provider.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Finds whose Data API a request is for, and who sends it. Thread-safe.
class DataApiGate {
 public:
  DataApiGate(Workspace& workspace, IdentityProvider const& identity_provider)
      : workspace_(workspace), identity_provider_(identity_provider) {}

  /// @param address that of the endpoint at which the request has come in
  HttpReply handle(std::string const& address, HttpRequest const& request);
  /// Whether it carries a valid token.
  bool knows(HttpRequest const& request) const;
  /// Whether the state has changed since `follow`.
  bool is_behind() const;
  /// Serves at the addresses that have a Data API, and no longer at those that had one; ends the sessions of those that
  /// are no more.
  /// Requests at work are carried out.
  void follow();

 private:
  using Key = std::pair<std::string, std::string>;
  struct Place;

  Place place_of(std::string const& address, HttpRequest const& request) const;
  std::optional<std::string> role_of(std::string_view authorization) const;
  std::shared_ptr<data_api::DatabaseApi> api_of(Key const& key);

  Workspace& workspace_;
  IdentityProvider const& identity_provider_;
  std::mutex following_;
  mutable std::mutex mutex_;
  /// By the uid of a branch and the name of a database.
  std::map<Key, std::shared_ptr<data_api::DatabaseApi>> apis_;
  /// Of the last `follow`.
  std::shared_ptr<State const> seen_;
  std::set<std::string> addresses_;
};

}  // namespace lakebase::emulator
