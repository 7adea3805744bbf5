#include "data_plane/server/sql_session.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <stdexcept>

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

/// A socket that takes connections into its queue, and says nothing.
UniqueFd silent_server(std::filesystem::path const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (::bind(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 5) != 0) {
    throw std::runtime_error("cannot listen on " + path.string());
  }
  return socket;
}

TEST(SqlSession, DoesNotWaitForEverForAServerThatSaysNothing) {
  TemporaryFolder folder;
  auto const socket = folder.path() / "server";
  UniqueFd const server = silent_server(socket);
  try {
    SqlSession{socket, "somebody", "postgres", {}, 20ms};
    FAIL() << "nobody can have logged in";
  } catch (DataPlaneError const& error) {
    EXPECT_STREQ(error.what(), "PostgreSQL does not respond");
    EXPECT_EQ(error.sqlstate(), "08000");
  }
}

}  // namespace
}  // namespace lakebase::emulator
