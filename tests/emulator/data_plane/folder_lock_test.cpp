#include "data_plane/folders/folder_lock_posix.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "data_plane_fixture.hpp"
#include "system/port_holder_posix.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::optional<FolderLock> take_existing(std::filesystem::path const& folder) {
  UniqueFd const open{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return FolderLock::take_existing(open.get());
}

TEST(FolderLock, IsOnesWhileItLives) {
  TemporaryFolder const folder;
  EXPECT_FALSE(lock_holder(folder.path()));
  EXPECT_FALSE(take_existing(folder.path())) << "there is no lock";
  {
    auto const lock = FolderLock::take(folder.path());
    ASSERT_TRUE(lock);
    EXPECT_FALSE(FolderLock::take(folder.path()));
    EXPECT_FALSE(take_existing(folder.path()));
    EXPECT_EQ(lock_holder(folder.path())->process, ::getpid());
    EXPECT_FALSE(FolderLock::take(folder.path())) << "asking who has it has not set it free";
  }
  EXPECT_FALSE(lock_holder(folder.path())) << "the file that is left says nothing";
  EXPECT_TRUE(take_existing(folder.path()));
}

TEST(FolderLock, NamesNoProcessThatHasNotTheFile) {
  TemporaryFolder const folder;
  auto const lock = FolderLock::take(folder.path());
  std::ofstream{folder.path() / "lock"} << "1\n";
  auto const holder = lock_holder(folder.path());
  ASSERT_TRUE(holder);
  EXPECT_FALSE(holder->process);
}

TEST(FolderLock, IsNotTakenInAFolderThatIsBeingRemoved) {
  TemporaryFolder const folder;
  UniqueFd const open{::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  { auto const once = FolderLock::take(folder.path()); }
  auto const remover = take_existing(folder.path());
  std::filesystem::remove(folder.path() / "lock");
  EXPECT_FALSE(FolderLock::take_existing(open.get()));
}

TEST(PortHolder, NamesTheProcess) {
  UniqueFd const one = listen_on("127.0.0.1", 0);
  EXPECT_THAT(port_holder("127.0.0.1", port_of(one.get())), HasSubstr("process " + std::to_string(::getpid()) + " ("));
  EXPECT_THAT(port_holder("127.0.0.2", port_of(one.get())), IsEmpty());
  UniqueFd const all = listen_on("0.0.0.0", 0);
  EXPECT_THAT(port_holder("127.0.0.2", port_of(all.get())), HasSubstr(std::to_string(::getpid())));
}

class OuterSocketsTest : public DataPlaneTest {
 protected:
  void SetUp() override {}
};

TEST_F(OuterSocketsTest, OfAKilledEmulatorAreRemoved) {
  std::string left = "/tmp/lakebase-sockets-XXXXXX";
  ASSERT_NE(::mkdtemp(left.data()), nullptr);
  std::filesystem::create_directory(std::filesystem::path{left} / "1");
  TemporaryFolder const victim;
  std::ofstream{victim.path() / "file"} << "precious";
  {
    std::ofstream{root_.path() / "sockets"} << left;
    DataPlane const plane{options()};
    EXPECT_FALSE(std::filesystem::exists(left));
  }
  std::ofstream{root_.path() / "sockets"} << victim.path().string();
  { DataPlane const plane{options()}; }
  EXPECT_TRUE(std::filesystem::exists(victim.path() / "file")) << "its name is none of ours";
}

}  // namespace
}  // namespace lakebase::emulator
