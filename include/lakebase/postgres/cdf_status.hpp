#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// State of the change data feed for one table.
enum class CdfState {
  skipped,       ///< The table is left out; `status_detail` says why.
  snapshotting,  ///< The rows that existed before the feed are being copied.
  streaming,     ///< Changes are written as they happen.
  terminated,    ///< The feed has ended.
  unrecognized,
};
constexpr std::array<std::string_view, 4> enum_names(CdfState) {
  return {"CDF_STATE_SKIPPED", "CDF_STATE_SNAPSHOTTING", "CDF_STATE_STREAMING", "CDF_STATE_TERMINATED"};
}

/// State of the change data feed of a schema for one of its tables. Every member is set by the service.
struct CdfStatus {
  /// Log position up to which changes are in Delta Lake.
  std::optional<std::string> committed_lsn{};
  /// When the feed first included the table.
  std::optional<Timestamp> create_time{};
  /// When changes of the table were last written to Delta Lake.
  std::optional<Timestamp> last_sync_time{};
  /// `projects/{project_id}/branches/{branch_id}/databases/{database_id}/cdf-configs/{cdf_config_id}/cdf-statuses/{tabl
  /// e}`, with the name of the PostgreSQL table.
  std::optional<std::string> name{};
  /// PostgreSQL table that is read.
  std::optional<std::string> postgres_table{};
  /// What the feed does with the table.
  std::optional<Enum<CdfState>> state{};
  /// Why the table is skipped or fails, in words. Empty while all is well.
  std::optional<std::string> status_detail{};
  /// Unity Catalog table that is written.
  std::optional<std::string> uc_table{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("committed_lsn", &CdfStatus::committed_lsn);
    field("create_time", &CdfStatus::create_time);
    field("last_sync_time", &CdfStatus::last_sync_time);
    field("name", &CdfStatus::name);
    field("postgres_table", &CdfStatus::postgres_table);
    field("state", &CdfStatus::state);
    field("status_detail", &CdfStatus::status_detail);
    field("uc_table", &CdfStatus::uc_table);
  }
  friend bool operator==(CdfStatus const&, CdfStatus const&) = default;
};

/// One page of `list_cdf_statuses`, as the API sends it.
struct ListCdfStatusesResponse {
  /// In no documented order.
  std::vector<CdfStatus> cdf_statuses{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("cdf_statuses", &ListCdfStatusesResponse::cdf_statuses);
    field("next_page_token", &ListCdfStatusesResponse::next_page_token);
  }
  friend bool operator==(ListCdfStatusesResponse const&, ListCdfStatusesResponse const&) = default;
};

/// Options of `list_cdf_statuses`.
struct ListCdfStatusesOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
