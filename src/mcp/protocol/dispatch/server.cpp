#include "mcp/protocol/dispatch/server.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

namespace lakebase::mcp {
namespace {

constexpr std::size_t page_size = 100;
constexpr std::size_t most_completions = 100;

using Offered = bool (*)(Features const&);
bool always(Features const&) {
  return true;
}
bool has_tools(Features const& features) {
  return !features.tools.empty();
}
bool has_resources(Features const& features) {
  return !features.resources.empty() || !features.resource_templates.empty();
}
bool has_prompts(Features const& features) {
  return !features.prompts.empty();
}
bool has_completion(Features const& features) {
  return static_cast<bool>(features.complete);
}
bool has_changes(Features const& features) {
  return features.lists_change || features.resources_change;
}
bool has_changing_resources(Features const& features) {
  return has_resources(features) && features.resources_change;
}

void put_unless_empty(Json& object, char const* name, std::string const& text) {
  if (!text.empty()) object[name] = text;
}

Json shown(Tool const& tool) {
  Json result{{"name", tool.name}, {"description", tool.description}, {"inputSchema", tool.input_schema}};
  put_unless_empty(result, "title", tool.title);
  if (tool.output_schema) result["outputSchema"] = *tool.output_schema;
  if (!tool.annotations.empty()) result["annotations"] = tool.annotations;
  return result;
}

Json shown(Resource const& resource) {
  Json result{{"uri", resource.uri}, {"name", resource.name}};
  put_unless_empty(result, "description", resource.description);
  put_unless_empty(result, "mimeType", resource.mime_type);
  return result;
}

Json shown(ResourceTemplate const& resource) {
  Json result{{"uriTemplate", resource.uri_template}, {"name", resource.name}};
  put_unless_empty(result, "description", resource.description);
  put_unless_empty(result, "mimeType", resource.mime_type);
  return result;
}

Json shown(Prompt const& prompt) {
  Json result{{"name", prompt.name}, {"description", prompt.description}};
  put_unless_empty(result, "title", prompt.title);
  for (auto const& argument : prompt.arguments) {
    Json entry{{"name", argument.name}, {"required", argument.required}};
    put_unless_empty(entry, "description", argument.description);
    result["arguments"].push_back(std::move(entry));
  }
  return result;
}

void set_cache(Json& result, Request const& request, Features const& features) {
  if (request.client.era != Era::modern) return;
  result["ttlMs"] = features.cache_time.count();
  result["cacheScope"] = "private";
}

// A cursor is the place in the list, which does not change while the process lives.
std::size_t place_of(Json const& params, std::size_t size) {
  if (!params.is_object() || !params.contains("cursor")) return 0;
  auto const text = text_of(params, "cursor");
  std::size_t place = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), place);
  if (error != std::errc{} || end != text.data() + text.size() || place >= size) {
    throw ProtocolError(Code::invalid_params, "\"cursor\" is none that was given here.");
  }
  return place;
}

template <class Item>
Json page(char const* name, std::vector<Item> const& items, Request const& request, Features const& features) {
  Json result{{name, Json::array()}};
  auto const begin = place_of(member(request.message, "params"), items.size());
  auto const end = std::min(begin + page_size, items.size());
  for (auto i = begin; i < end; ++i) result[name].push_back(shown(items[i]));
  if (end < items.size()) result["nextCursor"] = std::to_string(end);
  set_cache(result, request, features);
  return result;
}

