#include "tools/find.hpp"

#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "tools/errors.hpp"

namespace lakebase::tools {
namespace {

using Choices = std::vector<Choice>;

std::string choose(Guide const& guide, std::string_view kind, std::function<Choices()> const& list,
                   std::string_view none) {
  if (guide.choose) return guide.choose(kind, list, none);
  auto const choices = attempt(fmt::format("list each {}", kind), list);
  if (choices.empty()) throw InvalidArgument{std::string{none}};
  if (choices.size() == 1) return choices[0].id;
  std::string names;
  for (auto const& choice : choices) names += (names.empty() ? "" : ", ") + choice.id;
  throw InvalidArgument{fmt::format("there is more than one {}, name one of them: {}", kind, names)};
}

void tell(Guide const& guide, std::string const& line) {
  if (guide.found) guide.found(line);
}

template <class Pager>
Choices ids_in(Pager const& pager) {
  Choices choices;
  for (auto const& item : pager) {
    auto const id = id_of(item.name.value_or(""));
    choices.push_back({id, id});
  }
  return choices;
}

std::string current_user(WorkspaceClient const& client) {
  return attempt("get current user", [&] { return client.current_user.me().user_name.value_or(""); });
}

std::string_view words_for(Enum<postgres::EndpointType> const& type) {
  if (type == postgres::EndpointType::read_write) return "read-write";
  if (type == postgres::EndpointType::read_only) return "read-only";
  return type.wire();
}

Login log_in_to_endpoint(WorkspaceClient const& client, Target& target, Guide const& guide) {
  auto const endpoint = find_endpoint(client, target, guide);
  auto user = current_user(client);
  if (!endpoint.status) throw Error{"endpoint status is not available"};
  auto const& status = *endpoint.status;
  if (!status.hosts || status.hosts->host.value_or("").empty()) {
    throw Error{"endpoint host information is not available"};
  }
  auto credential = attempt("get database credentials",
                            [&] { return client.postgres.generate_database_credential(endpoint.name.value_or("")); });
  auto const state = status.current_state.value_or(Enum<postgres::EndpointStatusState>{});
  bool const is_idle = state == postgres::EndpointStatusState::idle;
  if (!is_idle && !(state == postgres::EndpointStatusState::active)) {
    throw Error{"endpoint is not ready for accepting connections"};
  }
  auto const type = status.endpoint_type.value_or(Enum<postgres::EndpointType>{});
  tell(guide, fmt::format("Connecting to {} endpoint{}...", words_for(type), is_idle ? " (idle, waking up)" : ""));
  return {*status.hosts->host, std::move(user), credential.token.value_or("")};
}

Login log_in_to_instance(WorkspaceClient const& client, Target& target, Guide const& guide) {
  if (target.instance.empty()) {
    target.instance = choose(
        guide, "instance", [&] { return instances_of(client); },
        "no Lakebase Provisioned instances found in workspace");
  }
  auto const& name = target.instance;
  auto const instance = attempt("get database instance", [&] { return client.database.get_database_instance(name); });
  tell(guide, "Instance: " + name);
  auto user = current_user(client);
  using State = database::DatabaseInstanceState;
  auto const state = instance.state.value_or(Enum<State>{});
  if (!(state == State::available)) {
    tell(guide, fmt::format("Instance status: {}", state.wire()));
    if (state == State::starting || state == State::updating || state == State::failing_over) {
      tell(guide, "Please retry when the instance becomes available");
    }
    throw Error{"database instance is not ready for accepting connections"};
  }
  auto const credential = attempt("get database credentials", [&] {
    return client.database.generate_database_credential({.instance_names = {name}});
  });
  tell(guide, "Connecting to database instance...");
  return {instance.read_write_dns.value_or(""), std::move(user), credential.token.value_or("")};
}

}  // namespace

std::string display_name(postgres::Project const& project) {
  if (project.status && project.status->display_name && !project.status->display_name->empty()) {
    return *project.status->display_name;
  }
  return id_of(project.name.value_or(""));
}

std::vector<Choice> projects_of(WorkspaceClient const& client) {
  Choices choices;
  for (auto const& project : client.postgres.list_projects()) {
    choices.push_back({display_name(project), id_of(project.name.value_or(""))});
  }
  return choices;
}

std::vector<Choice> instances_of(WorkspaceClient const& client) {
  Choices choices;
  for (auto const& instance : client.database.list_database_instances()) {
    choices.push_back({instance.name.value_or(""), instance.name.value_or("")});
  }
  return choices;
}

void find_project(WorkspaceClient const& client, Target& target, Guide const& guide) {
  if (!target.project.empty()) return;
  target.product = Target::Product::autoscaling;
  target.project = choose(
      guide, "project", [&] { return projects_of(client); }, "no Lakebase Autoscaling projects found in workspace");
}

void find_default_branch(WorkspaceClient const& client, Target& target) {
  if (!target.branch.empty()) return;
  auto const project = client.postgres.get_project("projects/" + target.project);
  if (project.status) target.branch = id_of(project.status->default_branch.value_or(""));
}

postgres::Endpoint find_endpoint(WorkspaceClient const& client, Target& target, Guide const& guide) {
  auto const& api = client.postgres;
  find_project(client, target, guide);
  auto const project_name = "projects/" + target.project;
  auto const project = attempt("get project", [&] { return api.get_project(project_name); });
  tell(guide, "Project: " + display_name(project));
  if (target.branch.empty()) {
    target.branch = choose(
        guide, "branch", [&] { return ids_in(api.list_branches(project_name)); }, "no branches found in project");
  }
  auto const branch_name = project_name + "/branches/" + target.branch;
  attempt("get branch", [&] { return api.get_branch(branch_name); });
  tell(guide, "Branch: " + target.branch);
  if (target.endpoint.empty()) {
    target.endpoint = choose(
        guide, "endpoint", [&] { return ids_in(api.list_endpoints(branch_name)); }, "no endpoints found in branch");
  }
  auto endpoint =
      attempt("get endpoint", [&] { return api.get_endpoint(branch_name + "/endpoints/" + target.endpoint); });
  tell(guide, "Endpoint: " + target.endpoint);
  return endpoint;
}

Login log_in(WorkspaceClient const& client, Target target, Guide const& guide) {
  return target.product == Target::Product::provisioned ? log_in_to_instance(client, target, guide)
                                                        : log_in_to_endpoint(client, target, guide);
}

}  // namespace lakebase::tools
