#include "http/error_details.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// Thrown if a member has the wrong type, so that the element as a whole is kept as unknown.
struct Mismatch final : std::exception {};

std::string word(Json const& object, char const* key) {
  auto const member = object.find(key);
  if (member == object.end() || member->is_null()) return {};
  if (!member->is_string()) throw Mismatch{};
  return member->get<std::string>();
}

template <class Read>
void for_each_in(Json const& object, char const* key, Read read) {
  auto const list = object.find(key);
  if (list == object.end() || list->is_null()) return;
  if (!list->is_array()) throw Mismatch{};
  for (auto const& element : *list) read(element);
}

Json const& as_object(Json const& value) {
  if (!value.is_object()) throw Mismatch{};
  return value;
}

void read_error_info(Json const& json, ErrorDetails& details) {
  ErrorInfo info{.reason = word(json, "reason"), .domain = word(json, "domain"), .metadata = {}};
  if (auto const metadata = json.find("metadata"); metadata != json.end() && !metadata->is_null()) {
    for (auto const& [key, value] : as_object(*metadata).items()) {
      // A map of texts; some services write numbers as they are.
      auto text = text_of(*metadata, key.c_str());
      if (text.empty() && !value.is_string()) throw Mismatch{};
      info.metadata.emplace(key, std::move(text));
    }
  }
  details.error_info = std::move(info);
}

void read_request_info(Json const& json, ErrorDetails& details) {
  details.request_info = RequestInfo{word(json, "request_id"), word(json, "serving_data")};
}

void read_retry_info(Json const& json, ErrorDetails& details) {
  auto const text = word(json, "retry_delay");
  RetryInfo info;
  if (!text.empty()) {
    try {
      info.retry_delay = Duration::parse(text);
    } catch (ParseError const&) {
      throw Mismatch{};
    }
  }
  details.retry_info = info;
}

void read_debug_info(Json const& json, ErrorDetails& details) {
  DebugInfo info{.stack_entries = {}, .detail = word(json, "detail")};
  for_each_in(json, "stack_entries", [&](Json const& entry) {
    if (!entry.is_string()) throw Mismatch{};
    info.stack_entries.push_back(entry.get<std::string>());
  });
  details.debug_info = std::move(info);
}

void read_quota_failure(Json const& json, ErrorDetails& details) {
  QuotaFailure failure;
  for_each_in(json, "violations", [&](Json const& violation) {
    as_object(violation);
    failure.violations.push_back({word(violation, "subject"), word(violation, "description")});
  });
  details.quota_failure = std::move(failure);
}

void read_precondition_failure(Json const& json, ErrorDetails& details) {
  PreconditionFailure failure;
  for_each_in(json, "violations", [&](Json const& violation) {
    as_object(violation);
    failure.violations.push_back({word(violation, "type"), word(violation, "subject"), word(violation, "description")});
  });
  details.precondition_failure = std::move(failure);
}

void read_bad_request(Json const& json, ErrorDetails& details) {
  FieldViolations failure;
  for_each_in(json, "field_violations", [&](Json const& violation) {
    as_object(violation);
    failure.violations.push_back({word(violation, "field"), word(violation, "description")});
  });
  details.bad_request = std::move(failure);
}

void read_resource_info(Json const& json, ErrorDetails& details) {
  details.resource_info = ResourceInfo{word(json, "resource_type"), word(json, "resource_name"), word(json, "owner"),
                                       word(json, "description")};
}

void read_help(Json const& json, ErrorDetails& details) {
  Help help;
  for_each_in(json, "links", [&](Json const& link) {
    as_object(link);
    help.links.push_back({word(link, "description"), word(link, "url")});
  });
  details.help = std::move(help);
}

using Reader = void (*)(Json const&, ErrorDetails&);

constexpr std::array<std::pair<std::string_view, Reader>, 9> readers{{
    {"ErrorInfo", read_error_info},
    {"RequestInfo", read_request_info},
    {"RetryInfo", read_retry_info},
    {"DebugInfo", read_debug_info},
    {"QuotaFailure", read_quota_failure},
    {"PreconditionFailure", read_precondition_failure},
    {"BadRequest", read_bad_request},
    {"ResourceInfo", read_resource_info},
    {"Help", read_help},
}};

Reader reader_of(Json const& element) {
  constexpr std::string_view prefix = "type.googleapis.com/google.rpc.";
  auto const type = text_of(element, "@type");
  if (!type.starts_with(prefix)) return nullptr;
  for (auto const& [name, reader] : readers) {
    if (std::string_view{type}.substr(prefix.size()) == name) return reader;
  }
  return nullptr;
}

}  // namespace

ErrorDetails read_details(Json const& list) {
  ErrorDetails details;
  if (!list.is_array()) return details;
  for (auto const& element : list) {
    try {
      if (auto const reader = reader_of(element)) {
        reader(element, details);
        continue;
      }
    } catch (Mismatch const&) {
    }
    details.unknown.push_back(JsonText{dump(element)});
  }
  return details;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
