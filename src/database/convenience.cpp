#include <lakebase/database/convenience.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include <lakebase/clock.hpp>
#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "call/ensurer.hpp"
#include "call/pace.hpp"
#include "database/instance_state.hpp"
#include "json/operation.hpp"

namespace lakebase {
inline namespace v0 {
namespace database {

namespace {

using std::chrono::nanoseconds;

// For this long the service may not show yet what was asked of it before the wait began.
constexpr nanoseconds longest_wait_for_an_effect = std::chrono::seconds{10};

detail::OperationStatus status_of(DatabaseInstance const& instance, std::string const& name,
                                  DatabaseInstanceState wanted, bool is_settled) {
  auto const why = detail::why_never(instance, wanted);
  bool const is_final = is_settled || instance.state == DatabaseInstanceState::deleting;
  detail::OperationStatus status{.name = name};
  if (!why.empty() && is_final) status = detail::failed_operation(name, "", name + ' ' + why);
  status.done = status.done || instance.state == wanted;
  status.metadata = {to_json(instance)};
  status.response = status.metadata;
  return status;
}

DatabaseInstance set_stopped(DatabaseClient const& client, std::string_view name, bool stopped) {
  return client.update_database_instance(name, {.name = std::string{name}, .stopped = stopped}, "stopped");
}

template <class T>
std::optional<T> either(std::optional<T> const& first, std::optional<T> const& second) {
  return first ? first : second;
}

detail::Differences compare(DatabaseInstance const& wanted, DatabaseInstance const& found) {
  detail::Differences result;
  auto const parent_of = [](DatabaseInstance const& instance) {
    return instance.parent_instance_ref.value_or(DatabaseInstanceRef{}).name;
  };
  result.compare_fixed("parent_instance_ref", parent_of(wanted), parent_of(found));
  result.compare("capacity", wanted.capacity, either(found.capacity, found.effective_capacity));
  result.compare("enable_pg_native_login", wanted.enable_pg_native_login,
                 either(found.effective_enable_pg_native_login, found.enable_pg_native_login));
  result.compare("enable_readable_secondaries", wanted.enable_readable_secondaries,
                 either(found.effective_enable_readable_secondaries, found.enable_readable_secondaries));
  result.compare("node_count", wanted.node_count, either(found.effective_node_count, found.node_count));
  result.compare("retention_window_in_days", wanted.retention_window_in_days,
                 either(found.effective_retention_window_in_days, found.retention_window_in_days));
  result.compare("stopped", wanted.stopped, std::optional{detail::is_to_be_stopped(found)});
  result.compare("usage_policy_id", wanted.usage_policy_id,
                 either(found.effective_usage_policy_id, found.usage_policy_id));
  auto const& tags = found.effective_custom_tags.empty() ? found.custom_tags : found.effective_custom_tags;
  bool const same_tags =
      std::is_permutation(wanted.custom_tags.begin(), wanted.custom_tags.end(), tags.begin(), tags.end());
  if (!wanted.custom_tags.empty() && !same_tags) result.add("custom_tags");
  return result;
}

// Once it has come to rest in the state that it is to have.
DatabaseInstance settled(DatabaseClient const& client, DatabaseInstance instance, DatabaseInstance const& wanted,
                         WaitOptions const& wait) {
  bool const stopped = wanted.stopped.value_or(detail::is_to_be_stopped(instance));
  auto const goal = stopped ? DatabaseInstanceState::stopped : DatabaseInstanceState::available;
  return instance.state == goal ? std::move(instance) : wait_until(client, wanted.name.value_or(""), goal, wait);
}

Ensured<DatabaseInstance> bring_to(DatabaseClient const& client, DatabaseInstance const& wanted,
                                   DatabaseInstance const& found, std::string const& name, WaitOptions const& wait) {
  if (found.state == DatabaseInstanceState::deleting) {
    detail::throw_exists(name, "is being deleted", "Wait until it is gone, then try again.");
  }
  auto const differences = compare(wanted, found);
  detail::require_same_fixed(name, differences);
  auto const mask = differences.mask();
  if (mask.empty()) return {settled(client, found, wanted, wait), EnsureOutcome::unchanged};
  auto changed = client.update_database_instance(name, wanted, mask.to_string());
  return {settled(client, std::move(changed), wanted, wait), EnsureOutcome::updated};
}

bool says_taken(Error const& error) {
  return error.error_code() == "ALREADY_EXISTS" || error.error_code() == "RESOURCE_ALREADY_EXISTS" ||
         detail::contains_ignoring_case(error.message(), "already exists") ||
         detail::contains_ignoring_case(error.message(), "name is not unique");
}

std::string_view without_last_dot(std::string_view host) {
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

}  // namespace

DatabaseInstance wait_until(DatabaseClient const& client, std::string_view name, DatabaseInstanceState state,
                            WaitOptions const& options) {
  auto const wait = detail::merged(options, client.config().wait);
  auto const clock = client.clock();
  auto poll = [client, clock, state, began = clock->now()](std::string const& polled,
                                                           std::optional<nanoseconds> timeout, std::stop_token stop) {
    auto const call = detail::options_of_poll(client.options(), client.config(), timeout, std::move(stop));
    bool const is_settled = clock->now() - began >= longest_wait_for_an_effect;
    return status_of(client.with(call).get_database_instance(polled), polled, state, is_settled);
  };
  // Before the wait, which would take it for a lag of the service that there is no such instance.
  auto first = poll(std::string{name}, wait.timeout, wait.stop);
  detail::OperationHandle const handle{std::move(first),
                                       {.poll = std::move(poll),
                                        .clock = clock,
                                        .gone = "is gone: it was deleted during the wait",
                                        .events = client.config().events}};
  return from_json<DatabaseInstance>(handle.wait(wait).text);
}

DatabaseInstance stop_instance(DatabaseClient const& client, std::string_view name) {
  return set_stopped(client, name, true);
}

DatabaseInstance start_instance(DatabaseClient const& client, std::string_view name) {
  return set_stopped(client, name, false);
}

Ensured<DatabaseInstance> ensure_database_instance(DatabaseClient const& client, DatabaseInstance const& instance,
                                                   EnsureOptions const& options) {
  auto const name = instance.name.value_or("");
  auto const create = [&] {
    auto const operation = client.create_database_instance(instance);
    if (!instance.stopped.value_or(false)) return operation.wait(options.wait);
    return wait_until(client, name, DatabaseInstanceState::stopped, options.wait);
  };
  return detail::Ensurer<DatabaseClient, DatabaseInstance>{
      client,
      {.name = name,
       .get = [&](DatabaseClient const& by) { return by.get_database_instance(name); },
       .create = create,
       .reconcile =
           [&](DatabaseInstance const& found) { return bring_to(client, instance, found, name, options.wait); },
       .says_exists = says_taken},
      options}
      .run();
}

std::optional<DatabaseInstance> find_instance_by_dns(DatabaseClient const& client, std::string_view host) {
  auto const is_wanted = [wanted = without_last_dot(host)](std::optional<std::string> const& dns) {
    return dns && !dns->empty() && detail::equal_ignoring_case(without_last_dot(*dns), wanted);
  };
  for (auto const& instance : client.list_database_instances()) {
    if (is_wanted(instance.read_write_dns) || is_wanted(instance.read_only_dns)) return instance;
  }
  return std::nullopt;
}

DatabaseCatalog register_database(DatabaseClient const& client, std::string_view instance_name,
                                  std::string_view catalog, RegisterDatabaseOptions const& options) {
  return client.create_database_catalog({.name = std::string{catalog},
                                         .database_instance_name = std::string{instance_name},
                                         .database_name = std::string{options.database_name},
                                         .create_database_if_not_exists = options.create_database_if_not_exists});
}

}  // namespace database
}  // namespace v0
}  // namespace lakebase
