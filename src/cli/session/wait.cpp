#include "cli/session/wait.hpp"

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/base/failure.hpp"
#include "cli/output/progress.hpp"
#include "cli/system/interrupt_posix.hpp"
#include "tools/errors.hpp"

namespace lakebase::cli {

void await(Awaited const& operation, std::function<void()> const& wait) {
  auto const goes_on = operation.name.empty() ? std::string{}
                                              : fmt::format("\nThe operation goes on. To see how far it is: {} {}",
                                                            operation.look, operation.name);
  try {
    Progress const progress{operation.shown};
    wait();
  } catch (OperationFailed const&) {
    throw;
  } catch (OperationTimeout const& error) {
    throw Failure{error.message() + goes_on};
  } catch (Cancelled const&) {
    throw Failure{"interrupted" + goes_on, interrupted_status};
  } catch (Error const& error) {
    throw Failure{tools::message_of(error) + goes_on};
  }
}

}  // namespace lakebase::cli
