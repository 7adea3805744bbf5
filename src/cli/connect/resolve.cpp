#include "cli/connect/resolve.hpp"

#include <charconv>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/base/failure.hpp"
#include "cli/output/progress.hpp"
#include "cli/session/session.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {
namespace {

/// What can be chosen: what is shown, and what it stands for.
using Choices = std::vector<std::pair<std::string, std::string>>;

std::string choose(Choices const& choices, std::string_view label) {
  if (!is_terminal(Stream::in) || !is_terminal(Stream::error)) {
    throw Failure{fmt::format("there are {} to choose from, and no terminal to ask at: name one on the command line",
                              choices.size())};
  }
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) text += fmt::format("  {}) {}\n", i + 1, choices[i].first);
  write(Stream::error, text);
  while (true) {
    write(Stream::error, fmt::format("{} [1]: ", label));
    auto const entered = read_line();
    if (!entered) throw Failure{"nothing was chosen"};
    if (entered->empty()) return choices[0].second;
    std::size_t number = 0;
    auto const [end, error] = std::from_chars(entered->data(), entered->data() + entered->size(), number);
    if (error == std::errc{} && end == entered->data() + entered->size() && number >= 1 && number <= choices.size()) {
      return choices[number - 1].second;
    }
    say(fmt::format("A number from 1 to {}, please.", choices.size()));
  }
}

/// What a call gives, or its error with what it was for.
template <class Call>
auto attempt(std::string_view what, Call const& call) {
  try {
    return call();
  } catch (Error const& error) {
    throw Failure{fmt::format("failed to {}: {}", what, message_of(error))};
  }
}

std::string last_part(std::string const& name) {
  return name.substr(name.rfind('/') + 1);
}

/// The only one, or the one that is chosen.
std::string only_or_chosen(Choices const& choices, std::string_view none, std::string_view label) {
  if (choices.empty()) throw Failure{std::string{none}};
  return choices.size() == 1 ? choices[0].second : choose(choices, label);
}

std::string display_name(postgres::Project const& project) {
  if (project.status && project.status->display_name && !project.status->display_name->empty()) {
    return *project.status->display_name;
  }
  return last_part(project.name.value_or(""));
}

Choices projects_of(WorkspaceClient const& client) {
  Choices choices;
  for (auto const& project : client.postgres.list_projects()) {
    choices.emplace_back(display_name(project), last_part(project.name.value_or("")));
  }
  return choices;
}

Choices instances_of(WorkspaceClient const& client) {
  Choices choices;
  for (auto const& instance : client.database.list_database_instances())
    choices.emplace_back(instance.name.value_or(""), instance.name.value_or(""));
  return choices;
}

template <class Pager>
Choices ids_in(Pager const& pager) {
  Choices choices;
  for (auto const& item : pager) {
    auto const id = last_part(item.name.value_or(""));
    choices.emplace_back(id, id);
  }
  return choices;
}

std::string chosen_id(std::string_view kind, std::function<Choices()> const& list, std::string_view none) {
  return attempt(fmt::format("select {}", kind), [&] {
    auto const choices = [&] {
      Progress const progress{"loading"};
      return list();
    }();
    return only_or_chosen(choices, none, fmt::format("Select {}", kind));
  });
}

std::string current_user(WorkspaceClient const& client) {
  return attempt("get current user", [&] { return client.current_user.me().user_name.value_or(""); });
}

std::string_view words_for(Enum<postgres::EndpointType> const& type) {
  if (type == postgres::EndpointType::read_write) return "read-write";
  if (type == postgres::EndpointType::read_only) return "read-only";
  return type.wire();
}

postgres::Endpoint find_endpoint(WorkspaceClient const& client, Target& target) {
  auto const& api = client.postgres;
  if (target.project.empty()) {
    target.project = chosen_id(
        "project", [&] { return projects_of(client); }, "no Lakebase Autoscaling projects found in workspace");
  }
  auto const project_name = "projects/" + target.project;
  auto const project = attempt("get project", [&] { return api.get_project(project_name); });
  say("Project: " + display_name(project));
  if (target.branch.empty()) {
    target.branch = chosen_id(
        "branch", [&] { return ids_in(api.list_branches(project_name)); }, "no branches found in project");
  }
  auto const branch_name = project_name + "/branches/" + target.branch;
  attempt("get branch", [&] { return api.get_branch(branch_name); });
  say("Branch: " + target.branch);
  if (target.endpoint.empty()) {
    target.endpoint = chosen_id(
        "endpoint", [&] { return ids_in(api.list_endpoints(branch_name)); }, "no endpoints found in branch");
  }
  auto endpoint =
      attempt("get endpoint", [&] { return api.get_endpoint(branch_name + "/endpoints/" + target.endpoint); });
  say("Endpoint: " + target.endpoint);
  return endpoint;
}

