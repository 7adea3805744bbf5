#include "data_plane/leftover_processes_posix.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/shm.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

std::string command_line(fs::path const& process) {
  std::ifstream file{process / "cmdline", std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool belongs(fs::path const& process, fs::path const& data, std::string const& cluster_name) {
  std::error_code error;
  fs::path directory = fs::read_symlink(process / "cwd", error);
  if (!error) return directory == data;
  if (error != std::errc::permission_denied) return false;
  return command_line(process).starts_with("postgres: " + cluster_name + ": ");
}

std::vector<pid_t> leftovers(fs::path const& data, std::string const& cluster_name) {
  std::vector<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator entry{"/proc", error}, end; !error && entry != end; entry.increment(error)) {
    std::string const name = entry->path().filename().string();
    pid_t pid = 0;
    auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    bool numeric = wrong == std::errc{} && rest == name.data() + name.size();
    if (numeric && belongs(entry->path(), data, cluster_name)) found.push_back(pid);
  }
  return found;
}

}  // namespace

bool kill_leftover_processes(fs::path const& data, std::string const& cluster_name, Deadline deadline) {
  fs::path const where = fs::weakly_canonical(data);
  for (;;) {
    auto pids = leftovers(where, cluster_name);
    if (pids.empty()) return true;
    for (pid_t pid : pids) ::kill(pid, SIGKILL);
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
}

bool is_server_process(pid_t pid, fs::path const& data, std::string const& cluster_name) {
  return belongs(fs::path{"/proc"} / std::to_string(pid), fs::weakly_canonical(data), cluster_name);
}

void remove_leftover_shared_memory(fs::path const& data, RunAs const& run_as) {
  std::ifstream file{data / "postmaster.pid"};
  std::string line;
  for (int number = 1; number <= 7; ++number) {
    if (!std::getline(file, line)) return;
  }
  std::istringstream words{line};
  unsigned long key = 0;
  int id = -1;
  shmid_ds segment{};
  if (!(words >> key >> id) || ::shmctl(id, IPC_STAT, &segment) != 0) return;
  bool ours = segment.shm_perm.uid == run_as.uid && static_cast<unsigned long>(segment.shm_perm.__key) == key;
  if (ours && segment.shm_nattch == 0) ::shmctl(id, IPC_RMID, nullptr);
}

}  // namespace lakebase::emulator
