#pragma once

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "common/timekeeper.hpp"
#include "control_plane/controls.hpp"
#include "control_plane/data_api_gate.hpp"
#include "database/database_service.hpp"
#include "database/instance_permissions.hpp"
#include "http/faults.hpp"
#include "http/http_message.hpp"
#include "identity/identity_provider.hpp"
#include "postgres/credential.hpp"
#include "postgres/permissions.hpp"
#include "postgres/resources.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// The control plane of the emulator: handles the HTTP calls of the workspace, and decides on logins.
///
/// Calls go to their resource; what becomes due (expiry, purging, cleanups) is in the list of the timekeeper.
class ControlPlane {
 public:
  ControlPlane(WorkspaceOptions options, Computes& computes, Timekeeper& time);
  ~ControlPlane();

  /// Recovers what an earlier process left behind, and from now on does what becomes due.
  void open();
  /// Waits for running operations; does nothing afterwards.
  void stop();

  HttpReply handle(HttpRequest const& request);
  /// The same of what comes in at the address of an endpoint, for a Data API.
  HttpReply handle_data_api(std::string const& address, HttpRequest const& request);
  LoginDecision decide(Login const& login) { return credentials_.decide(login); }
  /// How long the past of a branch is kept; of one that is not known, longest.
  Duration retention_of(std::string_view branch_uid) const;
  /// Does in this thread what is due: saves what could not be saved before, expires and purges, and attempts failed
  /// cleanups again. Failures go to the log.
  void sweep();

  std::string const& token() const { return workspace_.token(); }
  Controls& controls() { return controls_; }
  void set_base_url(std::string url) { base_url_ = std::move(url); }

 private:
  HttpReply respond(HttpRequest const& request);
  HttpReply respond(HttpRequest const& request, Identity const& caller);
  HttpReply oidc(HttpRequest const& request);
  HttpReply call(HttpRequest const& request, Identity const& caller) const;
  std::vector<Due> what_becomes_due();
  std::optional<TimePoint> next_of_resources() const;
  void log_failure(std::exception const& error) const;

  Timekeeper& time_;
  Workspace workspace_;
  IdentityProvider identity_provider_{{workspace_.options().user_name, workspace_.token(),
                                       workspace_.options().service_principals, workspace_.options().groups},
                                      workspace_.mint(),
                                      [this] { return workspace_.now(); }};
  Resources resources_{workspace_};
  Permissions permissions_{workspace_, {instances_scope()}};
  Credentials credentials_{workspace_, identity_provider_, resources_.get<Endpoints>(),
                           resources_.get<Roles>().sql_roles()};
  DataApiGate data_api_{workspace_, identity_provider_};
  DatabaseService database_{workspace_, resources_, credentials_};
  Router router_;
  Faults faults_;
  Controls controls_{
      workspace_, resources_.get<Branches>(), resources_.get<Endpoints>(), database_.instances(), credentials_, faults_,
      time_};
  std::string base_url_;
  std::vector<Timekeeper::Entry> due_;
};

}  // namespace lakebase::emulator
