#include <chrono>
#include <limits>
#include <sstream>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/fmt.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/ostream.hpp>

// A program of its own: GoogleTest's printer of a type must be the same in all sources of a program.

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

template <class T>
std::string streamed(T const& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

Branch const branch{.name = "projects/p/branches/ü", .spec = BranchSpec{.no_expiry = false, .ttl = 24h}};

TEST(Printing, IsAsToJsonWrites) {
  EXPECT_EQ(streamed(branch), to_json(branch));
  EXPECT_EQ(streamed(branch), R"({"name":"projects/p/branches/ü","spec":{"no_expiry":false,"ttl":"86400s"}})");
  EXPECT_EQ(streamed(iam::User{.user_name = "me@example.com"}), R"({"userName":"me@example.com"})");
  EXPECT_EQ(streamed(database::DatabaseInstance{.name = "i", .state = database::DatabaseInstanceState::available}),
            R"({"name":"i","state":"AVAILABLE"})");
  EXPECT_EQ(streamed(database::DatabaseInstanceState::failing_over), R"("FAILING_OVER")");
  EXPECT_EQ(streamed(database::DatabaseCredential{.token = "planted-token"}), R"({"token":"***"})");
  EXPECT_EQ(streamed(Duration{90s}), R"("90s")");
  EXPECT_EQ(streamed(Timestamp{}), R"("1970-01-01T00:00:00Z")");
  EXPECT_EQ(streamed(FieldMask{"a", "b.c"}), R"("a,b.c")");
  EXPECT_EQ(streamed(Enum<EndpointType>::from_wire("OF_TOMORROW")), R"("OF_TOMORROW")");
  EXPECT_EQ(streamed(EndpointType::read_write), R"("ENDPOINT_TYPE_READ_WRITE")");
  EXPECT_EQ(streamed(ErrorCode::not_found), streamed(Enum<ErrorCode>{ErrorCode::not_found}));
  EXPECT_EQ(streamed(EndpointType::unrecognized), R"("")");
  EXPECT_EQ(streamed(JsonText{R"({"a": 1})"}), R"({"a": 1})");
  EXPECT_EQ(streamed(ProjectName{"p"}.branch("b")), "projects/p/branches/b");
}

TEST(Printing, IsTheSameByFmt) {
  EXPECT_EQ(fmt::format("{}", branch), to_json(branch));
  EXPECT_EQ(fmt::format("[{:>7}] {}", Duration{90s}, ProjectName{"p"}), R"([  "90s"] projects/p)");
  EXPECT_EQ(fmt::format("{}", DatabaseCredential{.token = "planted-token"}), R"({"token":"***"})");
  EXPECT_EQ(fmt::format("{}", EndpointType::read_write), R"("ENDPOINT_TYPE_READ_WRITE")");
}

TEST(Printing, IsWhatGoogleTestShows) {
  EXPECT_EQ(::testing::PrintToString(branch), to_json(branch));
  EXPECT_EQ(::testing::PrintToString(std::optional{Timestamp{}}), R"(("1970-01-01T00:00:00Z"))");
  EXPECT_EQ(::testing::PrintToString(ProjectName{"p"}), "projects/p");
  EXPECT_EQ(::testing::PrintToString(EndpointType::read_write), R"("ENDPOINT_TYPE_READ_WRITE")");
}

TEST(Printing, HidesSecrets) {
  EXPECT_EQ(streamed(DatabaseCredential{.token = "planted-token"}), R"({"token":"***"})");
  EXPECT_EQ(streamed(RevealRolePasswordResponse{.password = R"(planted-"quoted" \ pw)"}), R"({"password":"***"})");
  postgres::Operation const operation{.name = "o", .response = JsonText{R"({"token": "planted-token", "a": [1]})"}};
  EXPECT_THAT(streamed(operation), Not(HasSubstr("planted-")));
  EXPECT_THAT(streamed(operation), HasSubstr(R"("a": [1])"));
  EXPECT_EQ(streamed(ListBranchesResponse{.next_page_token = "p2"}), R"({"next_page_token":"p2"})") << "opens nothing";
}

TEST(Printing, ShowsWhatNoJsonCanBeMadeOf) {
  EXPECT_THAT(streamed(Branch{.name = "\xff"}), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(streamed(EndpointSpec{.autoscaling_limit_max_cu = std::numeric_limits<double>::infinity()}),
              HasSubstr("not printable"));
  EXPECT_THAT(streamed(JsonText{"{"}), HasSubstr("not printable"));
}

TEST(Printing, ExpectationsSayWhatDiffers) {
  auto const result = ::testing::internal::CmpHelperEQ("a", "b", Duration{1s}, Duration{2s});
  EXPECT_THAT(result.message(), HasSubstr(R"("1s")"));
  EXPECT_THAT(result.message(), HasSubstr(R"("2s")"));
  Enum<EndpointType> const left{EndpointType::read_only};
  EXPECT_THAT(::testing::internal::CmpHelperEQ("a", "b", left, EndpointType::read_write).message(),
              HasSubstr(R"("ENDPOINT_TYPE_READ_WRITE")"));
}

template <class T>
std::size_t hash_of(T const& value) {
  return std::hash<T>{}(value);
}

TEST(Hashing, EqualThingsHaveEqualHashes) {
  auto copy = branch;
  EXPECT_EQ(hash_of(copy), hash_of(branch));
  copy.spec->ttl = 25h;
  EXPECT_NE(hash_of(copy), hash_of(branch));
  EXPECT_EQ(hash_of(Enum<EndpointType>{EndpointType::read_only}),
            hash_of(Enum<EndpointType>::from_wire("ENDPOINT_TYPE_READ_ONLY")));
  EndpointSpec const zero{.autoscaling_limit_max_cu = 0.0};
  EndpointSpec const minus_zero{.autoscaling_limit_max_cu = -0.0};
  ASSERT_EQ(zero, minus_zero);
  EXPECT_EQ(hash_of(zero), hash_of(minus_zero));
}

TEST(Hashing, TellsMembersListsAndMapsApart) {
  EXPECT_NE(hash_of(RoleAttributes{.createdb = true}), hash_of(RoleAttributes{.createrole = true}));
  EXPECT_NE(hash_of(FieldMask{"a", "b"}), hash_of(FieldMask{"b", "a"}));
  EXPECT_NE(hash_of(EndpointSettings{.pg_settings = {{"a", "b"}}}), hash_of(EndpointSettings{}));
  EXPECT_NE(hash_of(Timestamp::of(1, 2)), hash_of(Timestamp::of(2, 1)));
  EXPECT_NE(hash_of(JsonText{"1"}), hash_of(JsonText{"2"}));
}

TEST(Hashing, IsForUnorderedContainers) {
  std::unordered_map<Timestamp, int> const by_time{{Timestamp::of(1), 1}, {Timestamp::of(2), 2}};
  EXPECT_EQ(by_time.at(Timestamp::of(2)), 2);
  std::unordered_set<EndpointName> names{ProjectName{"p"}.branch("b").endpoint("e")};
  EXPECT_FALSE(names.insert(EndpointName::parse("projects/p/branches/b/endpoints/e")).second);
  std::unordered_set<Branch> branches{branch, branch};
  EXPECT_EQ(branches.size(), 1U);
  EXPECT_EQ(std::unordered_set<Duration>({1s, 1000ms}).size(), 1U);
  EXPECT_EQ(std::unordered_set<iam::User>({iam::User{}, iam::User{}}).size(), 1U);
}

}  // namespace
}  // namespace lakebase::tests
