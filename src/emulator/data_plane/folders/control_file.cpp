#include "data_plane/folders/control_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace lakebase::emulator {
namespace {

/// The beginning of the file, in the machine's byte order.
struct Head {
  std::uint64_t system_identifier;
  std::uint32_t format;
  std::uint32_t catalog;
  std::uint32_t state;
  std::int64_t time;
  std::uint64_t checkpoint;
  std::uint64_t redo;
  std::uint32_t timeline;
  std::array<std::uint32_t, 25> rest_of_checkpoint;
  std::uint64_t backup_start;
};
static_assert(offsetof(Head, state) == 16 && offsetof(Head, redo) == 40 && offsetof(Head, timeline) == 48 &&
              offsetof(Head, backup_start) == 152);

/// PostgreSQL 13 to 16, 17, and 18: they begin in the same way.
constexpr std::array<std::uint32_t, 3> known_formats = {1300, 1700, 1800};
constexpr std::uint32_t state_shut_down = 1;

}  // namespace

bool is_wal_segment(std::string_view name) {
  return name.size() == 24 && name.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

std::optional<ControlFile> ControlFile::parse(std::string_view bytes) {
  Head head{};
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (std::find(known_formats.begin(), known_formats.end(), head.format) == known_formats.end()) return std::nullopt;
  return ControlFile{head.state == state_shut_down, head.redo, head.timeline, head.backup_start != 0};
}

std::string ControlFile::redo_segment(std::uint64_t segment_size) const {
  std::uint64_t const number = redo / segment_size;
  std::uint64_t const of_one_log = (std::uint64_t{1} << 32) / segment_size;
  return fmt::format("{:08X}{:08X}{:08X}", timeline, number / of_one_log, number % of_one_log);
}

std::string ControlFile::redo_lsn() const {
  return fmt::format("{:X}/{:X}", redo >> 32U, redo & 0xFFFFFFFFU);
}

}  // namespace lakebase::emulator
