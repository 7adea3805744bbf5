#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "data_plane/data_plane.hpp"
#include "pq_connection.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

using namespace std::chrono_literals;

constexpr std::uint16_t test_port = 15432;
constexpr char const* good_token = "token-that-the-authority-knows";
constexpr char const* expired_token = "token-that-has-expired";

/// A folder below /tmp that ends with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(TemporaryFolder const&) = delete;
  TemporaryFolder& operator=(TemporaryFolder const&) = delete;
  ~TemporaryFolder();
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Polls until it holds; false: it did not within the limit.
bool eventually(std::function<bool()> const& holds, std::chrono::milliseconds limit = 10s);

/// Knows one token; an expired one; and leaves all other passwords to PostgreSQL.
LoginDecision decide(Login const& login);

/// Puts the data of a fresh branch into the root folder of a data plane that does not run, without an initdb of its
/// own. It has the database `app` and the role `alice`, with the native password `secret`.
void place_branch(std::filesystem::path const& root, std::string const& uid);

/// Gives a folder and all that is in it to an account.
void give_to(RunAs const& account, std::filesystem::path const& folder);

/// A data plane with the branch `main`, which has the endpoint `primary`.
class DataPlaneTest : public testing::Test {
 protected:
  void SetUp() override;
  void start_data_plane();
  DataPlaneOptions options();

  DataPlane& plane() { return *plane_; }
  /// libpq's connection string for an endpoint, with the token as the password.
  std::string conninfo(std::string const& host, std::string const& more = {}) const;
  PqConnection connect(std::string const& more = {}) const { return PqConnection{conninfo(host_, more)}; }
  std::string logged() const;

  TemporaryFolder root_;
  std::string host_;
  mutable std::mutex log_mutex_;
  std::string log_;
  std::function<LoginDecision(Login const&)> authority_ = decide;
  std::shared_ptr<Timekeeper> time_ = std::make_shared<Timekeeper>();
  std::unique_ptr<DataPlane> plane_;
};

}  // namespace lakebase::emulator
