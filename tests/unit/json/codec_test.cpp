#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>

#include "json/masked.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;

// The JSON path of the ParseError that reading this text as a T throws.
template <class T>
std::string path_of_failure(std::string_view text) {
  try {
    static_cast<void>(from_json<T>(text));
  } catch (ParseError const& error) {
    EXPECT_FALSE(error.message().empty());
    return error.json_path();
  }
  return "(accepted)";
}

TEST(ToJson, LeavesOutWhatIsUnset) {
  EXPECT_EQ(to_json(Branch{}), "{}");
  EXPECT_EQ(to_json(Branch{.spec = BranchSpec{}}), R"({"spec":{}})");
  EXPECT_EQ(to_json(Branch{.spec = BranchSpec{.is_protected = false}}), R"({"spec":{"is_protected":false}})");
  EXPECT_EQ(to_json(Branch{.name = ""}), R"({"name":""})");
}

TEST(ToJson, WritesWireNamesInUpstreamsOrder) {
  EXPECT_EQ(to_json(BranchStatus{.branch_id = "b", .default_ = true, .logical_size_bytes = 1}),
            R"({"branch_id":"b","default":true,"logical_size_bytes":1})");
}

TEST(ToJson, WritesTimesAndEnumsAsTheApiDoes) {
  EXPECT_EQ(to_json(Duration{168h}), R"("604800s")");
  EXPECT_EQ(to_json(Timestamp::of(0)), R"("1970-01-01T00:00:00Z")");
  EXPECT_EQ(to_json(FieldMask{"a", "b"}), R"("a,b")");
  EXPECT_EQ(to_json(Enum<BranchStatusState>{BranchStatusState::init}), R"("INIT")");
}

TEST(ToJson, EscapesWhatJsonCannotHoldBare) {
  EXPECT_EQ(to_json(Branch{.name = "\"\\\n\t\r\x01/ü😀"}), "{\"name\":\"\\\"\\\\\\n\\t\\r\\u0001/ü😀\"}");
  EXPECT_EQ(to_json(Branch{.name = std::string("a\0b", 3)}), R"({"name":"a\u0000b"})");
}

TEST(ToJson, RefusesWhatIsNotUtf8AndNotFinite) {
  EXPECT_THROW(static_cast<void>(to_json(Branch{.name = "\xff"})), ParseError);
  EXPECT_THROW(
      static_cast<void>(to_json(EndpointSpec{.autoscaling_limit_max_cu = std::numeric_limits<double>::infinity()})),
      ParseError);
  EXPECT_THROW(static_cast<void>(to_json(postgres::Operation{.metadata = JsonText{"{"}})), ParseError);
}

