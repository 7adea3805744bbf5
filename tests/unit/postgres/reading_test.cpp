#include <string>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/at.hpp>
#include <lakebase/error.hpp>
#include <lakebase/postgres_client.hpp>

// What a program reads out of the service's answers: at, host_of, token_of.

namespace lakebase::tests {
namespace {

using namespace postgres;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto full_endpoint = R"({"name":"projects/p/branches/b/endpoints/e","status":{
    "endpoint_type":"ENDPOINT_TYPE_READ_WRITE","current_state":"ACTIVE","hosts":{
      "host":"ep.example.com","read_only_host":"ep-ro.example.com",
      "read_write_pooled_host":"ep-pooler.example.com","read_only_pooled_host":"ep-ro-pooler.example.com"},
    "settings":{"pg_settings":{"work_mem":"64MB"}}}})";

Endpoint endpoint_from(char const* json) {
  return from_json<Endpoint>(json);
}

std::string what_host_of_says(Endpoint const& endpoint, HostKind kind = HostKind::read_write) {
  try {
    return "there is one: " + host_of(endpoint, kind);
  } catch (MissingField const& error) {
    return error.json_path() + "|" + error.what();
  }
}

TEST(At, GivesTheMemberItself) {
  auto const endpoint = endpoint_from(full_endpoint);
  auto const& host = at(endpoint, &Endpoint::status, &EndpointStatus::hosts, &EndpointHosts::host);
  static_assert(std::is_same_v<decltype(host), std::string const&>);
  EXPECT_EQ(&host, &*endpoint.status->hosts->host);
}

TEST(At, TakesListsAndMapsAsLast) {
  auto const endpoint = endpoint_from(full_endpoint);
  auto const& settings = at(endpoint, &Endpoint::status, &EndpointStatus::settings, &EndpointSettings::pg_settings);
  EXPECT_EQ(settings.at("work_mem"), "64MB");
  ListEndpointsResponse const page;
  EXPECT_TRUE(at(page, &ListEndpointsResponse::endpoints).empty());
}

TEST(At, NamesTheWholePathAndThePartThatIsUnset) {
  auto const endpoint = endpoint_from(R"({"name":"projects/p/branches/b/endpoints/e","status":{}})");
  try {
    static_cast<void>(at(endpoint, &Endpoint::status, &EndpointStatus::hosts, &EndpointHosts::host));
    FAIL() << "no error";
  } catch (MissingField const& error) {
    EXPECT_EQ(error.json_path(), "status.hosts.host");
    EXPECT_EQ(error.message(),
              "status.hosts.host of projects/p/branches/b/endpoints/e is not set, for status.hosts is unset");
    EXPECT_THAT(error.hint(), HasSubstr("read the resource again later"));
  }
}

TEST(At, NamesAPathWhoseLastMemberIsUnset) {
  Branch const branch{.status = BranchStatus{}};
  try {
    static_cast<void>(at(branch, &Branch::status, &BranchStatus::current_state));
    FAIL() << "no error";
  } catch (MissingField const& error) {
    EXPECT_EQ(error.message(), "status.current_state is not set");
  }
}

// Two members of one type, and a C++ keyword: the wire's names count.
TEST(At, TellsMembersOfOneTypeApart) {
  Branch const branch{.status = BranchStatus{}};
  try {
    static_cast<void>(at(branch, &Branch::status, &BranchStatus::default_));
    FAIL() << "no error";
  } catch (MissingField const& error) {
    EXPECT_EQ(error.json_path(), "status.default");
  }
}

TEST(At, SaysThatTheServiceRespondsWithStatus) {
  try {
    Branch const branch;
    static_cast<void>(at(branch, &Branch::spec, &BranchSpec::ttl));
    FAIL() << "no error";
  } catch (MissingField const& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("spec.ttl is not set"), HasSubstr("responds with `status`")));
  }
}

TEST(HostOf, GivesEachKind) {
  auto const endpoint = endpoint_from(full_endpoint);
  EXPECT_EQ(host_of(endpoint), "ep.example.com");
  EXPECT_EQ(host_of(endpoint, HostKind::read_only), "ep-ro.example.com");
  EXPECT_EQ(host_of(endpoint, HostKind::read_write_pooled), "ep-pooler.example.com");
  EXPECT_EQ(host_of(endpoint, HostKind::read_only_pooled), "ep-ro-pooler.example.com");
}

TEST(HostOf, ReadsAtTheHostOfAReadOnlyEndpoint) {
  auto const replica = endpoint_from(
      R"({"name":"n","status":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY","hosts":{"host":"ro.example.com"}}})");
  EXPECT_EQ(host_of(replica, HostKind::read_only), "ro.example.com");
  EXPECT_THAT(what_host_of_says(replica),
              AllOf(HasSubstr("status.hosts.host|"), HasSubstr("the endpoint n has no host for writes"),
                    HasSubstr("it is a read-only endpoint"), HasSubstr("HostKind::read_only")));
  EXPECT_THAT(what_host_of_says(replica, HostKind::read_only_pooled), HasSubstr("no pooler"));
}

TEST(HostOf, SaysWhyThereAreNoReadableStandbys) {
  auto const endpoint = endpoint_from(
      R"({"name":"n","status":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE","hosts":{"host":"rw.example.com"}}})");
  EXPECT_THAT(what_host_of_says(endpoint, HostKind::read_only),
              AllOf(HasSubstr("status.hosts.read_only_host|"), HasSubstr("without readable standbys"),
                    HasSubstr("enable_readable_secondaries")));
  EXPECT_THAT(what_host_of_says(endpoint, HostKind::read_only_pooled), HasSubstr("read_write_pooled"));
  EXPECT_THAT(what_host_of_says(endpoint, HostKind::read_write_pooled), HasSubstr("no pooler"));
}

TEST(HostOf, SaysWhyThereAreNoHostsAtAll) {
  EXPECT_THAT(what_host_of_says(Endpoint{}), AllOf(HasSubstr("without a name"), HasSubstr("get_endpoint")));
  EXPECT_THAT(what_host_of_says(endpoint_from(R"({"name":"n","status":{"current_state":"INIT"}})")),
              AllOf(HasSubstr("still being started (INIT)"), HasSubstr("Wait for its operation")));
  EXPECT_THAT(what_host_of_says(endpoint_from(R"({"name":"n","status":{"current_state":"IDLE","disabled":true}})")),
              AllOf(HasSubstr("it is disabled"), HasSubstr("spec.disabled")));
  EXPECT_THAT(what_host_of_says(endpoint_from(R"({"name":"n","status":{"current_state":"GONE","hosts":{}}})")),
              AllOf(HasSubstr("its state is GONE"), HasSubstr("deleted")));
}

TEST(TokenOf, GivesTheToken) {
  EXPECT_EQ(token_of(DatabaseCredential{.token = "abc"}), "abc");
}

TEST(TokenOf, SaysWhyThereIsNone) {
  try {
    static_cast<void>(token_of(DatabaseCredential{}));
    FAIL() << "no error";
  } catch (MissingField const& error) {
    EXPECT_EQ(error.json_path(), "token");
    EXPECT_THAT(error.what(), HasSubstr("generate_database_credential"));
  }
  try {
    static_cast<void>(token_of(from_json<DatabaseCredential>(R"({"expire_time":"2026-01-01T00:00:00Z"})")));
    FAIL() << "no error";
  } catch (MissingField const& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("expires at 2026-01-01T00:00:00Z"), HasSubstr("no token")));
  }
}

}  // namespace
}  // namespace lakebase::tests
