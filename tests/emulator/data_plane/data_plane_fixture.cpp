#include "data_plane_fixture.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "data_plane/folders/file_copy_posix.hpp"
#include "data_plane/folders/root_folder_posix.hpp"
#include "data_plane/server/postgres_installation.hpp"
#include "system/private_file_posix.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// The template is the tester's own, who may stand where PostgreSQL's account cannot go.
void copy_as_tester(fs::path const& from, fs::path const& to) {
  copy_data_tree(from, to, [](std::string_view) { return true; });
}

void make_template(fs::path const& folder) {
  TemporaryFolder root;
  {
    DataPlane plane{{root.path(), test_port, decide, {}}};
    plane.create_branch("template");
    plane.execute(
        "template", "postgres",
        {"CREATE ROLE alice LOGIN PASSWORD 'secret' IN ROLE databricks_superuser", "CREATE DATABASE app OWNER alice"});
  }
  fs::remove_all(folder);
  fs::create_directories(folder.parent_path());
  copy_as_tester(root.path() / "branches" / "template", folder);
}

/// One for each major version; made again by every build of the test, as it may come out differently.
fs::path find_template() {
  int const version = choose_version(PostgresInstallations::find().versions(), std::nullopt);
  char const* elsewhere = std::getenv("LAKEBASE_TEST_TEMPLATE");
  std::string const name = elsewhere == nullptr ? LAKEBASE_TEST_TEMPLATE_FOLDER : elsewhere;
  fs::path const folder = name + std::to_string(version);
  fs::path const stamp = folder.string() + ".stamp";
  UniqueFd lock{::open((folder.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) throw std::runtime_error("cannot lock the template");
  std::error_code error;
  bool const fresh = fs::last_write_time(stamp, error) > fs::last_write_time("/proc/self/exe") && !error;
  if (!fresh) {
    make_template(folder);
    std::ofstream{stamp};
  }
  return folder;
}

}  // namespace

void PqConnection::wait(bool writable) const {
  pollfd waited{PQsocket(handle_.get()), static_cast<short>(writable ? POLLOUT : POLLIN), 0};
  ::poll(&waited, 1, 30'000);
}

void give_to(RunAs const& account, fs::path const& folder) {
  if (!account.switches) return;
  auto give = [&](fs::path const& path) {
    if (::lchown(path.c_str(), account.uid, account.gid) != 0) throw std::runtime_error("cannot give " + path.string());
  };
  give(folder);
  for (auto const& entry : fs::recursive_directory_iterator{folder}) give(entry.path());
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = "/tmp/lakebase-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

bool eventually(std::function<bool()> const& holds, std::chrono::milliseconds limit) {
  auto const deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

LoginDecision decide(Login const& login) {
  using Verdict = LoginDecision::Verdict;
  if (login.password == good_token) return {Verdict::trusted, {}, {}};
  if (login.password != expired_token) return {Verdict::native_password, {}, {}};
  return {Verdict::refused, "28000", "Invalid authorization for databricks identity login"};
}

void place_branch(fs::path const& root, std::string const& uid) {
  RunAs const run_as = RunAs::choose();
  fs::path const branches = root / "branches";
  make_own_folder(root);
  make_own_folder(branches);
  scatter_subfolders(branches);
  // Another name each time, so that it goes elsewhere on the disk each time.
  fs::path const unfinished = branches / root.filename();
  copy_as_tester(find_template(), unfinished);
  give_to(run_as, unfinished);
  fs::rename(unfinished, branches / uid);
}

DataPlaneOptions DataPlaneTest::options() {
  return {.root = root_.path(),
          .postgres_port = test_port,
          .authority = [this](Login const& login) { return authority_(login); },
          .log =
              [this](std::string_view line) {
                std::lock_guard lock{log_mutex_};
                log_.append(line).append(1, '\n');
              },
          .time = time_};
}

void DataPlaneTest::SetUp() {
  place_branch(root_.path(), "main");
  start_data_plane();
}

void DataPlaneTest::start_data_plane() {
  plane_ = std::make_unique<DataPlane>(options());
  host_ = plane_->add_endpoint("primary", "main", {});
}

std::string DataPlaneTest::conninfo(std::string const& host, std::string const& more) const {
  return "host=" + host + " port=" + std::to_string(test_port) +
         " user=alice dbname=app gssencmode=disable sslmode=verify-full sslrootcert=" +
         plane_->ca_certificate().string() + " password=" + good_token + " " + more;
}

std::string DataPlaneTest::logged() const {
  std::lock_guard lock{log_mutex_};
  return log_;
}

}  // namespace lakebase::emulator
