#pragma once

#include <functional>
#include <string>
#include <string_view>

// The environment of a program in Databricks Model Serving.

namespace lakebase {
inline namespace v0 {
namespace detail {

using ReadVariable = std::function<std::string(std::string_view name)>;

/// Whether the program runs in Model Serving.
inline bool is_in_model_serving(ReadVariable const& variable) {
  auto said = variable("IS_IN_DB_MODEL_SERVING_ENV");
  if (said.empty()) said = variable("IS_IN_DATABRICKS_MODEL_SERVING_ENV");
  return said == "true";
}

/// The host of its workspace; empty outside of Model Serving, or if the environment does not tell.
inline std::string model_serving_host(ReadVariable const& variable) {
  if (!is_in_model_serving(variable)) return {};
  auto host = variable("DATABRICKS_MODEL_SERVING_HOST_URL");
  return host.empty() ? variable("DB_MODEL_SERVING_HOST_URL") : host;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
