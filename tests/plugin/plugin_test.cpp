#include <dlfcn.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support/faulty_server.hpp"

#if defined(__GLIBC__) && !defined(LAKEBASE_SANITIZED)
#define LAKEBASE_COUNTS_BLOCKS
#endif

#ifdef LAKEBASE_COUNTS_BLOCKS
// The blocks of the heap that are in use. Their bytes would tell less: the allocator rounds, splits and keeps as it
// likes. The sanitizers have a heap of their own, and LeakSanitizer counts there.
namespace {
std::atomic<long> blocks{0};
}

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): glibc's names
#pragma GCC visibility push(default)
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);

void* malloc(std::size_t size) {
  auto* const block = __libc_malloc(size);
  if (block != nullptr) ++blocks;
  return block;
}
void* calloc(std::size_t count, std::size_t size) {
  auto* const block = __libc_calloc(count, size);
  if (block != nullptr) ++blocks;
  return block;
}
void* realloc(void* block, std::size_t size) {
  auto* const moved = __libc_realloc(block, size);
  if (block == nullptr && moved != nullptr) ++blocks;
  if (block != nullptr && size == 0) --blocks;
  return moved;
}
void* memalign(std::size_t alignment, std::size_t size) {
  auto* const block = __libc_memalign(alignment, size);
  if (block != nullptr) ++blocks;
  return block;
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block != nullptr ? 0 : ENOMEM;
}
void free(void* block) {
  if (block != nullptr) --blocks;
  __libc_free(block);
}
}
#pragma GCC visibility pop
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
#endif

namespace lakebase::tests {
namespace {

long blocks_in_use() {
#ifdef LAKEBASE_COUNTS_BLOCKS
  return blocks;
#else
  return 0;
#endif
}

std::size_t open_files() {
  std::size_t count = 0;
  for (int file = 0; file < 1024; ++file) {
    if (::fcntl(file, F_GETFD) >= 0) ++count;
  }
  return count;
}

std::size_t mapped_plugins() {
  std::ifstream maps{"/proc/self/maps"};
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find(LAKEBASE_PLUGIN) != std::string::npos ? 1 : 0;
  return count;
}

// A server in a process of its own, so that what is counted here is the plugin's.
class ServerProcess {
 public:
  ServerProcess() {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
    process_ = ::fork();
    if (process_ == 0) {
      FaultyServer const server{FaultyServer::answering(answer)};
      port_ = server.port();
      if (::write(pipe[1], &port_, sizeof port_) != sizeof port_) ::_exit(1);
      for (;;) ::pause();
    }
    if (::read(pipe[0], &port_, sizeof port_) != sizeof port_) throw std::runtime_error("no server");
    for (int const end : pipe) ::close(end);
  }
  ~ServerProcess() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ServerProcess(ServerProcess const&) = delete;
  ServerProcess& operator=(ServerProcess const&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  static void answer(Connection& connection, std::string const& request, int) {
    if (request.find("/projects/slow") != std::string::npos) return connection.stall();
    if (request.find("/projects/none") != std::string::npos) return connection.answer(404, R"({"message":"none"})");
    if (request.find("/oidc/v1/token") != std::string::npos) {
      return connection.answer(200, R"({"access_token":"t","expires_in":3600})");
    }
    connection.answer(200, R"({"name":"projects/p"})");
  }

  pid_t process_ = 0;
  int port_ = 0;
};

TEST(Plugin, IsLoadedAndUnloadedAHundredTimes) {
  // libcurl and OpenSSL stay; what they keep for the life of the process is none of the plugin's.
  void* const curl = ::dlopen("libcurl.so.4", RTLD_NOW);
  ServerProcess const server;
  long before = 0;
  std::size_t files = 0;
  for (int round = 0; round < 100; ++round) {
    void* const plugin = ::dlopen(LAKEBASE_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(plugin, nullptr) << ::dlerror();
    auto* const use = reinterpret_cast<int (*)(char const*)>(::dlsym(plugin, "use_lakebase"));
    ASSERT_NE(use, nullptr);
    ASSERT_EQ(use(server.url().c_str()), 0);
    ASSERT_EQ(::dlclose(plugin), 0);
    ASSERT_EQ(mapped_plugins(), 0U) << "it was not unloaded";
    if (round == 9) before = blocks_in_use();
    if (round == 9) files = open_files();
  }
  // One block more in each round would be 90; the system's libraries take two in one round and give them back in the
  // next.
  EXPECT_LE(blocks_in_use(), before + 4);
  EXPECT_EQ(open_files(), files);
  if (curl != nullptr) ::dlclose(curl);
}

}  // namespace
}  // namespace lakebase::tests
