#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data_api/plan/plan.hpp"
#include "data_api/serve/api.hpp"
#include "data_api/serve/media.hpp"
#include "data_api/serve/preferences.hpp"

namespace lakebase::emulator::data_api {

/// One request while it is at work.
struct DatabaseApi::Served {
  HttpRequest const& request;
  std::vector<std::string> const& path;
  ApiSettings const& settings;
  std::optional<std::string> const& role;
  Preferences preferences;
  std::string schema;
  std::shared_ptr<Catalog const> catalog;
  SessionPool::Lease* lease = nullptr;
  /// What is sent with the next statement.
  std::vector<SqlText> waiting{};
  bool is_committed = false;

  bool is_read() const { return request.method == "GET" || request.method == "HEAD"; }
  std::string const& who() const { return role ? *role : settings.anonymous_role; }

  /// Takes the role for one transaction, together with its first statement.
  void begin();
  /// Runs these after what `begin` has left waiting. @return what came of the first of them
  std::vector<std::vector<std::string>> run_all(std::vector<SqlText> const& texts);

  struct Outcome {
    std::int64_t rows = 0;
    std::string body;
    std::string more;
    /// Of an insert.
    std::int64_t inserted = 0;
  };
  /// Runs a statement. What it did is kept unless `check`, or what makes the response, throws.
  Outcome run(Statement const& statement, std::function<void(Outcome const&)> const& check);

  /// @throws ApiError PGRST116 if one object is wanted, and there is not one
  void require_single(Media const& media, Outcome const& outcome) const;
  /// @throws ApiError PGRST124 if more rows are affected than the client allows
  void require_few(Outcome const& outcome) const;
  void add_applied(HttpReply& reply) const;
};

// What requests of tables and calls have in common.

/// `Range: 0-24`: what lies in it and in limit and offset as well. @throws ApiError PGRST103
void apply_range(std::string_view range, Scope& scope);
/// @throws ApiError PGRST103
void check_range(Scope const& scope);
/// The `Content-Range` of these rows.
std::string content_range(std::int64_t offset, std::int64_t rows, std::string const& total);
/// 200, or 206 if there are more. @throws ApiError PGRST103
int read_status(std::int64_t offset, std::int64_t rows, std::string const& total);
/// @throws ApiError PGRST205
Table const& table_in(Catalog const& catalog, std::string const& schema, std::string const& name);

}  // namespace lakebase::emulator::data_api
