#pragma once

#include <filesystem>
#include <mutex>
#include <string>

#include "state.hpp"

namespace lakebase::emulator {

/// Keeps the state in `state.json`.
class StateStore {
 public:
  explicit StateStore(std::filesystem::path file) : file_(std::move(file)) {}

  /// An empty state where there is no file yet. @throws std::runtime_error where the file is not one of ours
  State load() const;
  /// Replaces the file atomically. Of two saves that race, the one with the higher version stands.
  void save(std::string const& text, std::int64_t version);

  static std::string to_text(State const& state);

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
  std::int64_t saved_version_ = 0;
};

/// Writes a file by way of a temporary one, readable by its owner alone.
void write_private_file(std::filesystem::path const& file, std::string const& text);
/// Empty where the file is not there.
std::string read_file(std::filesystem::path const& file);

}  // namespace lakebase::emulator
