#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

inline constexpr Kind cdf_status_kind{"projects/*/branches/*/databases/*/cdf-configs/*/cdf-statuses/*", "CdfStatus",
                                      "cdf_status"};

/// @throws ServiceError if the branch's compute is disabled and stopped, so that it must not be woken
/// @param what the beginning of the message: "The tables cannot be read"
void require_wakeable(Computes const& computes, BranchRecord const& branch, std::string_view what);

/// What a change data feed does with each table of its schema. They are not kept: PostgreSQL is asked for its tables,
/// for which a compute may start.
class CdfStatuses {
 public:
  static constexpr std::array kinds{&cdf_status_kind};

  explicit CdfStatuses(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& config, Query const& query) const;

 private:
  struct FeedTable;
  std::vector<FeedTable> tables_of(ResourceName const& config) const;
  Json view(ResourceName const& config, FeedTable const& table) const;

  Workspace& workspace_;
};

}  // namespace lakebase::emulator
