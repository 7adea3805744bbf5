#pragma once

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Details of unknown kinds are left out: they are JSON, which a visitor could break.
template <class Visit>
void for_each_text(ErrorDetails& details, Visit visit) {
  visit(details.error_info.reason);
  visit(details.error_info.domain);
  for (auto& [key, value] : details.error_info.metadata) visit(value);
  visit(details.request_info.request_id);
  visit(details.request_info.serving_data);
  visit(details.debug_info.detail);
  for (auto& entry : details.debug_info.stack_entries) visit(entry);
  for (auto& quota : details.quota_failure.violations) {
    visit(quota.subject);
    visit(quota.description);
  }
  for (auto& precondition : details.precondition_failure.violations) {
    visit(precondition.type);
    visit(precondition.subject);
    visit(precondition.description);
  }
  for (auto& field : details.bad_request.violations) {
    visit(field.field);
    visit(field.description);
  }
  visit(details.resource_info.resource_type);
  visit(details.resource_info.resource_name);
  visit(details.resource_info.owner);
  visit(details.resource_info.description);
  for (auto& link : details.help.links) {
    visit(link.description);
    visit(link.url);
  }
}

/// Visits every text of an error that may come from outside, except the details of unknown kinds.
template <class Visit>
void for_each_text(ErrorFacts& facts, Visit visit) {
  visit(facts.message);
  visit(facts.hint);
  visit(facts.path);
  visit(facts.error_code);
  visit(facts.request_id);
  for (auto& note : facts.notes) visit(note);
  for_each_text(facts.details, visit);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
