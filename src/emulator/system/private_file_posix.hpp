#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

// The emulator's own files: those in folders of the account that it runs as. (For those of PostgreSQL's account see
// data_folder_posix.hpp.) Links are not followed, and pipes and devices are not waited for.

/// Throws an error that a folder cannot be read, with its owner. @param error as in errno
[[noreturn]] void throw_closed(std::filesystem::path const& folder, int error);
/// Whether the folder exists. @throws std::runtime_error if it is not a folder, or cannot be accessed
bool require_folder_or_nothing(std::filesystem::path const& path);

/// Creates a folder that no other account can enter. An existing one must belong to this account or to root, and loses
/// other accounts' permission to write in it. True if it is new. @throws std::runtime_error
bool make_own_folder(std::filesystem::path const& path);
/// Allows other accounts to reach what is below a folder of ours. They still cannot list it.
void let_others_pass(std::filesystem::path const& path);

/// Replaces a file by a rename of a temporary one, which is readable only for its owner from the beginning.
/// @throws std::runtime_error
void write_private_file(std::filesystem::path const& path, std::string_view text);
/// The same for a file that everybody may read.
void write_public_file(std::filesystem::path const& path, std::string_view text);

/// For tests: called before each step of a write with the step's name. If it throws, the step fails with that error.
using WriteStep = std::function<void(std::string_view step)>;
/// Replaces a private file so that it holds either the old text or the new one, whenever the machine stops; on return
/// it is the new one, synced. @throws std::runtime_error, and what `step` throws; the file then holds either text
void replace_durably(std::filesystem::path const& path, std::string_view text, WriteStep const& step = {});

/// Appends to a private file.
class PrivateFileEnd {
 public:
  /// Cuts off what is behind `size`. @throws std::runtime_error if the file is missing, not ours, or shorter than
  /// `size`
  PrivateFileEnd(std::filesystem::path path, std::uintmax_t size);

  /// @throws std::system_error
  void write(std::string_view text);
  /// On return, what was written is on the disk. @throws std::system_error
  void sync();
  /// Cuts off what was written; false if it may still be there.
  bool cut() noexcept;

 private:
  std::filesystem::path path_;
  std::uintmax_t size_;
  UniqueFd file_;
};
/// Cuts off what is behind the first `size` bytes of a private file, also on the disk. @throws std::system_error
void cut_private_file(std::filesystem::path const& path, std::uintmax_t size);

/// Reads a file of at most 1 MB. Empty if it does not exist. @throws std::runtime_error if it is larger, not a regular
/// file, or another account's
[[nodiscard]] std::string read_own_file(std::filesystem::path const& path);
/// The end of such a file of any size: what is behind the offset `from`, and at most the last `most` bytes.
[[nodiscard]] std::string read_own_tail(std::filesystem::path const& path, std::uintmax_t from, std::size_t most);
/// Reads such a file of any size. Removes other accounts' permissions.
[[nodiscard]] std::string read_private_file(std::filesystem::path const& path);
/// How long a secret is kept: also if the machine stops, or in a folder that goes with this process.
enum class SecretLife { of_the_disk, of_the_process };
/// The secret in a file; if there is none, `fresh`, which is there from then on.
std::string kept_secret(std::filesystem::path const& path, std::string const& fresh, WriteStep const& step = {},
                        SecretLife life = SecretLife::of_the_disk);

/// Opens a file for appending, which is created readable for its owner only.
UniqueFd open_log(std::filesystem::path const& path);

/// A file that the user named, of at most 64 kB; links are followed.
struct NamedFile {
  std::string text;
  bool others_can_read = false;
};
/// @throws std::runtime_error if it is missing, not a regular file, or too large
NamedFile read_named_file(std::filesystem::path const& path);

}  // namespace lakebase::emulator
