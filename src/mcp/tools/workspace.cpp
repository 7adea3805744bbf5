#include "mcp/tools/workspace.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/error.hpp>
#include <lakebase/version.hpp>

#include "base/ascii.hpp"
#include "tools/doctor.hpp"
#include "tools/errors.hpp"
#include "tools/find.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

constexpr auto limit_of_call = std::chrono::seconds{60};
constexpr std::string_view read_only_transaction = "25006";
constexpr char const* where_names_are =
    "Check the name: manage_lakebase_database shows with the action list which databases there are, and with get the "
    "branches and endpoints of a project.";

/// A sentence that says what was wrong, and one that says what to do.
std::string sentence_of(Error const& error) {
  if (auto const* const refused = dynamic_cast<pq::PgError const*>(&error)) {
    auto const remedy = refused->sqlstate() == read_only_transaction
                            ? "This tool only reads: to change something, use try_lakebase_change."
                            : error.hint();
    return fmt::format("{}: {}{}{}", refused->sqlstate(), error.message(), remedy.empty() ? "" : ". ", remedy);
  }
  auto const* const of_service = dynamic_cast<ApiError const*>(&error);
  bool const is_of_settings = dynamic_cast<ConfigError const*>(&error) != nullptr;
  // The hint of an error of the settings is its remedy, and is told once.
  auto message = is_of_settings ? std::string{error.message()} : tools::message_of(error);
  if (message.starts_with("failed ")) message[0] = 'F';
  bool const is_of_workspace = is_of_settings || of_service != nullptr ||
                               dynamic_cast<AuthError const*>(&error) != nullptr ||
                               dynamic_cast<TransportError const*>(&error) != nullptr;
  if (!is_of_workspace) return message;
  if (!message.empty() && message.back() != '.') message += '.';
  if (of_service != nullptr && of_service->http_status() == 404) return fmt::format("{} {}", message, where_names_are);
  return fmt::format("{} {}", message, tools::remedy_for(is_of_settings ? "settings" : "project", error));
}

}  // namespace

WorkspaceClient Workspace::client(Call const& call) {
  std::lock_guard const lock{mutex_};
  if (!client_) {
    Config config;
    config.profile = options_.profile;
    config.product = "lakebase-mcp";
    config.product_version = LAKEBASE_VERSION;
    client_.emplace(config);
  }
  return client_->with({.timeout = limit_of_call, .stop = call.stop()});
}

std::string Workspace::place(Call const& call, std::string_view target) {
  auto found = tools::parse_target(target);
  if (found.product == tools::Target::Product::provisioned) {
    require_instances_in_scope();
    return found.instance;
  }
  auto const w = client(call);
  if (found.project.empty()) found.project = options_.project;
  tools::find_project(w, found);
  require_in_scope(found.project);
  tools::find_default_branch(w, found);
  found.product = tools::Target::Product::autoscaling;
  return tools::name_of(found);
}

pq::Connection Workspace::connect(Call const& call, std::string_view target,
                                  std::optional<std::string> const& database) {
  auto const name = place(call, target);
  return pq::connect(pq::source_for(client(call), name, {.dbname = given(database)}), {.stop = call.stop()});
}

std::optional<std::string> given(std::optional<std::string> const& text) {
  return text.value_or("").empty() ? std::nullopt : text;
}

WaitOptions Workspace::wait(Call& call, std::string what) const {
  // What ends before the first poll is told of, too.
  call.progress(0, {}, what + ": started");
  WaitOptions options;
  options.stop = call.stop();
  options.on_poll = [&call, what = std::move(what)](OperationProgress const& progress) {
    auto const seconds = std::chrono::duration<double>{progress.elapsed}.count();
    auto const phase = progress.done ? "done" : "running";
    call.progress(seconds, {}, fmt::format("{}: {}, {:.1f} s", what, phase, seconds));
  };
  return options;
}

void Workspace::require_in_scope(std::string_view project) const {
  if (options_.project.empty() || options_.project == project) return;
  throw Refusal{
      fmt::format("This server is confined to the project '{}' and does not touch '{}'.", options_.project, project)};
}

void Workspace::require_instances_in_scope() const {
  if (options_.project.empty()) return;
  throw Refusal{fmt::format("This server is confined to the project '{}' and does not touch database instances.",
                            options_.project)};
}

std::string project_id(Workspace const& workspace, std::string_view name) {
  auto const target = tools::parse_target(tools::is_path(name) ? std::string{name} : fmt::format("projects/{}", name));
  workspace.require_in_scope(target.project);
  if (!target.branch.empty()) {
    throw Refusal{
        fmt::format("'{}' is in a project, and is none: a project is named projects/{}.", name, target.project)};
  }
  return target.project;
}

void require_id(std::string_view argument, std::string_view id) {
  if (id.find('/') == std::string_view::npos) return;
  throw BadArgument(fmt::format("{} must be an id alone, without '/', and not '{}'", argument, id));
}

ToolResult result_of(Json object) {
  bool const failed = object.contains("error") && text_of(object, "status") != "NO_CHANGES";
  auto result = ToolResult::of(std::move(object));
  result.is_error = failed;
  return result;
}

std::string action_of(std::string_view action, std::string_view valid) {
  auto result = detail::lower(action);
  std::string_view rest = valid;
  while (!rest.empty()) {
    auto const end = std::min(rest.find(", "), rest.size());
    if (rest.substr(0, end) == result) return result;
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  throw Refusal{fmt::format("Invalid action '{}'. Valid actions: {}", action, valid)};
}

std::optional<ToolResult> asked_before_delete(Workspace& workspace, Call& call, std::string_view what) {
  if (!workspace.options().confirms_deletes) return std::nullopt;
  auto instead = workspace.confirmation().ask(call, fmt::format("Delete {}?", what));
  if (!instead) return std::nullopt;
  return result_of(*std::move(instead));
}

Tool told(Tool tool) {
  tool.run = [run = std::move(tool.run)](Call& call) {
    try {
      return run(call);
    } catch (Refusal const& refusal) {
      return result_of({{"error", refusal.what()}});
    } catch (BadArgument const& error) {
      return result_of({{"error", fmt::format("{}.", error.what())}});
    } catch (Error const& error) {
      if (call.stop().stop_requested()) throw Stopped{};
      return result_of({{"error", sentence_of(error)}});
    }
  };
  return tool;
}

}  // namespace lakebase::mcp
