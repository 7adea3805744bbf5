#include "data_plane/server/compute_slot.hpp"

#include "data_plane/server/branch.hpp"
#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

TEST(ComputeSlot, IsSharedByAllWhoUseTheComputeAndEndsWithThem) {
  TemporaryFolder const root;
  place_branch(root.path(), "main");
  RunAs const run_as = RunAs::choose();
  auto const installations = PostgresInstallations::find(PostgresSearch::of_environment({}));
  RootFolder folder{root.path(), run_as};
  folder.open([](std::string const&) {});
  ImageStore images{folder, run_as, [](std::string const&) {}};
  ExtensionMirrors extensions{folder.extensions(), [](std::string const&) {}};
  Timekeeper const time;
  std::weak_ptr<Compute> served;
  {
    Branch branch{{installations, run_as, folder, images, extensions, [] {}, time, [](std::string const&) {}}, "main"};
    ComputeSlot const endpoint = branch.primary();
    auto const former = branch.primary().get();
    auto const next = branch.make_standby("next");
    EXPECT_EQ(branch.primary().replace(next), former);
    EXPECT_EQ(endpoint.get(), next);
    EXPECT_EQ(endpoint, branch.primary());
    EXPECT_NE(endpoint, ComputeSlot{next});
    served = next;
  }
  EXPECT_TRUE(served.expired()) << "it follows what serves the branch, and must not keep itself by that";
}

}  // namespace
}  // namespace lakebase::emulator
