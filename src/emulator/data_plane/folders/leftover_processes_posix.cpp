#include "data_plane/folders/leftover_processes_posix.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// Reads no more than needed: a process can make its title as long as it likes.
bool title_begins(fs::path const& process, std::string const& wanted) {
  std::ifstream file{process / "cmdline", std::ios::binary};
  std::string title(wanted.size(), '\0');
  file.read(title.data(), static_cast<std::streamsize>(title.size()));
  return title == wanted;
}

bool belongs(fs::path const& process, fs::path const& data, std::string const& cluster_name, RunAs const& run_as) {
  struct stat facts {};
  if (::stat(process.c_str(), &facts) != 0 || facts.st_uid != run_as.uid) return false;
  std::error_code error;
  fs::path directory = fs::read_symlink(process / "cwd", error);
  if (!error) return directory == data;
  if (error != std::errc::permission_denied) return false;
  return title_begins(process, "postgres: " + cluster_name + ": ");
}

std::vector<pid_t> leftovers(fs::path const& data, std::string const& cluster_name, RunAs const& run_as) {
  std::vector<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator entry{"/proc", error}, end; !error && entry != end; entry.increment(error)) {
    std::string const name = entry->path().filename().string();
    pid_t pid = 0;
    auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    bool numeric = wrong == std::errc{} && rest == name.data() + name.size();
    if (numeric && belongs(entry->path(), data, cluster_name, run_as)) found.push_back(pid);
  }
  return found;
}

}  // namespace

bool kill_leftover_processes(fs::path const& data, std::string const& cluster_name, RunAs const& run_as,
                             Deadline deadline) {
  // `data` is not resolved: if it has become a link, its target is not ours to clear.
  for (;;) {
    auto pids = leftovers(data, cluster_name, run_as);
    if (pids.empty()) return true;
    for (pid_t pid : pids) ::kill(pid, SIGKILL);
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
}

void remove_leftover_shared_memory(std::string const& postmaster_pid, RunAs const& run_as) {
  std::istringstream file{postmaster_pid};
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
