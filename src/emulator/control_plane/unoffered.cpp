#include "control_plane/unoffered.hpp"

#include <string_view>

namespace lakebase::emulator {
namespace {

struct UnofferedPart {
  std::string_view pattern, what;
};

constexpr UnofferedPart unoffered_parts[] = {
    {"api/2.0/postgres/projects/*/branches/*/forward-etl/**", "forward ETL"},
    {"api/2.0/postgres/projects/*/preview/replication-groups/**", "replication groups"},
    {"api/2.0/postgres/projects/*/preview/recovery-branches/**", "recovery branches"}};

}  // namespace

void add_unoffered(Router& router) {
  for (auto const& [pattern, what] : unoffered_parts) router.add_unoffered(pattern, what);
}

}  // namespace lakebase::emulator
