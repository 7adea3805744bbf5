#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

// The emulator's own files: those in folders that belong to the account it runs as. (For those of PostgreSQL's account
// see data_folder_posix.hpp.) None is followed where it is a link, and none that is a pipe or a device is waited for.

/// Says that a folder cannot be looked into, and whose it is. @param error as in errno
[[noreturn]] void throw_closed(std::filesystem::path const& folder, int error);
/// True: the folder is there. @throws std::runtime_error where it is no folder, or cannot be seen
bool require_folder_or_nothing(std::filesystem::path const& path);

/// Makes a folder that nobody else can enter; true: it is new. One that is there must belong to this account or to
/// root, and loses other accounts' permission to write in it. @throws std::runtime_error
bool make_own_folder(std::filesystem::path const& path);
/// Lets others pass through a folder of ours. They still cannot list it.
void let_others_pass(std::filesystem::path const& path);

/// Replaces a file by way of a temporary one, which from its first moment is its owner's alone to read.
/// @throws std::runtime_error
void write_private_file(std::filesystem::path const& path, std::string_view text);
/// The same for what everybody may read.
void write_public_file(std::filesystem::path const& path, std::string_view text);

/// Called before each step of a write with the step's name; what it throws, the step fails with. A seam for tests.
using WriteStep = std::function<void(std::string_view step)>;
/// Replaces a private file so that it holds the one text or the other, whenever the machine stops; on return it is the
/// new one, on the disk. @throws std::runtime_error, and what `step` throws; then it holds the one or the other
void replace_durably(std::filesystem::path const& path, std::string_view text, WriteStep const& step = {});

/// The end of a private file, which grows.
class PrivateFileEnd {
 public:
  /// @throws std::runtime_error where the file is not there, not ours, or shorter than `size`. What is behind `size` is
  /// cut off
  PrivateFileEnd(std::filesystem::path path, std::uintmax_t size);

  /// @throws std::system_error
  void write(std::string_view text);
  /// On return what was written is on the disk. @throws std::system_error
  void sync();
  /// Takes back what was written; false: it may be there.
  bool cut() noexcept;

 private:
  std::filesystem::path path_;
  std::uintmax_t size_;
  UniqueFd file_;
};
/// Cuts off what is behind the first `size` bytes of a private file, also on the disk. @throws std::system_error
void cut_private_file(std::filesystem::path const& path, std::uintmax_t size);

/// A file of at most 1 MB. Empty where it is not there. @throws std::runtime_error where it is larger, no file, or
/// another account's
[[nodiscard]] std::string read_own_file(std::filesystem::path const& path);
/// The end of such a file, which may be of any size: what is behind the offset `from`, and no more than `most` bytes.
[[nodiscard]] std::string read_own_tail(std::filesystem::path const& path, std::uintmax_t from, std::size_t most);
/// Such a file of any size. Closes it to others where it was open to them.
[[nodiscard]] std::string read_private_file(std::filesystem::path const& path);
/// A secret that lives in a file: the one that is there, else `fresh`, which is put there.
std::string kept_secret(std::filesystem::path const& path, std::string const& fresh);

/// Opens a file for appending, for its owner's eyes only.
UniqueFd open_log(std::filesystem::path const& path);

/// A file that the user named, of at most 64 kB, by which way ever it is reached.
struct NamedFile {
  std::string text;
  bool others_can_read = false;
};
/// @throws std::runtime_error where it is missing, no file, or too large
NamedFile read_named_file(std::filesystem::path const& path);

}  // namespace lakebase::emulator
