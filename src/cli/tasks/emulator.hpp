#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `lakebase emulator …`: goes on as the program lakebase-emulator.
int run_emulator(std::string const& program, std::vector<std::string> const& arguments);

/// What `--emulator` does: makes the emulator in the background the workspace of this process and of those that it
/// starts, in place of what its environment says.
/// @throws Failure if none serves
void use_emulator();

}  // namespace lakebase::cli
