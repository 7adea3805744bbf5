#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "http/curl_transport.hpp"

// A name server of our own: this program's `getaddrinfo`, which libcurl calls, hangs for one name of `.test`, and knows
// none of the others.

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view slow_name = "slow.test";
std::atomic<int> waiting{0};
std::atomic<bool> answers{false};

int hang() {
  ++waiting;
  while (!answers) std::this_thread::sleep_for(1ms);
  --waiting;
  return EAI_AGAIN;
}

}  // namespace
}  // namespace lakebase::detail

extern "C" __attribute__((visibility("default"))) int getaddrinfo(char const* name, char const* service,
                                                                  addrinfo const* hints, addrinfo** result) {
  std::string_view const text{name == nullptr ? "" : name};
  if (text == lakebase::detail::slow_name) return lakebase::detail::hang();
  if (text.ends_with(".test") || text.ends_with(".invalid")) return EAI_NONAME;
  static auto const real = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(name, service, hints, result);
}

namespace lakebase::detail {
namespace {

class ResolvingTest : public ::testing::Test {
 protected:
  ~ResolvingTest() override {
    answers = true;
    while (waiting > 0) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(20ms);  // libcurl's threads end by themselves
    answers = false;
  }

  std::shared_ptr<Transport> transport = make_curl_transport({});
  HttpRequest const request{.method = "POST", .url = "http://slow.test/"};
};

TEST_F(ResolvingTest, IsStoppedAtOnce) {
  std::stop_source stop;
  std::chrono::steady_clock::time_point ended;
  std::jthread caller{[&] {
    EXPECT_THROW(transport->send(request, {.stop = stop.get_token()}), Cancelled);
    ended = std::chrono::steady_clock::now();
  }};
  while (waiting == 0) std::this_thread::yield();
  auto const asked = std::chrono::steady_clock::now();
  stop.request_stop();
  caller.join();
  EXPECT_LE(ended - asked, 50ms);
}

TEST_F(ResolvingTest, EndsInTime) {
  auto const start = std::chrono::steady_clock::now();
  try {
    transport->send(request, {.total = 60ms});
    FAIL();
  } catch (TransportError const& error) {
    EXPECT_FALSE(error.maybe_sent());
    EXPECT_NE(std::string_view{error.what()}.find("the name was not resolved"), std::string_view::npos) << error.what();
  }
  EXPECT_LE(std::chrono::steady_clock::now() - start, 160ms);
}

}  // namespace
}  // namespace lakebase::detail
