// What a branch costs the emulator's state, and how long its file is, after many branches were made and deleted: the
// control plane over a data plane that does nothing. Prints a table; the argument is a folder to work in.
//
//     emulator_state_benchmark /dev/shm

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "control_plane/control_plane.hpp"
#include "emulator/control_plane/fake_computes.hpp"

namespace {

using namespace lakebase::emulator;
using Steady = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int measured = 100;

class Workbench {
 public:
  explicit Workbench(std::filesystem::path folder) : folder_(std::move(folder)) {
    plane_.open();
    finished("POST", "projects?project_id=shop", "{}");
  }

  void pair() {
    create();
    remove();
  }
  Microseconds create() {
    return finished("POST", "projects/shop/branches?branch_id=dev", R"({"spec": {"no_expiry": true}})");
  }
  Microseconds remove() { return finished("DELETE", "projects/shop/branches/dev?purge=true", ""); }
  std::uintmax_t file_size() const { return std::filesystem::file_size(folder_ / "state.json"); }

 private:
  static TimePoint now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
  WorkspaceOptions options() const {
    WorkspaceOptions options;
    options.folder = folder_;
    return options;
  }
  Json call(std::string const& method, std::string const& target, std::string const& body) {
    HttpRequest request;
    request.method = method;
    auto const question = std::min(target.find('?'), target.size());
    request.path = "/api/2.0/postgres/" + target.substr(0, question);
    request.segments = decoded_segments(request.path);
    if (question < target.size()) request.query = decoded_form(std::string_view{target}.substr(question + 1));
    request.authorization = "Bearer " + plane_.token();
    request.body = body;
    return Json::parse(plane_.handle(request).body);
  }
  // The time from the call to the end of its operation.
  Microseconds finished(std::string const& method, std::string const& target, std::string const& body) {
    auto const begin = Steady::now();
    auto const name = call(method, target, body).at("name").get<std::string>();
    while (call("GET", name, "").at("done") != true) std::this_thread::yield();
    return Steady::now() - begin;
  }

  std::filesystem::path const folder_;
  tests::FakeComputes computes_;
  ControlPlane plane_{options(), computes_, now};
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
  std::filesystem::path const parent = count > 1 ? arguments[1] : std::filesystem::temp_directory_path();
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto const folder = parent / "lakebase-state-benchmark";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  {
    Workbench bench{folder};
    std::puts("branches before   create, us   delete, us   state.json, KB");
    int made = 0;
    for (int const wanted : {0, 500, 2500, 5000}) {
      for (; made < wanted; ++made) bench.pair();
      std::vector<double> creates;
      std::vector<double> removes;
      for (int i = 0; i < measured; ++i, ++made) {
        creates.push_back(bench.create().count());
        removes.push_back(bench.remove().count());
      }
      std::printf("%15d %12.0f %12.0f %16.0f\n", wanted, median(creates), median(removes),
                  static_cast<double>(bench.file_size()) / 1024);
    }
  }
  std::filesystem::remove_all(folder);
}
