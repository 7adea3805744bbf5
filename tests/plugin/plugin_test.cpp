#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support/faulty_server.hpp"

namespace lakebase::tests {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool counts_heap = false;  // the sanitizers' own heap; LeakSanitizer counts
#else
constexpr bool counts_heap = true;
#endif

std::size_t heap_in_use() {
  return counts_heap ? ::mallinfo2().uordblks : 0;
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
  std::size_t heap = 0;
  std::size_t files = 0;
  for (int round = 0; round < 100; ++round) {
    void* const plugin = ::dlopen(LAKEBASE_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(plugin, nullptr) << ::dlerror();
    auto* const use = reinterpret_cast<int (*)(char const*)>(::dlsym(plugin, "use_lakebase"));
    ASSERT_NE(use, nullptr);
    ASSERT_EQ(use(server.url().c_str()), 0);
    ASSERT_EQ(::dlclose(plugin), 0);
    ASSERT_EQ(mapped_plugins(), 0U) << "it was not unloaded";
    if (round == 59) heap = heap_in_use();
    if (round == 59) files = open_files();
  }
  // By then the allocator has settled; what is left is less than any object of the library, and LeakSanitizer is exact.
  EXPECT_LE(heap_in_use(), heap + 4096) << "in 40 rounds";
  EXPECT_EQ(open_files(), files);
  if (curl != nullptr) ::dlclose(curl);
}

}  // namespace
}  // namespace lakebase::tests
