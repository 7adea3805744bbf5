#pragma once

namespace lakebase::emulator {

/// Raises the limit of open files to what the system allows, at most 65536: each client of an endpoint takes two.
void raise_descriptor_limit();

}  // namespace lakebase::emulator
