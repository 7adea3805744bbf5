#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "mcp/protocol/dispatch/features.hpp"
#include "mcp/protocol/dispatch/listeners.hpp"
#include "mcp/protocol/era/modern.hpp"

namespace lakebase::mcp {

/// Responds to requests, whatever transport brings them. Any thread may use it.
class Server {
 public:
  explicit Server(Features features);

  /// The response to a request; none if it was stopped. Sends to the request's outlet what belongs before it.
  [[nodiscard]] std::optional<Json> respond(Request const& request);
  /// Opens a legacy session by `initialize`; without one if that fails. The response is the second.
  [[nodiscard]] std::pair<std::shared_ptr<Session>, Json> open(Json const& message);

  /// The input schema of the tool that a request calls, or null.
  [[nodiscard]] Json const& input_schema_of(Json const& message) const;
  /// Whether a request may take long, or wait for the client: it is to have a thread of its own.
  [[nodiscard]] static bool may_wait(std::string const& method);

  /// Clients that listen are told.
  void list_changed(std::string const& kind) { listeners_.list_changed(kind); }
  void resource_updated(std::string const& uri) { listeners_.resource_updated(uri); }

 private:
  struct Method;
  static Method const methods[];

  [[nodiscard]] Json result_of(Request const& request);
  [[nodiscard]] Json capabilities() const;
  [[nodiscard]] Json server_info() const;

  [[nodiscard]] Json discover(Call& call, Request const& request);
  [[nodiscard]] Json nothing(Call& call, Request const& request);
  [[nodiscard]] Json set_level(Call& call, Request const& request);
  [[nodiscard]] Json subscribe(Call& call, Request const& request);
  [[nodiscard]] Json listen(Call& call, Request const& request);
  [[nodiscard]] Json list_tools(Call& call, Request const& request);
  [[nodiscard]] Json call_tool(Call& call, Request const& request);
  [[nodiscard]] Json list_resources(Call& call, Request const& request);
  [[nodiscard]] Json list_templates(Call& call, Request const& request);
  [[nodiscard]] Json read_resource(Call& call, Request const& request);
  [[nodiscard]] Json list_prompts(Call& call, Request const& request);
  [[nodiscard]] Json get_prompt(Call& call, Request const& request);
  [[nodiscard]] Json complete(Call& call, Request const& request);

  Features const features_;
  Seal const seal_;
  Listeners listeners_;
};

}  // namespace lakebase::mcp
