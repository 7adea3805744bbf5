#include "data_api/serve/chosen_call.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/ascii.hpp"
#include "common/encoding.hpp"
#include "data_api/grammar/api_error.hpp"
#include "data_api/grammar/parser.hpp"
#include "data_api/serve/payload.hpp"

namespace lakebase::emulator::data_api {
namespace {

std::string shown_call(std::string const& schema, std::string const& name, std::vector<std::string> const& names) {
  return fmt::format("{}.{}{}", schema, name, names.empty() ? "" : fmt::format("({})", fmt::join(names, ", ")));
}

bool takes(Function const& function, std::vector<std::string> const& names) {
  for (auto const& name : names) {
    auto const is_it = [&](Argument const& one) { return one.name == name; };
    if (std::none_of(function.arguments.begin(), function.arguments.end(), is_it)) return false;
  }
  return std::all_of(function.arguments.begin(), function.arguments.end(), [&](Argument const& one) {
    return !one.required || std::find(names.begin(), names.end(), one.name) != names.end();
  });
}

// One argument without a name takes the body as it is, if it is of a type that this can be.
bool takes_raw_body(Function const& function) {
  static std::set<std::string_view> const types{"json", "jsonb", "text", "bytea", "xml"};
  return function.arguments.size() == 1 && function.arguments.front().name.empty() &&
         types.contains(function.arguments.front().type);
}

bool takes_body_of(Function const& function, std::string const& media) {
  static std::set<std::pair<std::string_view, std::string_view>> const types{
      {"application/json", "json"}, {"application/json", "jsonb"}, {"text/plain", "text"},
      {"text/xml", "xml"},          {"application/xml", "xml"},    {"application/octet-stream", "bytea"}};
  return takes_raw_body(function) && types.contains({media, function.arguments.front().type});
}

// Others without names cannot be called.
bool can_be_called(Function const& function) {
  auto const has_name = [](Argument const& one) { return !one.name.empty(); };
  return takes_raw_body(function) || std::all_of(function.arguments.begin(), function.arguments.end(), has_name);
}

// What may have been meant: of this name with its arguments, or of another; empty: nothing.
std::string near_function(Catalog const& catalog, std::string const& schema, std::string const& name) {
  std::vector<std::string> known;
  for (auto const& one : catalog.functions) {
    if (one.schema == schema && can_be_called(one)) known.push_back(one.name);
  }
  auto const near = nearest(name, known);
  if (near != name) return near.empty() ? near : shown_call(schema, near, {});
  std::vector<std::string> arguments;
  for (auto const* const one : catalog.find_functions(schema, name)) {
    if (!arguments.empty() || !can_be_called(*one)) continue;
    for (auto const& argument : one->arguments) arguments.push_back(argument.name);
  }
  return arguments.empty() || arguments.front().empty() ? "" : shown_call(schema, name, arguments);
}

/// @param media of the body; empty: there is none
Function const& choose(Catalog const& catalog, std::string const& schema, std::string const& name,
                       std::vector<std::string> const& names, std::string const& media) {
  std::vector<Function const*> fitting;
  std::vector<Function const*> raw;
  for (auto const* const one : catalog.find_functions(schema, name)) {
    if (!can_be_called(*one)) continue;
    if (takes(*one, names)) fitting.push_back(one);
    if (takes_body_of(*one, media)) raw.push_back(one);
  }
  if (fitting.empty()) fitting = raw;
  if (fitting.size() == 1) return *fitting.front();
  if (fitting.empty()) {
    auto const near = near_function(catalog, schema, name);
    throw ApiError{404, "PGRST202",
                   fmt::format("Could not find the function {} in the schema cache", shown_call(schema, name, names)),
                   fmt::format("Searched for the function {} with these parameters, but no matches were found in the "
                               "schema cache.",
                               shown_call(schema, name, names)),
                   near.empty() ? "" : fmt::format("Perhaps you meant to call the function {}", near)};
  }
  std::set<std::vector<std::string>> signatures;
  for (auto const* const one : fitting) {
    std::vector<std::string> shown;
    for (auto const& argument : one->arguments) shown.push_back(fmt::format("{} => {}", argument.name, argument.type));
    signatures.insert(std::move(shown));
  }
  std::vector<std::string> all;
  for (auto const& one : signatures) all.push_back(fmt::format("{}.{}({})", schema, name, fmt::join(one, ", ")));
  throw ApiError{300,
                 "PGRST203",
                 fmt::format("Could not choose the best candidate function between: {}", fmt::join(all, ", ")),
                 {},
                 "Try renaming the parameters or the function itself in the database so function overloading can be "
                 "resolved"};
}

// Of an argument that is given several times, the last one; but a variadic one takes them all.
void bind(Argument const& argument, std::string const& value, ChosenCall& call) {
  auto const is_bound = [&](BoundArgument const& one) { return one.argument == &argument; };
  auto found = std::find_if(call.arguments.begin(), call.arguments.end(), is_bound);
  if (found == call.arguments.end()) found = call.arguments.insert(found, BoundArgument{&argument, {}});
  found->value = value;
  if (argument.variadic) found->elements.push_back(value);
}

ChosenCall call_by_values(Catalog const& catalog, std::string const& schema, std::string const& name,
                          QueryPairs const& values, std::string const& media) {
  ChosenCall call;
  std::vector<std::string> names;
  for (auto const& [argument, value] : values) {
    if (std::find(names.begin(), names.end(), argument) == names.end()) names.push_back(argument);
  }
  call.function = &choose(catalog, schema, name, names, media);
  for (auto const& [argument, value] : values) {
    for (auto const& one : call.function->arguments) {
      if (one.name == argument) bind(one, value, call);
    }
  }
  return call;
}

// Of a list of objects, the first has the arguments.
std::vector<std::string> argument_names(Json const& body, std::optional<std::vector<std::string>> const& columns) {
  auto const is_object = [](Json const& one) { return one.is_object(); };
  bool const is_list = body.is_array() && std::all_of(body.begin(), body.end(), is_object);
  if (!body.is_object() && !is_list) return {"?"};
  if (columns) return *columns;
  return common_keys(is_list ? body : Json::array({body}));
}

}  // namespace

ChosenCall chosen_call(Catalog const& catalog, std::string const& schema, std::string const& name,
                       HttpRequest const& request, QueryTree const& tree) {
  if (request.method != "POST") return call_by_values(catalog, schema, name, tree.arguments, {});
  auto const type = request.header("content-type");
  auto const media = type.empty() ? "application/json" : to_lower(trimmed(type.substr(0, type.find(';'))));
  if (media == "application/x-www-form-urlencoded") {
    return call_by_values(catalog, schema, name, decoded_pairs(request.body), media);
  }
  std::string body = request.body.empty() ? "{}" : request.body;
  auto const json = media == "application/json" ? parse_json(body) : Json();
  auto const names = argument_names(json, tree.columns);
  ChosenCall call;
  call.function = &choose(catalog, schema, name, names, media);
  if (takes_raw_body(*call.function)) {
    auto const& argument = call.function->arguments.front();
    call.arguments.push_back({&argument, argument.type == "bytea" ? "\\x" + hex(request.body) : request.body});
    return call;
  }
  for (auto const& one : call.function->arguments) {
    if (std::find(names.begin(), names.end(), one.name) != names.end()) call.arguments.push_back({&one, body, true});
  }
  return call;
}

}  // namespace lakebase::emulator::data_api
