// What each method of the manifest makes of each form that a response can have: of the one that the manifest promises,
// and of those that it may have tomorrow. What is expected follows from the manifest by the rules below; no method is
// named here.

#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "support/client_over.hpp"
#include "surface/service.hpp"

namespace lakebase::tests {
namespace {

using nlohmann::ordered_json;
using testing::ScriptedAnswer;

constexpr std::string_view operation_name = "o/operations/1";

// What the manifest says of a method.
class Promise {
 public:
  Promise(Service const& service, ordered_json const& method) : service_(service), method_(method) {}

  bool is_read() const { return method_.at("verb") == "GET"; }
  bool is_delete() const { return method_.at("verb") == "DELETE"; }
  bool starts_operation() const { return method_.contains("operation"); }
  bool is_list() const { return method_.contains("paginated"); }
  // Reads an operation as the API has it.
  bool reads_operation() const { return !starts_operation() && method_.at("returns") == "Operation"; }
  // The result's model, of a list the item's; empty where there is no result.
  std::string model() const {
    auto const& returns = starts_operation() ? method_.at("operation").at("result") : method_.at("returns");
    if (returns.is_null()) return {};
    auto const type = returns.get<std::string>();
    return is_list() ? type.substr(type.find('[') + 1, type.size() - type.find('[') - 2) : type;
  }
  // `{}` is a result that says something: the model is made of lists, numbers and booleans only.
  bool may_be_empty() const {
    if (is_list()) return true;
    auto const& members = service_.manifest.at("messages").at(model());
    return std::all_of(members.begin(), members.end(), [](ordered_json const& member) {
      auto const type = member.at("type").get<std::string>();
      return type.starts_with("List[") || type == "int" || type == "float" || type == "bool";
    });
  }
  // The JSON of a whole response that is the result.
  ordered_json response() const {
    if (model().empty()) return {{"name", "projects/p"}, {"uid", "u"}};
    if (is_list()) {
      return {{method_.at("paginated").at("items"), ordered_json::array({service_.filled_model(model())})}};
    }
    if (reads_operation()) return {{"name", operation_name}, {"done", false}};
    return service_.filled_model(model());
  }
  // The JSON of the result of that response, as the caller sees it.
  std::string result() const {
    if (model().empty()) return {};
    return is_list() ? ordered_json::array({service_.filled_model(model())}).dump() : response().dump();
  }
  std::string empty_result() const { return model().empty() ? "" : is_list() ? "[]" : "{}"; }

