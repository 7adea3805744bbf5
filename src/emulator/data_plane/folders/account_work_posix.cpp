#include "data_plane/folders/account_work_posix.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <system_error>

#include "system/thread_group_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr auto unchanged = static_cast<unsigned>(-1);

void take_rights_of(RunAs const& account) {
  if (::syscall(SYS_setgroups, account.groups.size(), account.groups.data()) != 0 ||
      ::syscall(SYS_setresgid, unchanged, account.gid, unchanged) != 0 ||
      ::syscall(SYS_setresuid, unchanged, account.uid, unchanged) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot take the rights of the account " + account.name);
  }
}

}  // namespace

void work_as(RunAs const& account, std::function<void()> const& work) {
  if (!account.switches) return work();
  std::exception_ptr failure;
  ThreadGroup thread;
  thread.start([&] {
    try {
      take_rights_of(account);
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join_all();
  // After such a change the kernel writes no core dumps of this process and admits no debugger. The state from when the
  // account was chosen is restored, because by now other threads may be doing the same.
  if (account.dumpable) ::prctl(PR_SET_DUMPABLE, 1);
  if (failure) std::rethrow_exception(failure);
}

void make_account_folder(fs::path const& path, RunAs const& account) {
  bool const made = ::mkdir(path.c_str(), S_IRWXU) == 0;
  if (!made || (account.switches && ::lchown(path.c_str(), account.uid, account.gid) != 0)) {
    throw std::system_error(errno, std::generic_category(), path.string());
  }
}

std::optional<Leftover> remove_account_folder(fs::path const& path, RunAs const& account) noexcept try {
  std::error_code error;
  // An empty folder or a link can be removed with rights in the folder around it, which is the emulator's.
  if (fs::remove(path, error) || !error) return std::nullopt;
  std::optional<Leftover> left;
  if (fs::is_directory(fs::symlink_status(path, error))) {
    work_as(account, [&] { left = empty_folder(path); });
  }
  if (!left && !fs::remove(path, error) && error) left = Leftover{path, error.message()};
  return left;
} catch (std::exception const& failure) {
  return Leftover{path, failure.what()};
}

}  // namespace lakebase::emulator
