#pragma once

#include <nlohmann/json.hpp>

namespace lakebase::emulator {

/// The control plane works on documents, not on the SDK's models, so that tests against it find mistakes in the models.
using Json = nlohmann::ordered_json;

}  // namespace lakebase::emulator
