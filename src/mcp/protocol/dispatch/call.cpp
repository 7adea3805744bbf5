#include "mcp/protocol/dispatch/call.hpp"

#include <utility>

#include <fmt/format.h>

namespace lakebase::mcp {
namespace {

using namespace std::chrono_literals;

// A person may response after a while, and not on another day.
constexpr auto patience = 15min;

// @throws ProtocolError if it can be no response to a request of this method
void check_response(Question const& question, Json const& response) {
  bool good = response.is_object();
  if (question.method == "elicitation/create") {
    auto const action = text_of(response, "action");
    good = good && (action == "accept" || action == "decline" || action == "cancel");
    good = good && (!response.contains("content") || response["content"].is_object() || response["content"].is_null());
  } else if (question.method == "sampling/createMessage") {
    good = good && response.contains("role") && response.contains("content");
  } else if (question.method == "roots/list") {
    good = good && member(response, "roots").is_array();
  }
  if (!good) {
    throw ProtocolError(Code::invalid_params,
                        fmt::format("The response \"{}\" is none to {}.", question.key, question.method));
  }
}

Json request_of(Question const& question) {
  return {{"method", question.method}, {"params", question.params}};
}

}  // namespace

Call::Call(Request const& request, Seal const& seal, Seal::Time now)
    : request_(request),
      seal_(seal),
      now_(now),
      params_(member(request.message, "params")),
      progress_token_(member(member(params_, "_meta"), "progressToken")) {
  if (!progress_token_.is_string() && !progress_token_.is_number_integer()) progress_token_ = nullptr;
  read_state();
}

Json const& Call::arguments() const {
  static Json const none = Json::object();
  auto const& given = member(params_, "arguments");
  return given.is_object() ? given : none;
}

void Call::progress(double done, std::optional<double> total, std::string const& message) {
  if (progress_token_.is_null() || stop().stop_requested() || (last_progress_ && done <= *last_progress_)) return;
  last_progress_ = done;
  Json params{{"progressToken", progress_token_}, {"progress", done}};
  if (total) params["total"] = *total;
  if (!message.empty()) params["message"] = message;
  request_.outlet->send(notification("notifications/progress", std::move(params)));
}

void Call::log(std::string const& level, Json data, std::string const& logger) {
  // A session's level may have changed since the request came.
  auto const wanted = request_.session ? request_.session->client().log_level : request_.client.log_level;
  if (!wanted || log_level_of(level) < *wanted || stop().stop_requested()) return;
  Json params{{"level", level}, {"data", std::move(data)}};
  if (!logger.empty()) params["logger"] = logger;
  request_.outlet->send(notification("notifications/message", std::move(params)));
}

std::string Call::bound_to() const {
  Json const name = params_.contains("name") ? params_["name"] : member(params_, "uri");
  return json_line({request_.client.principal, member(request_.message, "method"), name, arguments()});
}

void Call::read_state() {
  if (request_.client.era != Era::modern || !params_.is_object()) return;
  if (params_.contains("inputResponses") && !params_["inputResponses"].is_object()) {
    throw ProtocolError(Code::invalid_params, "\"inputResponses\" must be an object.");
  }
  if (!params_.contains("requestState")) return;
  auto const& sealed = params_["requestState"];
  auto state = sealed.is_string() ? seal_.open(sealed.get<std::string>(), bound_to(), now_) : std::nullopt;
  if (!state) {
    throw ProtocolError(
        Code::invalid_params,
        "\"requestState\" was altered, belongs to another request, or has expired. Call again without it.");
  }
  asked_ = state->at("asked");
  responses_ = state->at("responses");
}

Json Call::response_to(Question const& question) {
  auto const& given = member(member(params_, "inputResponses"), question.key);
  bool const was_asked = member(asked_, question.key) == request_of(question);
  if (!given.is_null() && (was_asked || !question.bound)) {
    check_response(question, given);
    return given;
  }
  return was_asked ? member(responses_, question.key) : Json();
}

std::vector<Json> Call::ask(std::vector<Question> const& questions) {
  std::vector<Json> responses;
  Json missing = Json::object();
  for (auto const& question : questions) {
    if (!can_ask(question.method)) {
      throw ProtocolError(Code::missing_capability,
                          fmt::format("This needs a client that can response {}.", question.method),
                          {{"requiredCapabilities", capability_for(question.method)}});
    }
    if (request_.session) {
      auto response = request_.session->ask(*request_.outlet, question.method, question.params, stop());
      if (!response) throw Stopped{};
      check_response(question, *response);
      responses.push_back(*std::move(response));
      continue;
    }
    responses.push_back(response_to(question));
    if (responses.back().is_null()) {
      missing[question.key] = request_of(question);
    } else {
      responses_[question.key] = responses.back();
    }
    asked_[question.key] = request_of(question);
  }
  if (missing.empty()) return responses;
  auto const state = seal_.close({{"asked", asked_}, {"responses", responses_}}, bound_to(), now_ + patience);
  throw InputRequired{
      {{"resultType", "input_required"}, {"inputRequests", std::move(missing)}, {"requestState", state}}};
}

}  // namespace lakebase::mcp
