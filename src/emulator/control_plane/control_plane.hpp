#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "control_plane/controls.hpp"
#include "http/faults.hpp"
#include "http/http_message.hpp"
#include "identity/identity_provider.hpp"
#include "postgres/credential.hpp"
#include "postgres/resources.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// The control plane of the emulator: handles the HTTP calls of the workspace, and decides on logins.
///
/// Calls go to their resource; `sweep` does what becomes due (expiry, purging).
class ControlPlane {
 public:
  ControlPlane(WorkspaceOptions options, Computes& computes, Clock clock);
  ~ControlPlane();

  /// Recovers what an earlier process left behind, and starts to do once a second what `sweep` does.
  void open();
  /// Waits for running operations; does nothing afterwards.
  void stop();

  HttpReply handle(HttpRequest const& request);
  LoginDecision decide(Login const& login) { return credentials_.decide(login); }
  /// Saves what could not be saved before, attempts failed cleanups again, and does what is due. Failures go to
  /// the log.
  void sweep();

  std::string const& token() const { return workspace_.token(); }
  Controls& controls() { return controls_; }
  void set_base_url(std::string url) { base_url_ = std::move(url); }

 private:
  HttpReply respond(HttpRequest const& request);
  HttpReply respond(HttpRequest const& request, Identity const& caller);
  HttpReply oidc(HttpRequest const& request);
  HttpReply call(HttpRequest const& request, Identity const& caller) const;
  void attempt(std::function<void()> const& work);
  void sweep_resources();
  void clean_up();
  void repeat_until_stopped(std::function<void()> const& work);

  Workspace workspace_;
  IdentityProvider identity_provider_{{workspace_.options().user_name, workspace_.token(),
                                       workspace_.options().service_principals, workspace_.options().groups},
                                      workspace_.mint(),
                                      [this] { return workspace_.now(); }};
  Resources resources_{workspace_};
  Credentials credentials_{workspace_, identity_provider_, resources_.get<Endpoints>()};
  Router router_;
  Faults faults_;
  Controls controls_{workspace_, resources_.get<Endpoints>(), credentials_, faults_};
  std::string base_url_;

  std::mutex sweep_mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread sweeper_;
  /// Apart, because a cleanup may wait for a server, and expiry and purging must not.
  std::thread cleaner_;
};

}  // namespace lakebase::emulator
