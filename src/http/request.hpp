#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

#include "json/masked.hpp"

namespace lakebase::inline v0::detail {

/// Whether sending a request twice is the same as sending it once.
enum class Idempotency { safe, unsafe };

/// One call of the API before it meets a host: verb, path, query and body.
class Request {
 public:
  /// `path` may hold one `{}`, which `name` fills: a resource name, whose slashes separate segments. Each segment is
  /// percent-encoded.
  /// @throws InvalidArgument where the name is empty, or has an empty, `.` or `..` segment or a control character
  static Request get(std::string_view path, std::string_view name = {});
  static Request post(std::string_view path, std::string_view name = {});
  static Request patch(std::string_view path, std::string_view name = {});
  static Request del(std::string_view path, std::string_view name = {});

  /// With any verb, and a path that is encoded already.
  static Request of(std::string method, std::string path, Idempotency idempotency);

  /// Adds a query parameter; an unset optional adds nothing, an empty list adds nothing, a list repeats the key.
  Request&& query(std::string_view key, std::string_view value) &&;
  Request&& query(std::string_view key, std::optional<std::string> const& value) &&;
  Request&& query(std::string_view key, std::optional<bool> value) &&;
  Request&& query(std::string_view key, std::optional<std::int64_t> value) &&;
  Request&& query(std::string_view key, FieldMask const& mask) &&;

  /// Sends a model as the JSON body.
  template <class Model>
  Request&& body(Model const& model) && {
    body_ = to_json(model);
    has_body_ = true;
    return std::move(*this);
  }
  /// Sends a model as the body of an update: what `mask` names and is an empty list or map is sent empty.
  template <class Model>
  Request&& body(Model const& model, FieldMask const& mask) && {
    body_ = encode_masked(model, mask);
    has_body_ = true;
    return std::move(*this);
  }
  /// Sends this JSON text.
  Request&& json_body(std::string text) &&;
  /// Sends `{}`.
  Request&& empty_body() &&;
  Request&& idempotency(Idempotency value) &&;

  std::string const& method() const noexcept { return method_; }
  /// Encoded path without host and query.
  std::string const& path() const noexcept { return path_; }
  /// Path and encoded query.
  std::string target() const;
  bool has_body() const noexcept { return has_body_; }
  std::string const& body() const noexcept { return body_; }
  /// Whether query or body name the state of the resource which the caller has seen.
  bool carries_etag() const noexcept;
  Idempotency idempotency() const noexcept { return idempotency_; }

 private:
  Request(std::string method, std::string path, Idempotency idempotency);

  std::string method_;
  std::string path_;
  std::string query_;
  std::string body_;
  bool has_body_ = false;
  Idempotency idempotency_;
};

/// Percent-encodes everything but unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace lakebase::inline v0::detail
