// What parameters are made of and values are read as, without a server.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/param.hpp>
#include <lakebase/pq/result.hpp>

#include "pq/sql/param_array.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using ::testing::HasSubstr;

enum Unscoped { green };
enum class Scoped { green };
struct Unknown {};

// What would be taken for a boolean or a number otherwise.
static_assert(!std::constructible_from<Param, int*>);
static_assert(!std::constructible_from<Param, Unknown const*>);
static_assert(!std::constructible_from<Param, void (*)()>);
static_assert(!std::constructible_from<Param, Unscoped>);
static_assert(!std::constructible_from<Param, Scoped>);
static_assert(!std::constructible_from<Param, char>);
static_assert(!std::constructible_from<Param, char8_t>);
static_assert(!std::constructible_from<Param, wchar_t>);
static_assert(!std::constructible_from<Param, Unknown>);
static_assert(!std::constructible_from<Param, std::optional<char>>);
static_assert(!std::constructible_from<Param, std::vector<Unknown>>);

TEST(Param, IsMadeOfWhatItIsGiven) {
  EXPECT_EQ(Param{true}.text(), "t");
  EXPECT_EQ(Param{false}.text(), "f");
  EXPECT_EQ(Param{std::int8_t{65}}.text(), "65");
  EXPECT_EQ(Param{0.1F}.text(), "0.1");
  EXPECT_EQ(Param{std::optional{true}}.text(), "t");
  EXPECT_TRUE(Param{std::optional<std::string>{}}.is_null());
  char letters[] = "text";
  char* const pointer = letters;
  EXPECT_EQ(Param{letters}.text(), "text");
  EXPECT_EQ(Param{pointer}.text(), "text");
  EXPECT_TRUE(Param{static_cast<char const*>(nullptr)}.is_null()) << "as of std::getenv";
  EXPECT_TRUE(Param{Bytes{"b"}}.is_binary());
}

TEST(Param, ListsAreTakenAsTheyAre) {
  std::vector<Param> const list{1, "two", nullptr};
  EXPECT_EQ(Params{list}.size(), 3U);
  Params const params{list};
  EXPECT_EQ(Params{params}.size(), 3U);
  std::initializer_list<Param> const braces{1, 2};
  EXPECT_EQ(Params{braces}.size(), 2U);
}

TEST(Field, IsReadAsWhatItIsAskedFor) {
  EXPECT_EQ((Field{"65", false}.as<std::int8_t>()), 65);
  EXPECT_EQ((Field{"65", false}.as<std::uint8_t>()), 65);
  EXPECT_THROW(static_cast<void>(Field{"256", false}.as<std::uint8_t>()), ParseError);
  EXPECT_EQ((Field{"A", false}.as<std::string>()), "A") << "PostgreSQL's \"char\"";
  EXPECT_EQ((Field{"", true}.as<std::optional<std::int16_t>>()), std::nullopt);
}

// A few have their place in the array itself, more have not; it may be moved either way.
// The server hangs up on a longer message, which looked like a fault that a pool may try again.
TEST(ParamArray, RefusesWhatNoMessageHolds) {
  constexpr std::size_t gib = std::size_t{1} << 30U;
  EXPECT_NO_THROW(pq::detail::require_sendable(gib - 1024, "a statement"));
  std::vector<Param> params;
  params.emplace_back("x");
  params.emplace_back(std::string(gib - 1024, 'x'));
  Params const many{std::move(params)};
  try {
    pq::detail::ParamArray const array{many};
    FAIL() << "taken";
  } catch (InvalidArgument const& error) {
    EXPECT_THAT(error.message(), HasSubstr("parameters of 1073740817 bytes"));
    EXPECT_THAT(error.message(), HasSubstr("less than 1 GiB"));
  }
}

TEST(ParamArray, HoldsAnyNumberOfParameters) {
  for (std::size_t const count : {0U, 1U, 8U, 9U, 65535U}) {
    std::vector<Param> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(i % 3 == 0 ? Param{} : Param{i});
    if (count > 0) all.back() = Param{Bytes{std::string_view{"a\0b", 3}}};
    Params const params{std::move(all)};
    std::vector<pq::detail::ParamArray> arrays;
    arrays.emplace_back(params);
    auto const array = std::move(arrays.front());
    arrays.clear();
    ASSERT_EQ(array.size(), static_cast<int>(count));
    std::size_t at = 0;
    for (auto const& param : params) {
      EXPECT_EQ(array.values()[at], param.is_null() ? nullptr : param.text().data());
      EXPECT_EQ(array.lengths()[at], static_cast<int>(param.text().size()));
      EXPECT_EQ(array.formats()[at], param.is_binary() ? 1 : 0);
      EXPECT_EQ(array.types()[at], param.oid());
      ++at;
    }
  }
  EXPECT_THROW((pq::detail::ParamArray{Params{std::vector<Param>(65536)}}), lakebase::InvalidArgument);
}

}  // namespace
}  // namespace lakebase::tests