 private:
  Service const& service_;
  ordered_json const& method_;
};

// What a call comes to: the JSON of its result, or the type of its error.
std::string outcome_of(std::function<std::string()> const& call) {
  try {
    return call();
  } catch (OperationFailed const& error) {
    if (error.operation_name() != operation_name) return "OperationFailed of " + error.operation_name();
    if (std::string{error.what()}.find(operation_name) == std::string::npos) return "OperationFailed without its name";
    return error.message().empty() ? "OperationFailed without a message" : "OperationFailed";
  } catch (ParseError const&) {
    return "ParseError";
  } catch (std::exception const& error) {
    return error.what();
  }
}

ordered_json operation(ordered_json const& more) {
  ordered_json json{{"name", operation_name}, {"metadata", ordered_json::object()}};
  json.update(more);
  return json;
}

struct Form {
  std::string name;
  std::function<std::vector<ScriptedAnswer>(Promise const&)> responses;
  std::function<std::string(Promise const&)> expected;
};

// What comes of an operation, where the method can wait for one. A method that only reads cannot, and says so; the one
// that reads operations shows it.
std::function<std::string(Promise const&)> of_operation(std::function<std::string(Promise const&)> expected) {
  return [expected = std::move(expected)](Promise const& promise) -> std::string {
    return promise.is_read() ? "ParseError" : expected(promise);
  };
}

std::string done_without_response(Promise const& promise) {
  return promise.model().empty() ? "" : "OperationFailed";
}

// Nothing is due after a delete, and nothing else may be taken for something.
std::string nothing(Promise const& promise) {
  if (promise.model().empty()) return "";
  return promise.is_delete() && promise.may_be_empty() ? promise.empty_result() : "ParseError";
}

Form operation_form(std::string name, ordered_json const& more, std::function<std::string(Promise const&)> expected) {
  return {std::move(name),
          [more](Promise const&) {
            return std::vector<ScriptedAnswer>{{200, operation(more).dump()}};
          },
          of_operation(std::move(expected))};
}

std::vector<ScriptedAnswer> done_with_result(Promise const& promise, bool runs_first) {
  std::vector<ScriptedAnswer> responses;
  if (runs_first) responses.push_back({200, operation({{"done", false}}).dump()});
  responses.push_back({200, operation({{"done", true}, {"response", promise.response()}}).dump()});
  return responses;
}

std::vector<Form> forms_of_operations() {
  auto const result = [](Promise const& promise) { return promise.result(); };
  auto const failed = [](Promise const&) { return std::string{"OperationFailed"}; };
  auto const empty = ordered_json::object();
  return {
      {"running", [](Promise const& promise) { return done_with_result(promise, true); }, of_operation(result)},
      {"done", [](Promise const& promise) { return done_with_result(promise, false); }, of_operation(result)},
      operation_form("failed", {{"done", true}, {"error", {{"error_code", "NOT_FOUND"}, {"message", "gone"}}}}, failed),
      operation_form("failed without a word", {{"done", true}, {"error", empty}}, failed),
      operation_form("done without response", {{"done", true}}, done_without_response),
      operation_form("done with null", {{"done", true}, {"response", nullptr}}, done_without_response),
      operation_form("done with {}", {{"done", true}, {"response", empty}},
                     [](Promise const& promise) {
                       bool const says_something = !promise.model().empty() && promise.may_be_empty();
                       return says_something ? promise.empty_result() : done_without_response(promise);
                     }),
  };
}

Form plain_form(std::string name, ScriptedAnswer const& response, std::function<std::string(Promise const&)> expected) {
  return {std::move(name), [response](Promise const&) { return std::vector{response}; }, std::move(expected)};
}

std::vector<Form> forms_without_operation() {
  return {
      {"model",
       [](Promise const& promise) {
         return std::vector<ScriptedAnswer>{{200, promise.response().dump()}};
       },
       [](Promise const& promise) { return promise.result(); }},
      plain_form("{}", {200, "{}"},
                 [](Promise const& promise) {
                   bool const is_fine =
                       promise.model().empty() || (!promise.starts_operation() && promise.may_be_empty());
                   return is_fine ? promise.empty_result() : "ParseError";
                 }),
      plain_form("members of something else", {200, R"({"error_code":"X","message":"not a model"})"},
                 [](Promise const&) { return "ParseError"; }),
      plain_form("empty body", {200, ""}, nothing),
      plain_form("204", {204, ""}, nothing),
      plain_form("null", {200, "null"}, nothing),
  };
}

std::string shown(std::string const& outcome) {
  return outcome.empty() ? "nothing" : outcome.substr(0, 200);
}

// The operation itself is what a method promises that reads operations.
std::string expected_of(Form const& form, Promise const& promise, std::vector<ScriptedAnswer> const& responses) {
  auto const body = ordered_json::parse(responses[0].body, nullptr, false);
  bool const is_operation = body.is_object() && body.value("name", ordered_json{}) == operation_name;
  if (!promise.reads_operation() || !is_operation) return form.expected(promise);
  ordered_json shown_body = body;
  if (body.contains("response") && body["response"].is_null()) shown_body.erase("response");
  return shown_body.dump();
}

bool is_same(std::string const& wanted, std::string const& found) {
  if (wanted == found) return true;
  auto const wanted_json = nlohmann::json::parse(wanted, nullptr, false);
  return !wanted_json.is_discarded() && wanted_json == nlohmann::json::parse(found, nullptr, false);
}

class FormsOfResponses : public ServiceTest {};
LAKEBASE_TEST_EACH_SERVICE(FormsOfResponses);

TEST_P(FormsOfResponses, AreToldApartByEveryMethodOfTheManifest) {
  auto forms = forms_without_operation();
  for (auto& form : forms_of_operations()) forms.push_back(std::move(form));
  int cells = 0;
  for (auto const& method : manifest().at("methods")) {
    auto const name = method.at("name").get<std::string>();
    auto const* const ours = service().find_method(name);
    if (ours == nullptr) continue;  // HasTheMethodsOfTheManifest tells
    auto const& others = service().polled_by_name;
    if (std::find(others.begin(), others.end(), name) != others.end()) continue;
    Promise const promise{service(), method};
    for (auto const& form : forms) {
      auto const wire = script({});
      auto const responses = form.responses(promise);
      for (auto const& response : responses) wire->then(response);
      auto const found = outcome_of([&] { return ours->settled(config_over(wire)); });
      auto const wanted = expected_of(form, promise, responses);
      EXPECT_TRUE(is_same(wanted, found))
          << name << ", " << form.name << ": " << shown(wanted) << " was expected, " << shown(found) << " was found";
      ++cells;
    }
  }
  std::cout << cells << " cells\n";
}

}  // namespace
}  // namespace lakebase::tests
