#pragma once

namespace lakebase::emulator {

/// Lets this process open as many files as the system allows it: each client of an endpoint takes two.
void raise_descriptor_limit();

}  // namespace lakebase::emulator
