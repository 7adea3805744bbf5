#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lakebase {
inline namespace v0 {

/// What `WorkspaceClient::call` sends, besides verb and path.
struct CallRequest {
  /// Parameters behind the `?`, in this order; names and values are percent-encoded by the call. A name may come twice.
  std::vector<std::pair<std::string, std::string>> query{};
  /// JSON text, e.g. `to_json(model)`. Empty: none.
  std::string body{};
  /// Whether sending it twice is the same as sending it once: then it is repeated after faults in which the service may
  /// have acted on it. Default: GET and HEAD are, all other verbs are not.
  std::optional<bool> idempotent{};
};

}  // namespace v0
}  // namespace lakebase
