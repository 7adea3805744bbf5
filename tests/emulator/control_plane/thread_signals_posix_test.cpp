// The program that holds an emulator decides which of its threads handle signals; the emulator's own never do.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "control_plane_fixture.hpp"
#include "http/http_server.hpp"

namespace lakebase::emulator::tests {
namespace {

namespace fs = std::filesystem;

std::set<std::string> threads() {
  std::set<std::string> ids;
  for (auto const& entry : fs::directory_iterator{"/proc/self/task"}) ids.insert(entry.path().filename().string());
  return ids;
}

// By the mask in /proc, which is there for other threads, too.
bool handles(std::string const& thread, int signal) {
  std::ifstream status{"/proc/self/task/" + thread + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigBlk:")) return ((std::stoull(line.substr(7), nullptr, 16) >> (signal - 1)) & 1U) == 0;
  }
  return false;
}

TEST_F(ControlPlaneTest, NoThreadOfTheEmulatorHandlesSignals) {
  if (!fs::exists("/proc/self/task")) GTEST_SKIP() << "the masks of threads are shown by Linux only";
  HttpServer server{"127.0.0.1", 0};
  server.serve([this](HttpRequest const& request) { return plane->handle(request); });
  make_project();
  auto all = threads();
  EXPECT_EQ(all.erase(std::to_string(::getpid())), 1U);
  EXPECT_GE(all.size(), 3U) << "the server's, the timekeeper's, and the operation's";
  for (auto const& thread : all) {
    EXPECT_FALSE(handles(thread, SIGTERM)) << thread;
    EXPECT_FALSE(handles(thread, SIGPIPE)) << thread;
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
