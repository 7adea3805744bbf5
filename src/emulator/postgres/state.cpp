#include "postgres/state.hpp"

#include <algorithm>

namespace lakebase::emulator {

bool has_children(ProjectRecord const& project, BranchRecord const& branch) {
  return std::any_of(project.branches.begin(), project.branches.end(), [&](BranchRecord const& other) {
    return other.source_branch_id == branch.id && !other.delete_time;
  });
}

}  // namespace lakebase::emulator
