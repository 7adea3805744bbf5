#include <array>

#include "database/service.hpp"
#include "http/hints.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view recreate = "It cannot be changed: delete it, and create another one.";
constexpr std::string_view purge = "An instance is deleted for good: leave `purge` out, or set it to true.";
constexpr std::string_view taken =
    "The name is taken, perhaps by an instance that is still being deleted: wait until it is gone, or choose another.";
constexpr std::string_view ask_for_permission = "Ask an owner of the instance for the permission.";

constexpr std::array instance_traps{
    Trap{400, "purge", purge},
    Trap{0, "name is not unique", taken},
    Trap{409, "already exists", taken},
    Trap{400, "children", "Delete its children first, or set `force`, which deletes them as well."},
    Trap{400, "child instance", "Delete its children first, or set `force`, which deletes them as well."},
    Trap{501, "not yet implemented", recreate},
    Trap{400, "stopped", "Start the instance first: set `stopped` to false."},
    Trap{400, "readable_secondaries", "Readable secondaries need a node_count of 2 or more."},
    Trap{400, "readable secondaries", "Readable secondaries need a node_count of 2 or more."},
    Trap{400, "capacity", "The sizes are CU_1, CU_2, CU_4 and CU_8."},
    Trap{400, "retention", "The retention window is 2 to 35 days."},
    Trap{400, "update_mask",
         "Name members of the resource, separated by commas: \"capacity,stopped\"; \"*\" is all of them."},
    Trap{404, "instance", "list_database_instances shows which there are; a project is no instance."},
    Trap{403, "CAN_USE", ask_for_permission},
    Trap{403, "CAN_MANAGE", ask_for_permission},
};

}  // namespace

std::string advice_of_database(ErrorFacts const& facts) {
  return hint_of(instance_traps, facts);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