template <class Item>
Item const* named(std::vector<Item> const& items, std::string const& name) {
  auto const found = std::find_if(items.begin(), items.end(), [&](Item const& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

std::string wanted_text(Json const& params, char const* name) {
  auto text = text_of(params, name);
  if (text.empty()) throw ProtocolError(Code::invalid_params, fmt::format("\"{}\" is missing, or is no text.", name));
  return text;
}

ToolResult run(Tool const& tool, Call& call) {
  try {
    return tool.run(call);
  } catch (ProtocolError const&) {
    throw;
  } catch (std::exception const& error) {
    // A failure ends a wait that was stopped, too.
    if (call.stop().stop_requested()) throw Stopped{};
    return ToolResult::error(error.what());
  }
}

// Of what a client listens to, what is offered.
Json granted_of(Json const& wanted, Features const& features) {
  Json granted = Json::object();
  auto const grant = [&](char const* name, bool offered) {
    if (offered && member(wanted, name) == true) granted[name] = true;
  };
  grant("toolsListChanged", features.lists_change && has_tools(features));
  grant("promptsListChanged", features.lists_change && has_prompts(features));
  grant("resourcesListChanged", features.lists_change && has_resources(features));
  if (auto const& uris = member(wanted, "resourceSubscriptions"); uris.is_array() && has_changing_resources(features)) {
    granted["resourceSubscriptions"] = uris;
  }
  return granted;
}

void wait_for_stop(std::stop_token const& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  static_cast<void>(never.wait(lock, stop, [] { return false; }));
}

}  // namespace

struct Server::Method {
  std::string_view name;
  bool modern;
  bool legacy;
  /// It may take long, or wait for the client.
  bool waits;
  Offered offered;
  Json (Server::*handle)(Call&, Request const&);
};

// `initialize` is not here: it opens the session that legacy requests have.
Server::Method const Server::methods[] = {
    {"server/discover", true, false, false, always, &Server::discover},
    {"ping", false, true, false, always, &Server::nothing},
    {"logging/setLevel", false, true, false, always, &Server::set_level},
    {"resources/subscribe", false, true, false, has_changing_resources, &Server::subscribe},
    {"resources/unsubscribe", false, true, false, has_changing_resources, &Server::subscribe},
    {"subscriptions/listen", true, false, true, has_changes, &Server::listen},
    {"tools/list", true, true, false, has_tools, &Server::list_tools},
    {"tools/call", true, true, true, has_tools, &Server::call_tool},
    {"resources/list", true, true, false, has_resources, &Server::list_resources},
    {"resources/templates/list", true, true, false, has_resources, &Server::list_templates},
    {"resources/read", true, true, true, has_resources, &Server::read_resource},
    {"prompts/list", true, true, false, has_prompts, &Server::list_prompts},
    {"prompts/get", true, true, true, has_prompts, &Server::get_prompt},
    {"completion/complete", true, true, true, has_completion, &Server::complete},
};

Server::Server(Features features) : features_(std::move(features)) {}

bool Server::may_wait(std::string const& method) {
  auto const found =
      std::find_if(std::begin(methods), std::end(methods), [&](auto const& known) { return known.name == method; });
  return found != std::end(methods) && found->waits;
}

Json const& Server::input_schema_of(Json const& message) const {
  static Json const none;
  if (text_of(message, "method") != "tools/call") return none;
  auto const* tool = named(features_.tools, text_of(member(message, "params"), "name"));
  return tool == nullptr ? none : tool->input_schema;
}

std::optional<Json> Server::respond(Request const& request) {
  auto const id = id_of(request.message);
  try {
    auto result = result_of(request);
    if (request.stop.stop_requested()) return std::nullopt;
    if (request.client.era == Era::modern) complete_modern_result(result, server_info());
    return result_message(id, std::move(result));
  } catch (Stopped const&) {
    return std::nullopt;
  } catch (ProtocolError const& error) {
    return error_message(id, error);
  } catch (std::exception const& error) {
    return error_message(id, ProtocolError(Code::internal_error, error.what()));
  }
}

Json Server::result_of(Request const& request) {
  auto const name = text_of(request.message, "method");
  bool const modern = request.client.era == Era::modern;
  for (auto const& method : methods) {
    if (method.name != name || !(modern ? method.modern : method.legacy) || !method.offered(features_)) continue;
    try {
      Call call{request, seal_, std::chrono::system_clock::now()};
      return (this->*method.handle)(call, request);
    } catch (InputRequired& required) {
      return std::move(required.result);
    }
  }
  throw ProtocolError(Code::method_not_found, fmt::format("There is no method \"{}\" here.", name));
}

std::pair<std::shared_ptr<Session>, Json> Server::open(Json const& message) {
  auto const id = id_of(message);
  try {
    auto session = std::make_shared<Session>(member(message, "params"));
    listeners_.add(session);
    Json result{
        {"protocolVersion", session->version()}, {"capabilities", capabilities()}, {"serverInfo", server_info()}};
    put_unless_empty(result, "instructions", features_.instructions);
    return {std::move(session), result_message(id, std::move(result))};
  } catch (ProtocolError const& error) {
    return {nullptr, error_message(id, error)};
  }
}

Json Server::server_info() const {
  return {{"name", features_.name}, {"version", features_.version}};
}

Json Server::capabilities() const {
  Json result{{"logging", Json::object()}};
  Json list = Json::object();
  if (features_.lists_change) list["listChanged"] = true;
  if (has_tools(features_)) result["tools"] = list;
  if (has_prompts(features_)) result["prompts"] = list;
  if (has_resources(features_)) {
    result["resources"] = list;
    if (features_.resources_change) result["resources"]["subscribe"] = true;
  }
  if (has_completion(features_)) result["completions"] = Json::object();
  return result;
}

Json Server::discover(Call&, Request const& request) {
  Json result{{"supportedVersions", modern_versions}, {"capabilities", capabilities()}};
  put_unless_empty(result, "instructions", features_.instructions);
  set_cache(result, request, features_);
  return result;
}

Json Server::nothing(Call&, Request const&) {
  return Json::object();
}

Json Server::set_level(Call& call, Request const& request) {
  request.session->set_log_level(log_level_of(member(call.params(), "level")));
  return Json::object();
}

Json Server::subscribe(Call& call, Request const& request) {
  request.session->subscribe(wanted_text(call.params(), "uri"),
                             text_of(request.message, "method") == "resources/subscribe");
  return Json::object();
}

Json Server::listen(Call& call, Request const& request) {
  auto const& id = request.message["id"];
  auto const& wanted = member(call.params(), "notifications");
  if (!wanted.is_object()) throw ProtocolError(Code::invalid_params, "\"notifications\" says what to listen to.");
  auto const listening = listeners_.add(id, granted_of(wanted, features_), request.outlet);
  wait_for_stop(request.stop);
  throw Stopped{};
}

Json Server::list_tools(Call&, Request const& request) {
  return page("tools", features_.tools, request, features_);
}

Json Server::call_tool(Call& call, Request const&) {
  auto const name = wanted_text(call.params(), "name");
  auto const* tool = named(features_.tools, name);
  if (tool == nullptr) throw ProtocolError(Code::invalid_params, fmt::format("There is no tool \"{}\".", name));
  if (auto const& given = member(call.params(), "arguments"); !given.is_null() && !given.is_object()) {
    throw ProtocolError(Code::invalid_params, "\"arguments\" must be an object.");
  }
  auto result = run(*tool, call);
  Json shown_result{{"content", std::move(result.content)}};
  if (result.structured) shown_result["structuredContent"] = *std::move(result.structured);
  if (result.is_error) shown_result["isError"] = true;
  return shown_result;
}

Json Server::list_resources(Call&, Request const& request) {
  return page("resources", features_.resources, request, features_);
}

Json Server::list_templates(Call&, Request const& request) {
  return page("resourceTemplates", features_.resource_templates, request, features_);
}

Json Server::read_resource(Call& call, Request const& request) {
  auto const uri = wanted_text(call.params(), "uri");
  std::optional<Json> contents;
  for (auto const& resource : features_.resources) {
    if (!contents && resource.uri == uri) contents = resource.read(call, uri);
  }
  for (auto const& resource : features_.resource_templates) {
    if (!contents && matches_template(resource.uri_template, uri)) contents = resource.read(call, uri);
  }
  if (!contents) {
    bool const modern = request.client.era == Era::modern;
    throw ProtocolError(modern ? Code::invalid_params : Code::legacy_resource_not_found, "There is no such resource.",
                        {{"uri", uri}});
  }
  Json result{{"contents", *std::move(contents)}};
  set_cache(result, request, features_);
  return result;
}

Json Server::list_prompts(Call&, Request const& request) {
  return page("prompts", features_.prompts, request, features_);
}

Json Server::get_prompt(Call& call, Request const&) {
  auto const name = wanted_text(call.params(), "name");
  auto const* prompt = named(features_.prompts, name);
  if (prompt == nullptr) throw ProtocolError(Code::invalid_params, fmt::format("There is no prompt \"{}\".", name));
  for (auto const& argument : prompt->arguments) {
    auto const& value = member(call.arguments(), argument.name);
    if (!value.is_string() && (argument.required || !value.is_null())) {
      throw ProtocolError(Code::invalid_params,
                          fmt::format("The argument \"{}\" is missing, or is no text.", argument.name));
    }
  }
  return {{"description", prompt->description}, {"messages", prompt->get(call)}};
}

Json Server::complete(Call& call, Request const&) {
  wanted_text(member(call.params(), "ref"), "type");
  wanted_text(member(call.params(), "argument"), "name");
  auto values = features_.complete(call);
  auto const total = values.size();
  if (total > most_completions) values.resize(most_completions);
  return {{"completion", {{"values", values}, {"total", total}, {"hasMore", total > most_completions}}}};
}

}  // namespace lakebase::mcp