Login log_in_to_endpoint(WorkspaceClient const& client, Target& target) {
  auto const endpoint = find_endpoint(client, target);
  auto user = current_user(client);
  if (!endpoint.status) throw Failure{"endpoint status is not available"};
  auto const& status = *endpoint.status;
  if (!status.hosts || status.hosts->host.value_or("").empty())
    throw Failure{"endpoint host information is not available"};
  auto credential = attempt("get database credentials",
                            [&] { return client.postgres.generate_database_credential(endpoint.name.value_or("")); });
  auto const state = status.current_state.value_or(Enum<postgres::EndpointStatusState>{});
  bool const is_idle = state == postgres::EndpointStatusState::idle;
  if (!is_idle && !(state == postgres::EndpointStatusState::active)) {
    throw Failure{"endpoint is not ready for accepting connections"};
  }
  auto const type = status.endpoint_type.value_or(Enum<postgres::EndpointType>{});
  say(fmt::format("Connecting to {} endpoint{}...", words_for(type), is_idle ? " (idle, waking up)" : ""));
  return {*status.hosts->host, std::move(user), credential.token.value_or("")};
}

Login log_in_to_instance(WorkspaceClient const& client, Target const& target) {
  auto name = target.instance;
  if (name.empty()) {
    // Its error is the list's own.
    Choices choices;
    {
      Progress const progress{"loading"};
      choices = instances_of(client);
    }
    name = only_or_chosen(choices, "no Lakebase Provisioned instances found in workspace", "Select instance");
  }
  auto const instance = attempt("get database instance", [&] { return client.database.get_database_instance(name); });
  say("Instance: " + name);
  auto user = current_user(client);
  using State = database::DatabaseInstanceState;
  auto const state = instance.state.value_or(Enum<State>{});
  if (!(state == State::available)) {
    say(fmt::format("Instance status: {}", state.wire()));
    if (state == State::starting || state == State::updating || state == State::failing_over) {
      say("Please retry when the instance becomes available");
    }
    throw Failure{"database instance is not ready for accepting connections"};
  }
  auto const credential = attempt("get database credentials", [&] {
    return client.database.generate_database_credential({.instance_names = {name}});
  });
  say("Connecting to database instance...");
  return {instance.read_write_dns.value_or(""), std::move(user), credential.token.value_or("")};
}

/// Asks for one of all instances and projects. One of the two lists may fail: a workspace may have one product only.
void choose_any(WorkspaceClient const& client, Target& target) {
  Choices choices;
  std::string failures;
  int failed = 0;
  auto const add = [&](auto const& list, std::string_view kind) {
    try {
      for (auto const& [shown, id] : list(client))
        choices.emplace_back(fmt::format("{} ({})", shown, kind), fmt::format("{}:{}", kind, id));
    } catch (Error const& error) {
      failures += (failures.empty() ? "" : "\n") + message_of(error);
      ++failed;
    }
  };
  {
    Progress const progress{"loading Lakebase databases"};
    add(instances_of, "provisioned");
    add(projects_of, "autoscaling");
  }
  if (failed == 2) throw Failure{"failed to list Lakebase databases: " + failures};
  if (choices.empty()) throw Failure{"no Lakebase databases found in workspace"};
  auto const chosen = choose(choices, "Select database to connect to");
  auto const colon = chosen.find(':');
  bool const provisioned = chosen.starts_with("provisioned");
  target.product = provisioned ? Target::Product::provisioned : Target::Product::autoscaling;
  (provisioned ? target.instance : target.project) = chosen.substr(colon + 1);
}

}  // namespace

Login resolve(WorkspaceClient const& client, Target target) {
  if (target.product == Target::Product::any) choose_any(client, target);
  return target.product == Target::Product::provisioned ? log_in_to_instance(client, target)
                                                        : log_in_to_endpoint(client, target);
}

}  // namespace lakebase::cli
