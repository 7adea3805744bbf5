#pragma once

#include <nlohmann/json.hpp>

namespace lakebase::emulator {

/// The control plane works on documents, not on the SDK's models, so that it can catch mistakes in those.
using Json = nlohmann::ordered_json;

}  // namespace lakebase::emulator
