#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Called before each step of a write with the step's name; what it throws, the step fails with. A seam for tests.
using WriteStep = std::function<void(std::string_view step)>;

/// Replaces a file, readable by its owner alone, so that it holds the one text or the other, whenever the machine
/// stops; on return it is the new one, on the disk. Where that cannot be had, the file is as it was.
/// @param before what the file holds now; empty: it is not there
/// @throws std::system_error, and what `step` throws
void replace_durably(std::filesystem::path const& file, std::string_view text, std::string_view before,
                     WriteStep const& step = {});

}  // namespace lakebase::emulator
