#include "processes.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "data_plane_fixture.hpp"
#include "system/descriptor_io_posix.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

namespace fs = std::filesystem;

std::vector<pid_t> processes_below(fs::path const& folder) {
  std::vector<pid_t> pids;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator{"/proc"}) {
    std::string const cwd = fs::read_symlink(entry.path() / "cwd", error).string();
    std::string const name = entry.path().filename().string();
    bool const process = name.find_first_not_of("0123456789") == std::string::npos;
    if (process && !error && cwd.starts_with(folder.string() + "/")) pids.push_back(std::stoi(name));
  }
  return pids;
}

pid_t postmaster_of(fs::path const& data) {
  pid_t pid = 0;
  std::ifstream{data / "postmaster.pid"} >> pid;
  return pid;
}

OtherEmulator::OtherEmulator(fs::path const& root) {
  Pipe ready;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ready.write_end.get(), 1);
  std::string program = "emulator_data_plane_test";
  std::string flag = "--be-other-emulator";
  std::string folder = root.string();
  char* arguments[] = {program.data(), flag.data(), folder.data(), nullptr};
  int const error = ::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ready.write_end.reset();
  char byte = 0;
  if (error != 0 || ::read(ready.read_end.get(), &byte, 1) != 1) throw std::runtime_error("no other emulator");
}

void OtherEmulator::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

int be_other_emulator(char const* root) {
  DataPlane plane{{root, test_port, decide, {}}};
  plane.add_endpoint("primary", "main", {});
  plane.start("primary");
  plane.execute("main", "app", {"CREATE TABLE kept AS SELECT 1 AS n"});
  [[maybe_unused]] auto written = ::write(1, "r", 1);
  for (;;) ::pause();
}

}  // namespace lakebase::emulator
