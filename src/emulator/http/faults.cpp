#include "http/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "http/json_reply.hpp"

namespace lakebase::emulator {
namespace {

struct NamedKind {
  std::string_view name;
  Fault::Kind kind;
};
constexpr std::array<NamedKind, 5> named_kinds = {{{"reset", Fault::Kind::reset},
                                                   {"drop-answer", Fault::Kind::drop_answer},
                                                   {"half-body", Fault::Kind::half_body},
                                                   {"garbage", Fault::Kind::garbage},
                                                   {"html", Fault::Kind::html}}};

std::string_view code_of(int status) {
  switch (status) {
    case 400:
      return "BAD_REQUEST";
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "ABORTED";
    case 429:
      return "REQUEST_LIMIT_EXCEEDED";
    case 501:
      return "NOT_IMPLEMENTED";
    case 503:
      return "TEMPORARILY_UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return "INTERNAL_ERROR";
  }
}

int parse_status(std::string_view text) {
  int status = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  if (error != std::errc{} || end != text.data() + text.size() || status < 200 || status > 599) {
    throw invalid(fmt::format("'{}' is no HTTP status from 200 to 599.", text));
  }
  return status;
}

Duration parse_stall(std::string_view text) {
  auto const stall = parse_duration(text);
  if (!stall || *stall < Duration::zero()) throw invalid(fmt::format("'{}' is no duration such as 2s or 0.5s.", text));
  return *stall;
}

void read_part(Fault& fault, std::string_view part) {
  auto const equals = std::min(part.find('='), part.size());
  auto const key = trimmed(part.substr(0, equals));
  auto const value = trimmed(part.substr(std::min(equals + 1, part.size())));
  auto const named =
      std::find_if(named_kinds.begin(), named_kinds.end(), [&](NamedKind const& known) { return known.name == key; });
  if (named != named_kinds.end()) {
    fault.kind = named->kind;
  } else if (key == "status") {
    fault.kind = Fault::Kind::status;
    fault.status = parse_status(value);
  } else if (key == "retry-after") {
    fault.retry_after = value;
  } else if (key == "stall") {
    fault.stall = parse_stall(value);
  } else {
    throw invalid(fmt::format(
        "Unknown fault '{}'. Known are status=, retry-after=, stall=, reset, drop-answer, half-body, garbage and html, "
        "with ; between them.",
        key));
  }
}

bool fits(FaultRule const& rule, HttpRequest const& request) {
  return (rule.method.empty() || rule.method == request.method) && request.path.starts_with(rule.path);
}

}  // namespace

Fault Fault::parse(std::string_view text) {
  Fault fault;
  while (!text.empty()) {
    auto const end = std::min(text.find(';'), text.size());
    if (auto const part = trimmed(text.substr(0, end)); !part.empty()) read_part(fault, part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (fault.kind == Kind::none && fault.retry_after) fault.kind = Kind::status;
  return fault;
}

std::string Fault::text() const {
  std::string text;
  if (kind == Kind::status) text = fmt::format("status={}", status);
  for (auto const& named : named_kinds) {
    if (named.kind == kind) text = named.name;
  }
  if (retry_after) text += fmt::format("; retry-after={}", *retry_after);
  if (stall > Duration::zero()) text += fmt::format("{}stall={}", text.empty() ? "" : "; ", to_text(stall));
  return text;
}

std::optional<HttpReply> Fault::instead() const {
  HttpReply reply;
  switch (kind) {
    case Kind::status:
      reply = error_reply({status, std::string(code_of(status)), "An injected fault."});
      break;
    case Kind::html:
      reply.status = 502;
      reply.content_type = "text/html";
      reply.body = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";
      break;
    case Kind::reset:
      reply.delivery = Delivery::reset;
      break;
    default:
      return std::nullopt;
  }
  reply.delay = stall;
  if (retry_after) reply.headers.emplace_back("Retry-After", *retry_after);
  return reply;
}

HttpReply Fault::damaged(HttpReply reply) const {
  reply.delay = stall;
  if (kind == Kind::drop_answer) reply.delivery = Delivery::nothing;
  if (kind == Kind::half_body) reply.delivery = Delivery::half_body;
  if (kind == Kind::garbage) {
    reply.status = 200;
    reply.body = "\x1f\x8b this is {not JSON";
  }
  return reply;
}

void Faults::add(FaultRule rule) {
  rule.every = std::max<std::int64_t>(rule.every, 1);
  std::lock_guard const lock{mutex_};
  rules_.push_back({std::move(rule), 0, 0});
}

void Faults::clear() {
  std::lock_guard const lock{mutex_};
  rules_.clear();
}

std::optional<Fault> Faults::next(HttpRequest const& request) {
  return request.fault.empty() ? by_rule(request) : Fault::parse(request.fault);
}

std::optional<Fault> Faults::by_rule(HttpRequest const& request) {
  std::lock_guard const lock{mutex_};
  for (auto& [rule, seen, hit] : rules_) {
    if (!fits(rule, request) || (rule.times != 0 && hit >= rule.times)) continue;
    if (++seen % rule.every != 0) continue;
    ++hit;
    return rule.fault;
  }
  return std::nullopt;
}

Json Faults::list() const {
  std::lock_guard const lock{mutex_};
  Json list = Json::array();
  for (auto const& [rule, seen, hit] : rules_) {
    list.push_back(Json{{"fault", rule.fault.text()},
                        {"method", rule.method},
                        {"path", rule.path},
                        {"times", rule.times},
                        {"every", rule.every},
                        {"hit", hit}});
  }
  return list;
}

}  // namespace lakebase::emulator
