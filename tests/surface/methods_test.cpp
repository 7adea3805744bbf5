// Every method of a service's manifest is in the code, with the same verb, path, query names, body, arguments and
// results. Each is called with distinct arguments over a scripted transport, and what it sends is compared with what
// the manifest says, expanded with the same arguments. (That the client has no methods beyond these is for
// compare_surface_test.py to tell, which reads the headers: C++ cannot list them.)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/time.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"
#include "surface/arguments.hpp"
#include "surface/fill.hpp"
#include "surface/report.hpp"
#include "surface/service.hpp"

namespace lakebase::tests {
namespace {

using nlohmann::ordered_json;

std::string encoded(std::string_view text, bool keep_slashes = false) {
  std::string result;
  for (char const c : text) result += c == '/' && !keep_slashes ? "%2F" : c == ',' ? "%2C" : std::string{c};
  return result;
}

// What one call did.
struct Call {
  std::vector<HttpRequest> requests;
  std::size_t items = 0;
};

std::string pascal_case(std::string_view snake) {
  std::string result;
  bool upper = true;
  for (char const c : snake) {
    if (c != '_') result += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return result;
}

ordered_json const& parameter_of(ordered_json const& method, std::string const& name) {
  for (auto const& parameter : method.at("params")) {
    if (parameter.at("name") == name) return parameter;
  }
  throw std::runtime_error("the manifest has no parameter " + name);
}

// What the argument of a parameter is in JSON.
ordered_json argument(Service const& service, ordered_json const& method, ordered_json const& parameter) {
  auto const name = parameter.at("name").get<std::string>();
  if (service.argument != nullptr) {
    if (auto own = service.argument(method, name); !own.is_null()) return own;
  }
  auto const type = parameter.at("type").get<std::string>();
  if (type == "str") return text(name);
  if (type == "int") return number(name);
  if (type == "bool") return flag(name);
  if (type == "FieldMask") return mask().to_string();
  if (type == "Timestamp") return filled<Timestamp>().to_string();
  if (type == "Duration") return filled<Duration>().to_string();
  if (type == "List[str]") return ordered_json::array({text(name)});
  if (type.starts_with("List[")) return ordered_json::array({service.filled_model(type.substr(5, type.size() - 6))});
  return service.filled_model(type);
}

std::string argument_text(Service const& service, ordered_json const& method, ordered_json const& parameter) {
  auto const value = argument(service, method, parameter);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

constexpr std::string_view new_uuid = "(a new UUID)";

// A request with what has no order in it as sets; identifiers that are new each time are replaced by a word.
struct Sent {
  std::string verb;
  std::string path;
  std::map<std::string, std::string> query;
  ordered_json body;
};

std::string without_uuid(std::string const& text) {
  static std::regex const uuid{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  return std::regex_match(text, uuid) ? std::string{new_uuid} : text;
}

Sent sent(HttpRequest const& request) {
  Sent result{request.method, request.url.substr(example_host.size()), {}, {}};
  if (auto const mark = result.path.find('?'); mark != std::string::npos) {
    std::string rest = result.path.substr(mark + 1) + '&';
    result.path.resize(mark);
    for (std::size_t end; (end = rest.find('&')) != std::string::npos; rest.erase(0, end + 1)) {
      auto const equals = rest.find('=');
      result.query[rest.substr(0, equals)] = without_uuid(rest.substr(equals + 1, end - equals - 1));
    }
  }
  if (!request.body.empty()) result.body = ordered_json::parse(request.body);
  if (result.body.contains("request_id")) {
    result.body["request_id"] = without_uuid(result.body["request_id"].get<std::string>());
  }
  return result;
}

bool is_generated(ordered_json const& method, std::string const& parameter) {
  auto const& generated = method.value("generated_uuid", ordered_json::array());
  return std::find(generated.begin(), generated.end(), parameter) != generated.end();
}

// The parameter behind a source such as `update_mask.ToJsonString()` or `[v.as_dict() for v in claims]`.
std::string parameter_name(std::string const& from) {
  static std::regex const list{R"(.* in (\w+)\])"};
  std::smatch match;
  if (std::regex_match(from, match, list)) return match[1];
  return from.substr(0, from.find('.'));
}

// What the manifest says the method sends.
Sent expected(Service const& service, ordered_json const& method, bool with_options) {
  Sent result{method.at("verb"), method.at("path"), {}, {}};
  static std::regex const hole{R"(\{(\w+)\})"};
  std::smatch match;
  while (std::regex_search(result.path, match, hole)) {
    result.path =
        match.prefix().str() +
        encoded(argument_text(service, method, parameter_of(method, match[1])), !service.paths_have_segments) +
        match.suffix().str();
  }
  auto const is_sent = [&](std::string const& name) {
    auto const needed = service.needed_options.find(method.at("name"));
    bool const is_needed = needed != service.needed_options.end() && needed->second == name;
    return with_options || is_needed || !parameter_of(method, name).at("keyword_only") || is_generated(method, name);
  };
  auto const value = [&](std::string const& name) -> ordered_json {
    if (!with_options && is_generated(method, name)) return new_uuid;
    return argument(service, method, parameter_of(method, name));
  };
  for (auto const& query : method.at("query")) {
    auto const name = parameter_name(query.at("from"));
    if (!is_sent(name)) continue;
    auto const json = value(name);
    result.query[query.at("name")] = json == new_uuid   ? std::string{new_uuid}
                                     : json.is_string() ? encoded(json.get<std::string>())
                                                        : json.dump();
  }
  auto const& body = method.at("body");
  if (body.is_string()) result.body = value(parameter_name(body));
  if (body.is_object()) {
    result.body = ordered_json::object();
    for (auto const& [name, from] : body.items()) {
      auto const parameter = parameter_name(from);
      if (is_sent(parameter)) result.body[name] = value(parameter);
    }
  }
  return result;
}

void compare_sent(Report& report, std::string const& what, Sent const& wanted, Sent const& found) {
  report.compare("verb of " + what, wanted.verb, found.verb);
  report.compare("path of " + what, wanted.path, found.path);
  for (auto const& [name, value] : wanted.query) {
    if (!found.query.contains(name)) {
      report.add("query of ", what, ": missing ", name);
    } else {
      report.compare("query " + name + " of " + what, value, found.query.at(name));
    }
  }
  for (auto const& [name, value] : found.query) {
    if (!wanted.query.contains(name)) report.add("query of ", what, ": extra ", name);
  }
  if (nlohmann::json(wanted.body) != nlohmann::json(found.body)) {
    report.compare("body of " + what, wanted.body.dump(), found.body.dump());
  }
}

// What the service responds with; to a list, a page of one item.
ordered_json response(Service const& service, ordered_json const& method) {
  if (method.contains("operation")) return {{"name", "o/operations/1"}};
  if (method.contains("paginated")) return {{method.at("paginated").at("items"), ordered_json::parse("[{}]")}};
  if (method.at("returns").is_null()) return ordered_json::object();
  auto const returns = method.at("returns").get<std::string>();
  if (returns == "Operation") return {{"name", "o/operations/1"}};
  bool const is_wait = returns.starts_with("Wait[");
  return service.filled_model(is_wait ? returns.substr(5, returns.size() - 6) : returns);
}

// Calls over a transport that responds as the manifest says, to lists with two pages.
Call call(Service const& service, ordered_json const& method,
          std::function<std::size_t(Config const&)> const& call_method) {
  auto first = response(service, method);
  auto const second = first;
  if (method.contains("paginated")) first[method.at("paginated").at("token").get<std::string>()] = "next page";
  auto const wire = script({{200, first.dump()}, {200, second.dump()}});
  Call result;
  result.items = call_method(config_over(wire));
  result.requests = wire->requests();
  return result;
}

void compare_pages(Report& report, std::string const& name, Call const& call, bool is_paginated) {
  if (call.requests.size() != (is_paginated ? 2U : 1U) || call.items != (is_paginated ? 2U : 0U)) {
    report.add("pages of ", name, ": ", call.requests.size(), " requests gave ", call.items, " items of two pages");
  } else if (is_paginated) {
    report.compare("page token of " + name, std::string{"next%20page"}, sent(call.requests[1]).query["page_token"]);
  }
}

class SurfaceOfMethods : public ServiceTest {};
LAKEBASE_TEST_EACH_SERVICE(SurfaceOfMethods);

TEST_P(SurfaceOfMethods, HasTheMethodsOfTheManifest) {
  Report report;
  std::vector<std::string> wanted;
  std::vector<std::string> found;
  for (auto const& method : manifest().at("methods")) wanted.push_back(method.at("name"));
  for (auto const& method : service().methods) found.push_back(method.name);
  report.compare_names("methods", wanted, found);
  EXPECT_TRUE(report.empty()) << report.text();
  std::cout << found.size() << '/' << wanted.size() << " methods\n";
}

TEST_P(SurfaceOfMethods, SendsWhatTheManifestSays) {
  Report report;
  for (auto const& wanted : manifest().at("methods")) {
    auto const name = wanted.at("name").get<std::string>();
    auto const* const method = service().find_method(name);
    if (method == nullptr) continue;
    auto const full = call(service(), wanted, method->full);
    compare_sent(report, name + " with all options", expected(service(), wanted, true), sent(full.requests.at(0)));
    compare_pages(report, name, full, wanted.contains("paginated"));
    auto const minimal = call(service(), wanted, method->minimal);
    compare_sent(report, name + " without options", expected(service(), wanted, false), sent(minimal.requests.at(0)));
  }
  EXPECT_TRUE(report.empty()) << report.text();
}

// `returns` of the manifest in the words of WordOf.
std::string wanted_result(ordered_json const& method) {
  if (!method.contains("operation")) {
    return method.at("returns").is_null() ? "" : method.at("returns").get<std::string>();
  }
  auto const& operation = method.at("operation");
  auto const result = operation.at("result").is_null() ? "" : operation.at("result").get<std::string>();
  return "Operation[" + result + ", " + operation.at("metadata").get<std::string>() + "]";
}

std::vector<std::string> parameters(ordered_json const& method, bool keyword_only, char const* what) {
  std::vector<std::string> result;
  for (auto const& parameter : method.at("params")) {
    if (parameter.at("keyword_only") == keyword_only) result.push_back(parameter.at(what));
  }
  return result;
}

std::string joined(std::vector<std::string> const& words) {
  std::string result;
  for (auto const& word : words) result += (result.empty() ? "" : ", ") + word;
  return result;
}

// The names of the options as this test writes them, which the compiler holds against the aggregate and its order.
std::vector<std::string> options_written(std::string const& call) {
  static std::regex const designator{R"(\.(\w+) = )"};
  std::vector<std::string> result;
  for (std::sregex_iterator it{call.begin(), call.end(), designator}, end; it != end; ++it) result.push_back((*it)[1]);
  return result;
}

TEST_P(SurfaceOfMethods, TakesAndReturnsWhatTheManifestSays) {
  Report report;
  for (auto const& wanted : manifest().at("methods")) {
    auto const name = wanted.at("name").get<std::string>();
    auto const* const method = service().find_method(name);
    if (method == nullptr) continue;
    auto const& ours = method->signature;
    report.compare("result of " + name, wanted_result(wanted), ours.returns);
    report.compare("arguments of " + name, joined(parameters(wanted, false, "type")), joined(ours.positional));
    auto const options = parameters(wanted, true, "name");
    report.compare("options type of " + name, options.empty() ? "" : pascal_case(name) + "Options", ours.options);
    report.compare("option names of " + name, joined(options), joined(options_written(method->full_text)));
    report.compare("option types of " + name, joined(parameters(wanted, true, "type")), joined(ours.option_types));
  }
  EXPECT_TRUE(report.empty()) << report.text();
}

// Which methods may be repeated after a fault in which the service may have acted: those that only read, and the writes
// that the service lists. See docs/adr/0002-retries-of-writes.md.
bool is_safe_to_repeat(Service const& service, ordered_json const& method) {
  auto const& writes = service.safe_writes;
  return method.at("verb") == "GET" || std::find(writes.begin(), writes.end(), method.at("name")) != writes.end();
}

TEST_P(SurfaceOfMethods, RepeatsAfterALostAnswerOnlyWhatIsSafeToRepeat) {
  for (auto const& wanted : manifest().at("methods")) {
    auto const name = wanted.at("name").get<std::string>();
    auto const* const method = service().find_method(name);
    if (method == nullptr) continue;
    auto const wire = script({});
    wire->then_throw(TransportError{TransportError::Kind::reset, true, ErrorFacts{.message = "lost"}});
    wire->then({200, response(service(), wanted).dump()});
    bool repeated = true;
    try {
      method->minimal(config_over(wire));
    } catch (TransportError const&) {
      repeated = false;
    }
    EXPECT_EQ(repeated, is_safe_to_repeat(service(), wanted)) << name;
    EXPECT_EQ(wire->requests().size(), repeated ? 2U : 1U) << name;
  }
}

TEST_P(SurfaceOfMethods, HasTheOperationWrappersOfTheManifest) {
  std::vector<std::string> wanted;
  for (auto const& method : manifest().at("methods")) {
    if (method.contains("operation")) wanted.push_back(method.at("returns"));
  }
  Report report;
  report.compare_names("operation wrappers", wanted, service().operation_wrappers);
  EXPECT_TRUE(report.empty()) << report.text();
}

}  // namespace
}  // namespace lakebase::tests
