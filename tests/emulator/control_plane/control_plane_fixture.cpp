#include "control_plane_fixture.hpp"

#include <thread>

#include "common/random.hpp"

namespace lakebase::emulator::tests {

using namespace std::chrono_literals;

ScratchFolder::ScratchFolder(std::filesystem::path const& parent)
    : path_(parent / ("lakebase-test-" + random_hex(12))) {
  std::filesystem::create_directories(path_);
}
ScratchFolder::~ScratchFolder() {
  std::filesystem::remove_all(path_);
}

Json json(std::string_view text) {
  return Json::parse(text);
}

std::string Answer::message() const {
  auto const text = body.value("message", "");
  return text.substr(0, text.find(" [TraceId: "));
}

ControlPlaneTest::ControlPlaneTest() : now_((parse_time("2026-06-01T12:00:00Z").value()).time_since_epoch().count()) {
  options.folder = folder.path();
  plane = make_plane();
}

ControlPlaneTest::~ControlPlaneTest() {
  computes->release();
  plane.reset();
}

std::unique_ptr<ControlPlane> ControlPlaneTest::make_plane() {
  auto made = std::make_unique<ControlPlane>(options, *computes, time);
  made->open();
  return made;
}

void ControlPlaneTest::restart() {
  plane.reset();
  computes = std::make_unique<FakeComputes>();
  plane = make_plane();
}

HttpRequest ControlPlaneTest::request(std::string const& method, std::string const& target, std::string body) {
  HttpRequest request;
  request.method = method;
  auto const question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.segments = decoded_segments(request.path);
  if (question < target.size()) request.query = decoded_form(std::string_view{target}.substr(question + 1));
  request.authorization = "Bearer " + plane->token();
  request.body = std::move(body);
  return request;
}

HttpReply ControlPlaneTest::raw(HttpRequest request) {
  return plane->handle(request);
}

Answer ControlPlaneTest::call(std::string const& method, std::string const& target, Json const& body) {
  auto const reply = raw(request(method, "/api/2.0/postgres/" + target, body.is_null() ? "" : body.dump()));
  return {reply.status, json(reply.body)};
}

Json ControlPlaneTest::wait(Answer const& started) {
  EXPECT_EQ(started.status, 200) << started.body.dump(1);
  EXPECT_EQ(started.body.value("done", true), false) << started.body.dump(1);
  auto const name = started.body.value("name", "");
  for (int i = 0; i < 5000; ++i) {
    auto const operation = get(name);
    if (operation.status != 200 || operation.body.value("done", false)) return operation.body;
    std::this_thread::sleep_for(1ms);
  }
  ADD_FAILURE() << name << " does not end";
  return {};
}

Json ControlPlaneTest::finished(std::string const& method, std::string const& target, Json const& body) {
  auto const operation = wait(call(method, target, body));
  EXPECT_TRUE(operation.contains("response")) << operation.dump(1);
  return operation.value("response", Json::object());
}

Json ControlPlaneTest::failed(std::string const& method, std::string const& target, Json const& body) {
  auto const operation = wait(call(method, target, body));
  EXPECT_TRUE(operation.contains("error")) << operation.dump(1);
  EXPECT_FALSE(operation.contains("response")) << operation.dump(1);
  return operation.value("error", Json::object());
}

void ControlPlaneTest::expect_error(Answer const& answer, int status, std::string_view code, std::string_view message) {
  EXPECT_EQ(answer.status, status) << answer.body.dump(1);
  EXPECT_EQ(answer.code(), code);
  EXPECT_EQ(answer.message(), message);
}

void ControlPlaneTest::make_branch(std::string const& id, Json spec) {
  finished("POST", "projects/shop/branches?branch_id=" + id, Json{{"spec", std::move(spec)}});
}

}  // namespace lakebase::emulator::tests
