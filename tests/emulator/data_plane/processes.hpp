#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lakebase::emulator {

/// The processes whose working directory is in this folder: servers and their children.
std::vector<pid_t> processes_below(std::filesystem::path const& folder);

/// The postmaster of a data directory, by its postmaster.pid; 0: none.
pid_t postmaster_of(std::filesystem::path const& data);

/// Another process of this test program that holds a data plane with the branch `main` running.
class OtherEmulator {
 public:
  explicit OtherEmulator(std::filesystem::path const& root);
  OtherEmulator(OtherEmulator const&) = delete;
  OtherEmulator& operator=(OtherEmulator const&) = delete;
  ~OtherEmulator() { kill(); }
  void kill();

 private:
  pid_t pid_ = 0;
};

/// What that process runs.
int be_other_emulator(char const* root);

}  // namespace lakebase::emulator
