#include "cli/tasks/names.hpp"

#include <chrono>
#include <exception>
#include <string_view>

#include <fmt/format.h>

#include "cli/base/words.hpp"
#include "cli/session/session.hpp"
#include "cli/system/cache_posix.hpp"

namespace lakebase::cli {
namespace {

constexpr std::chrono::seconds longest_request{1};
constexpr std::chrono::seconds fresh{60};
/// For no names at all: nothing could be asked, or nothing is there yet.
constexpr std::chrono::seconds fresh_if_empty{5};

template <class Pager>
std::vector<std::string> names_of(Pager const& pager) {
  std::vector<std::string> names;
  for (auto const& item : pager) names.push_back(item.name.value_or(""));
  return names;
}

std::vector<std::string> ask(WorkspaceClient const& client, std::string const& collection) {
  auto const& postgres = client.postgres;
  if (collection == "instances") return names_of(client.database.list_database_instances());
  if (collection == "projects") return names_of(postgres.list_projects());
  auto const parent = collection.substr(0, collection.rfind('/'));
  auto const what = std::string_view{collection}.substr(parent.size() + 1);
  if (what == "branches") return names_of(postgres.list_branches(parent));
  if (what == "endpoints") return names_of(postgres.list_endpoints(parent));
  if (what == "roles") return names_of(postgres.list_roles(parent));
  if (what == "databases") return names_of(postgres.list_databases(parent));
  return {};
}

}  // namespace

std::vector<std::string> names_in(Settings const& settings, std::string const& collection) {
  try {
    auto const client = workspace(settings).with({.timeout = longest_request});
    auto const& config = client.config();
    auto const key = fmt::format("{} {} {} {} {}\n", config.host.value_or(""), config.profile.value_or(""),
                                 config.client_id.value_or(""), config.azure_client_id.value_or(""), collection);
    if (auto const cached = read_cache(key)) {
      auto names = split(cached->text, '\n');
      if (cached->age.count() >= 0 && cached->age < (names.empty() ? fresh_if_empty : fresh)) return names;
    }
    std::vector<std::string> names;
    try {
      names = ask(client, collection);
    } catch (std::exception const&) {  // as if there were none
    }
    std::string text;
    for (auto const& name : names) text += name + '\n';
    write_cache(key, text);
    return names;
  } catch (std::exception const&) {  // there is no workspace to ask
    return {};
  }
}

}  // namespace lakebase::cli
