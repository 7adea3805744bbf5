#include "tools/errors.hpp"

#include <fmt/format.h>
#include <lakebase/data_api/error.hpp>

namespace lakebase::tools {

std::string message_of(std::exception const& error) {
  auto const* const of_rows = dynamic_cast<data_api::DataApiError const*>(&error);
  if (of_rows != nullptr && !of_rows->database_details().empty()) {
    return fmt::format("{}: {}", of_rows->message(), of_rows->database_details());
  }
  if (auto const* const of_service = dynamic_cast<ApiError const*>(&error)) return of_service->message();
  if (auto const* const failed = dynamic_cast<OperationFailed const*>(&error)) return failed->message();
  return error.what();
}

std::string advice_on(std::exception const& error) {
  auto const* const of_service = dynamic_cast<ApiError const*>(&error);
  if (of_service == nullptr) return {};
  // What the database says knows the names.
  auto const* const of_rows = dynamic_cast<data_api::DataApiError const*>(&error);
  if (of_rows == nullptr || of_rows->database_hint().empty()) return of_service->hint();
  auto const& hint = of_rows->database_hint();
  return fmt::format("{}{} {}", hint, hint.ends_with('.') ? "" : ".", of_service->hint());
}

void rethrow(std::string_view what, Error const& error) {
  auto message = fmt::format("failed to {}: {}", what, message_of(error));
  if (dynamic_cast<ApiError const*>(&error) == nullptr) throw Error{std::move(message)};
  auto facts = error.facts();
  facts.message = std::move(message);
  throw ApiError{std::move(facts)};
}

}  // namespace lakebase::tools
