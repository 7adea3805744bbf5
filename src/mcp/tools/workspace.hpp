#pragma once

#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/wait_options.hpp>
#include <lakebase/workspace_client.hpp>

#include "mcp/protocol/dispatch/features.hpp"
#include "mcp/tools/confirmation.hpp"

namespace lakebase::mcp {

/// What the tools may do, and with which workspace.
struct ToolOptions {
  std::optional<std::string> profile{};
  /// Leaves out all tools that change something.
  bool is_read_only = false;
  /// Whether `query_lakebase` may write.
  bool allows_writes = false;
  /// Whether deletes are asked for.
  bool confirms_deletes = false;
  /// Id of the only project that may be touched; empty: all.
  std::string project{};
  /// Names of the tools to offer; empty: all.
  std::vector<std::string> tools{};
  /// Calls of tools in any minute; 0: no limit.
  int calls_per_minute = 0;
};

/// What a tool cannot do as it was asked to: told to the model as `{"error": …}`.
class Refusal : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The workspace as tools see it. Any thread may use it.
class Workspace {
 public:
  explicit Workspace(ToolOptions options) : options_(std::move(options)) {}

  [[nodiscard]] ToolOptions const& options() const { return options_; }

  /// A client whose calls end with the tool's call. The first one reads the configuration.
  /// @throws ConfigError
  [[nodiscard]] WorkspaceClient client(Call const& call);

  /// The full name of a target: of an empty one, the only project; of a project, its default branch.
  /// @throws Refusal for what may not be touched; Error
  [[nodiscard]] std::string place(Call const& call, std::string_view target);

  /// A session at a target: `projects/p[/branches/b[/endpoints/e]]`, or the name of an instance.
  /// @throws Error
  [[nodiscard]] pq::Connection connect(Call const& call, std::string_view target,
                                       std::optional<std::string> const& database);

  /// How to wait for an operation: the client is told how far it is.
  [[nodiscard]] WaitOptions wait(Call& call, std::string what) const;

  [[nodiscard]] Confirmation& confirmation() { return confirmation_; }

  /// @throws Refusal for what lies outside of the project that the server is confined to
  void require_in_scope(std::string_view project) const;
  void require_instances_in_scope() const;

 private:
  ToolOptions options_;
  std::mutex mutex_;
  std::optional<WorkspaceClient> client_{};
  Confirmation confirmation_;
};

/// None for an empty text, which many clients send for an argument that they leave out.
[[nodiscard]] std::optional<std::string> given(std::optional<std::string> const& text);

/// `projects/shop` and `shop` as `shop`, of a project that may be touched.
/// @throws Refusal, also for the name of something in a project
[[nodiscard]] std::string project_id(Workspace const& workspace, std::string_view name);

/// Text of an optional value, in the service's words.
template <class T>
[[nodiscard]] std::optional<std::string> word(std::optional<Enum<T>> const& value) {
  if (!value) return std::nullopt;
  return std::string{value->wire()};
}

/// A result as JSON and as text; with an `error` in it, a failed one.
[[nodiscard]] ToolResult result_of(Json object);

/// `action`, in lower case. @throws Refusal that lists the valid ones
[[nodiscard]] std::string action_of(std::string_view action, std::string_view valid);

/// An id that becomes a part of a name must not bring further parts along, which would make it a name of something
/// else.
/// @throws BadArgument
void require_id(std::string_view argument, std::string_view id);

/// With `--confirm-deletes`, asks before a delete of `what`: what to respond with instead of it, or nothing if it may
/// be done.
[[nodiscard]] std::optional<ToolResult> asked_before_delete(Workspace& workspace, Call& call, std::string_view what);

/// A tool whose errors are told with what to do about them.
[[nodiscard]] Tool told(Tool tool);

}  // namespace lakebase::mcp