TEST(ToJson, KeepsEveryBitOfNumbers) {
  for (auto const number : {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    BranchStatus const status{.logical_size_bytes = number};
    EXPECT_EQ(from_json<BranchStatus>(to_json(status)), status);
  }
  for (auto const number : {0.1, 0.5, 1e300, 5e-324, -0.25, 112.0}) {
    EndpointSpec const spec{.autoscaling_limit_max_cu = number};
    EXPECT_EQ(from_json<EndpointSpec>(to_json(spec)), spec);
  }
  EndpointSpec const spec{.autoscaling_limit_max_cu = -0.0};
  EXPECT_TRUE(std::signbit(*from_json<EndpointSpec>(to_json(spec)).autoscaling_limit_max_cu));
}

TEST(FromJson, AcceptsAbsentNullAndUnknownMembers) {
  auto const branch = from_json<Branch>(
      R"({"name":null,"uid":"u","not_invented_yet":{"a":[1,{"b":"c"}]},"spec":null,"status":{"default":null}})");
  EXPECT_EQ(branch, (Branch{.status = BranchStatus{}, .uid = "u"}));
  EXPECT_EQ(from_json<Branch>("{}"), Branch{});
  EXPECT_EQ(from_json<ListBranchesResponse>(R"({"branches":null})"), ListBranchesResponse{});
}

TEST(FromJson, TakesAnEmptyTimeForUnset) {
  EXPECT_EQ(from_json<Branch>(R"({"create_time":""})"), Branch{});
  EXPECT_EQ(from_json<BranchSpec>(R"({"ttl":""})"), BranchSpec{});
}

TEST(FromJson, ReadsIntegersFromNumbersAndText) {
  auto const size = [](std::string const& value) {
    return from_json<BranchStatus>("{\"logical_size_bytes\":" + value + "}").logical_size_bytes;
  };
  EXPECT_EQ(size("8796093022208"), 8796093022208);
  EXPECT_EQ(size("\"9223372036854775807\""), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(size("-1"), -1);
  EXPECT_EQ(size("1e3"), 1000);
  for (auto const* bad : {"1.5", "\"1.5\"", "\"\"", "\"0x10\"", "true", "9223372036854775808",
                          "\"9223372036854775808\"", "1e19", "[1]"}) {
    EXPECT_EQ(path_of_failure<BranchStatus>(std::string{"{\"logical_size_bytes\":"} + bad + "}"), "logical_size_bytes")
        << bad;
  }
}

TEST(FromJson, SaysWhereATypeIsWrong) {
  EXPECT_EQ(path_of_failure<Branch>(R"({"name":1})"), "name");
  EXPECT_EQ(path_of_failure<Branch>(R"({"spec":{"ttl":"soon"}})"), "spec.ttl");
  EXPECT_EQ(path_of_failure<Branch>(R"({"spec":{"ttl":5}})"), "spec.ttl");
  EXPECT_EQ(path_of_failure<Branch>(R"({"spec":[]})"), "spec");
  EXPECT_EQ(path_of_failure<Branch>(R"({"create_time":"yesterday"})"), "create_time");
  EXPECT_EQ(path_of_failure<ListBranchesResponse>(R"({"branches":[{},{},{"status":{"current_state":7}}]})"),
            "branches[2].status.current_state");
  EXPECT_EQ(path_of_failure<ListBranchesResponse>(R"({"branches":[null]})"), "branches[0]");
  EXPECT_EQ(path_of_failure<ListBranchesResponse>(R"({"branches":{}})"), "branches");
  EXPECT_EQ(path_of_failure<EndpointSettings>(R"({"pg_settings":{"work_mem":4}})"), "pg_settings.work_mem");
  EXPECT_EQ(path_of_failure<Branch>("[]"), "");
}

TEST(FromJson, RefusesWhatIsNotJson) {
  for (auto const* text : {"", " ", "{", "nul", "<html></html>", "{}{}", R"({"name":"a",})", "{\"name\":\"\x01\"}",
                           "{\"name\":\"\xc3\"}", R"({"name":"\ud800"})"}) {
    EXPECT_EQ(path_of_failure<Branch>(text), "") << text;
  }
}

TEST(FromJson, ReadsEscapesAndSurrogates) {
  EXPECT_EQ(from_json<Branch>(R"({"name":"\u00fc\ud83d\ude00\n\"\/"})").name, "ü😀\n\"/");
  EXPECT_EQ(from_json<Branch>(R"({"n\u0061me":"x"})").name, "x");
}

TEST(FromJson, ReadsMembersInAnyOrderAndBetweenOthers) {
  EXPECT_EQ(from_json<Branch>(R"({"new":1,"uid":"u","also":{},"name":"n","last":[]})"),
            (Branch{.name = "n", .uid = "u"}));
  EXPECT_EQ(from_json<Branch>(R"({"name":"n","new":1,"uid":"u"})"), (Branch{.name = "n", .uid = "u"}));
}

TEST(FromJson, ReadsDocumentsOfAllSizesInManyThreads) {
  std::vector<ListBranchesResponse> lists;
  for (std::size_t const count : {1U, 100U, 1'000U, 10'000U, 500U}) {
    auto& list = lists.emplace_back();
    for (std::size_t i = 0; i < count; ++i) list.branches.push_back(Branch{.name = std::string(60, 'x'), .uid = "u"});
  }
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (auto const& list : lists) wrong += from_json<ListBranchesResponse>(to_json(list)) == list ? 0 : 1;
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(FromJson, TakesTheLastOfAMemberThatComesTwice) {
  EXPECT_EQ(from_json<Branch>(R"({"name":"a","name":"b"})").name, "b");
  EXPECT_EQ(from_json<Branch>(R"({"name":"a","name":null})").name, std::nullopt);
  auto const list = from_json<ListBranchesResponse>(R"({"branches":[{},{}],"branches":[{"uid":"x"}]})");
  EXPECT_EQ(list.branches.size(), 1U);
}

TEST(FromJson, RefusesDeepNestingWithoutExhaustingTheStack) {
  std::string const deep = std::string(10'000, '[') + std::string(10'000, ']');
  try {
    static_cast<void>(from_json<Branch>("{\"unknown\":" + deep + "}"));
    FAIL() << "accepted";
  } catch (ParseError const& error) {
    EXPECT_NE(error.message().find("nested"), std::string::npos) << error.message();
  }
}

TEST(FromJson, ReadsALargeBody) {
  ListBranchesResponse large;
  for (int i = 0; i < 50'000; ++i) large.branches.push_back(Branch{.name = std::string(1'000, 'x')});
  auto const text = to_json(large);
  ASSERT_GT(text.size(), 50'000'000U);
  EXPECT_EQ(from_json<ListBranchesResponse>(text), large);
}

TEST(FromJson, KeepsFreeJsonAsItsText) {
  auto const operation = from_json<postgres::Operation>(
      R"({"name":"o","metadata":{"@type":"t","n":[1,2.5,"ü",null,true]},"response":{"big":9223372036854775807}})");
  EXPECT_EQ(operation.metadata->text, R"({"@type":"t","n":[1,2.5,"ü",null,true]})");
  EXPECT_EQ(operation.response->text, R"({"big":9223372036854775807})");
  EXPECT_EQ(from_json<postgres::Operation>(to_json(operation)), operation);
}

TEST(EncodeMasked, SendsTheEmptyListsAndMapsThatTheMaskNames) {
  Project const project{.spec = ProjectSpec{.display_name = "x"}};
  EXPECT_EQ(detail::encode_masked(project, FieldMask{"spec.custom_tags"}),
            R"({"spec":{"custom_tags":[],"display_name":"x"}})");
  EXPECT_EQ(detail::encode_masked(project, FieldMask{"spec.display_name"}), R"({"spec":{"display_name":"x"}})");
  Endpoint const endpoint{.spec = EndpointSpec{.settings = EndpointSettings{}}};
  EXPECT_EQ(detail::encode_masked(endpoint, FieldMask{"spec.settings.pg_settings"}),
            R"({"spec":{"settings":{"pg_settings":{}}}})");
}

}  // namespace
}  // namespace lakebase::tests
