#include "database/instance_state.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

using database::DatabaseInstance;
using database::DatabaseInstanceState;

bool is_to_be_stopped(DatabaseInstance const& instance) {
  bool const stands_still = instance.state == DatabaseInstanceState::stopped;
  return instance.effective_stopped.value_or(instance.stopped.value_or(stands_still));
}

std::string why_never(DatabaseInstance const& instance, DatabaseInstanceState wanted) {
  if (instance.state == wanted) return {};
  if (instance.state == DatabaseInstanceState::deleting) return "is being deleted";
  if (wanted == DatabaseInstanceState::available && is_to_be_stopped(instance)) {
    return "is stopped, or is to be, so that it never becomes AVAILABLE: start it, e.g. by start_instance";
  }
  bool const stays = instance.state == DatabaseInstanceState::available && !is_to_be_stopped(instance);
  if (wanted == DatabaseInstanceState::stopped && stays) {
    return "is AVAILABLE, and nobody has asked for it to be stopped: stop it, e.g. by stop_instance";
  }
  return {};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
