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

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;

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

}  // namespace
}  // namespace lakebase::tests
