#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control_plane/control_plane.hpp"
#include "fake_computes.hpp"

namespace lakebase::emulator::tests {

/// A folder that goes away with the test.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::filesystem::path const& parent = std::filesystem::temp_directory_path());
  ~ScratchFolder();
  std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Reads JSON.
Json json(std::string_view text);

/// What a call answered.
struct Answer {
  int status = 0;
  Json body;

  std::string code() const { return body.value("error_code", ""); }
  /// Without its trace id.
  std::string message() const;
};

/// A control plane over a fake data plane, with a clock that stands still until it is told.
class ControlPlaneTest : public ::testing::Test {
 protected:
  static constexpr char const* production = "projects/shop/branches/production";
  static constexpr char const* primary = "projects/shop/branches/production/endpoints/primary";

  ControlPlaneTest();
  ~ControlPlaneTest() override;

  /// Ends this life of the emulator and begins the next one, with the same folder and a new data plane.
  void restart();
  void advance(Duration duration) { now_ = now_.load() + duration.count(); }
  TimePoint now() const { return TimePoint{Duration{now_.load()}}; }

  /// A call below `/api/2.0/postgres/`; `target` with its query.
  Answer call(std::string const& method, std::string const& target, Json const& body = nullptr);
  /// A call with any path, body and authorization.
  HttpReply raw(HttpRequest request);
  HttpRequest request(std::string const& method, std::string const& target, std::string body = {});

  Answer get(std::string const& name) { return call("GET", name); }
  /// Polls an operation until it is done, and returns it.
  Json wait(Answer const& started);
  /// The response of a call's operation; a failed one fails the test.
  Json finished(std::string const& method, std::string const& target, Json const& body = nullptr);
  /// The error of a call's operation.
  Json failed(std::string const& method, std::string const& target, Json const& body = nullptr);
  void expect_error(Answer const& answer, int status, std::string_view code, std::string_view message);

  void make_project(Json const& body = Json::object()) { finished("POST", "projects?project_id=shop", body); }
  void make_branch(std::string const& id, Json spec = Json{{"no_expiry", true}});
  std::string uid(std::string const& name) { return get(name).body.at("uid").get<std::string>(); }

  ScratchFolder folder;
  WorkspaceOptions options;
  Timekeeper time{[this] { return now(); }};
  std::unique_ptr<FakeComputes> computes = std::make_unique<FakeComputes>();
  std::unique_ptr<ControlPlane> plane;

  /// Applies changed options.
  void reopen() { restart(); }

 private:
  std::unique_ptr<ControlPlane> make_plane();
  std::atomic<std::int64_t> now_;
};

}  // namespace lakebase::emulator::tests
