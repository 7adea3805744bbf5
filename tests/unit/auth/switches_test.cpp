#include "support/strategy_test.hpp"

// Settings that turn something off.

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using detail::ApiClient;
using detail::Request;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto token_route = "POST /oidc/v1/token";
constexpr auto metadata_route = "GET /.well-known/databricks-config";

using SwitchesTest = StrategyTest;

TEST_F(SwitchesTest, WithoutAsyncRefreshATokenIsUsedToItsEnd) {
  server.with_oauth(3600);
  for (bool const disabled : {false, true}) {
    auto const before = server.requests(token_route).size();
    ApiClient const client{
        config({.client_id = "id", .client_secret = "planted-s", .disable_async_token_refresh = disabled})};
    client.send(Request::get("/api"));
    clock->advance(50min);
    client.send(Request::get("/api"));
    EXPECT_THAT(server.requests(token_route), SizeIs(before + (disabled ? 1 : 2))) << disabled;
    clock->advance(10min);
    client.send(Request::get("/api"));
    EXPECT_THAT(server.requests(token_route), SizeIs(before + 2)) << disabled;
  }
}

TEST_F(SwitchesTest, WithoutHostMetadataTheHostIsNotAskedForThem) {
  server.with_oauth();
  ApiClient{config({.client_id = "id", .client_secret = "planted-s", .use_host_metadata = false})}.send(
      Request::get("/api"));
  EXPECT_THAT(server.requests(metadata_route), IsEmpty());
  EXPECT_THAT(server.requests(token_route), SizeIs(1));
  ApiClient{config({.client_id = "id", .client_secret = "planted-s"})}.send(Request::get("/api"));
  EXPECT_THAT(server.requests(metadata_route), SizeIs(1));
}

}  // namespace
}  // namespace lakebase::tests
