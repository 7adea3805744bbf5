#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mcp/protocol/dispatch/seal.hpp"
#include "mcp/protocol/era/era.hpp"
#include "mcp/protocol/era/session.hpp"
#include "mcp/protocol/message/message.hpp"

namespace lakebase::mcp {

/// A request with its way back.
struct Request {
  Json message;
  Client client;
  /// In the legacy era.
  std::shared_ptr<Session> session{};
  std::shared_ptr<Outlet> outlet;
  std::stop_token stop{};
};

/// What a tool wants of the client before it goes on.
struct Question {
  /// The same whenever the tool runs again.
  std::string key;
  /// `elicitation/create`, `sampling/createMessage` or `roots/list`
  std::string method;
  Json params = Json::object();
  /// Whether an response counts only if this very thing was asked for this very call: for confirmations.
  bool bound = false;
};

/// Ends a handler whose request is not waited for any more.
struct Stopped {};

/// Ends a handler that needs responses first; the client calls it again with them.
struct InputRequired {
  Json result;
};

/// A request that a handler of a tool, prompt or resource works on.
class Call {
 public:
  Call(Request const& request, Seal const& seal, Seal::Time now);

  [[nodiscard]] Json const& params() const { return params_; }
  /// Of a tool or a prompt; an empty object if there are none.
  [[nodiscard]] Json const& arguments() const;
  [[nodiscard]] Client const& client() const { return request_.client; }
  /// Ends as soon as nobody waits for the result.
  [[nodiscard]] std::stop_token const& stop() const { return request_.stop; }

  /// Tells how far it is, if the client asked for that. Values that do not grow are left out.
  void progress(double done, std::optional<double> total = {}, std::string const& message = {});
  /// Sends a log message to the client, if it wants those of this level.
  void log(std::string const& level, Json data, std::string const& logger = {});

  [[nodiscard]] bool can_ask(std::string const& method) const { return mcp::can_ask(request_.client, method); }
  /// The client's responses, in the order of what was asked. In the modern era the handler may be left by this and be
  /// run again later: up to here it must do nothing that must not be done twice.
  /// @throws ProtocolError if the client cannot be asked this, or if its response is none
  [[nodiscard]] std::vector<Json> ask(std::vector<Question> const& questions);
  [[nodiscard]] Json ask(Question const& question) { return ask(std::vector{question}).front(); }

 private:
  [[nodiscard]] std::string bound_to() const;
  void read_state();
  [[nodiscard]] Json response_to(Question const& question);

  Request const& request_;
  Seal const& seal_;
  Seal::Time now_;
  Json const& params_;
  Json progress_token_;
  std::optional<double> last_progress_;
  /// What was asked, by its key, and responses that came in earlier rounds.
  Json asked_ = Json::object();
  Json responses_ = Json::object();
};

}  // namespace lakebase::mcp
