// Gives a test run a database of its own: a branch with all of production's data, gone when the run is over. If
// the run dies before it can delete it, the service does so after a day.
//
//   branch_for_a_test [PROJECT]         default: projects/my-app

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>

using namespace lakebase::postgres;
using namespace std::chrono_literals;

class TestBranch {
 public:
  TestBranch(lakebase::PostgresClient client, std::string const& project, std::string const& id)
      : client_(std::move(client)),
        branch_(client_.create_branch(project, Branch{.spec = BranchSpec{.ttl = 24h}}, id).wait({.timeout = 10min})),
        name_(lakebase::at(branch_, &Branch::name)) {}

  ~TestBranch() {
    try {
      client_.delete_branch(name_, {.allow_missing = true, .purge = true}).wait({.timeout = 1min});
    } catch (lakebase::Error const& error) {
      std::fprintf(stderr, "%s stays until its ttl is over: %s\n", name_.c_str(), error.what());
    }
  }

  TestBranch(TestBranch const&) = delete;
  TestBranch& operator=(TestBranch const&) = delete;

  std::string const& name() const { return name_; }
  std::string host() const { return host_of(client_.get_endpoint(name_ + "/endpoints/primary")); }
  std::string expires() const { return lakebase::at(branch_, &Branch::status, &BranchStatus::expire_time).to_string(); }

 private:
  lakebase::PostgresClient client_;
  Branch branch_;
  std::string name_;
};

int main(int argc, char** argv) try {
  lakebase::PostgresClient const postgres;
  TestBranch const branch{postgres, argc > 1 ? argv[1] : "projects/my-app", "test-run-1"};
  std::printf("%s is ready at %s and expires at %s\n", branch.name().c_str(), branch.host().c_str(),
              branch.expires().c_str());
  // … run the tests here …
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "branch_for_a_test: %s\n", error.what());
  return EXIT_FAILURE;
}
