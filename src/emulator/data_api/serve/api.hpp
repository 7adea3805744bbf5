#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "data_api/grammar/api_error.hpp"
#include "data_api/schema/catalog.hpp"
#include "data_api/serve/session_pool.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator::data_api {

/// How a database is shown.
struct ApiSettings {
  std::vector<std::string> schemas;
  std::vector<std::string> extra_search_path;
  /// 0: all there are.
  std::int64_t max_rows = 0;
  std::string anonymous_role;
  bool aggregates = true;
  bool has_openapi = false;
  /// Empty: any.
  std::vector<std::string> cors_origins;
  bool tells_times = false;
};

/// The Data API of one database. Thread-safe.
class DatabaseApi {
 public:
  DatabaseApi(SessionPool::Open open, std::size_t most_sessions);

  /// @param path what follows the name of the database
  /// @param role whose rights the request has; none: nobody has said who they are
  HttpReply handle(HttpRequest const& request, std::vector<std::string> const& path, ApiSettings const& settings,
                   std::optional<std::string> const& role);
  /// Reads the schema anew for the next request.
  void reload();

 private:
  struct Served;
  HttpReply respond(Served& served);
  HttpReply reply_to(Served& served, bool is_root, bool is_call);
  HttpReply table_request(Served& served);
  HttpReply call_request(Served& served);
  HttpReply root_request(Served& served);
  HttpReply options_request(Served& served, bool is_root, bool is_call);
  std::shared_ptr<Catalog const> catalog(DatabaseSession& session, std::vector<std::string> const& schemas);

  SessionPool pool_;
  std::mutex mutex_;
  std::shared_ptr<Catalog const> catalog_;
  std::uint64_t catalog_version_ = 0;
};

/// Whether a browser asks if a page may call. It does not say who calls.
bool is_preflight(HttpRequest const& request);
/// The response that tells an error.
HttpReply api_error_reply(ApiError const& error);
/// Headers for pages of other sites, if theirs may call.
void add_cors_headers(HttpRequest const& request, ApiSettings const& settings, HttpReply& reply);
/// A description of what there is.
Json openapi_document(Catalog const& catalog, std::string const& schema, std::string const& base_path);

}  // namespace lakebase::emulator::data_api
