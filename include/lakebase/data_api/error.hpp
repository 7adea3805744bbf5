#pragma once

#include <memory>
#include <string>

#include <lakebase/error.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace data_api {

/// The Data API refused a request. `error_code()` is a SQLSTATE or a code such as `PGRST116`, `message()` is the
/// database's own words, `hint()` what to do.
///
/// Thread safety: immutable, so that copies can be read in several threads; copies share one state.
/// Exceptions: copying and all functions throw nothing but std::bad_alloc from the constructor.
/// Lifetime: texts are valid as long as the object or a copy of it exists.
class LAKEBASE_EXPORT DataApiError : public ApiError {
 public:
  /// An error with these facts; the body of the response is the last of `facts.details.unknown`.
  explicit DataApiError(ErrorFacts facts);
  ~DataApiError() override;

  /// A SQLSTATE, or `PGRST` and what follows it; empty if something before the Data API responded.
  [[nodiscard]] std::string const& code() const noexcept { return error_code(); }
  /// The code if it is a SQLSTATE, else empty.
  [[nodiscard]] std::string sqlstate() const;
  /// What the database adds, such as the values of a key that is there already; may be empty.
  [[nodiscard]] std::string const& database_details() const noexcept;
  /// What the database advises; may be empty.
  [[nodiscard]] std::string const& database_hint() const noexcept;
  /// The identity, its role or its grants are the cause.
  [[nodiscard]] bool is_auth() const noexcept;
  /// The rows that are there are the cause: 409, or the SQLSTATE of a key or a reference, or `PT409`.
  [[nodiscard]] bool is_conflict() const noexcept;

 private:
  struct Said;
  std::shared_ptr<Said const> said_;
};

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
