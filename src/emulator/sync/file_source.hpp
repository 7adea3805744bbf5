#pragma once

#include <filesystem>
#include <memory>

#include "sync/source.hpp"

namespace lakebase::emulator {

/// Whether a file of this name can be a source: `.csv`, `.jsonl` or `.ndjson`.
bool is_source_file(std::filesystem::path const& path);

/// The rows of a CSV file, or of one with a JSON object on each line.
///
/// Types stand in a CSV file's header (`id:BIGINT`) or in a file beside it (`orders.csv.schema`: `id BIGINT, …`);
/// others follow from the values. A column `_change_type` (insert, update_preimage, update_postimage, delete) makes the
/// file a feed, to which changes are appended.
std::unique_ptr<Source> make_file_source(std::filesystem::path path);

}  // namespace lakebase::emulator
