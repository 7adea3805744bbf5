#include <algorithm>
#include <iterator>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/pager.hpp>

namespace lakebase::tests {
namespace {

static_assert(std::ranges::input_range<Pager<int> const>);
static_assert(std::ranges::input_range<decltype(std::declval<Pager<int>>().pages())>);
static_assert(std::input_iterator<Pager<int>::iterator>);
static_assert(std::input_iterator<Pager<int>::Pages::iterator>);

// An input iterator of C++17 can be read through `*it++`; these claim nothing that they are not.
template <class Iterator>
concept HasCategory = requires {
  typename std::iterator_traits<Iterator>::iterator_category;
};
static_assert(!HasCategory<Pager<int>::iterator>);
static_assert(!HasCategory<Pager<int>::Pages::iterator>);

// Serves pages by number, and remembers which tokens were asked for.
class Book {
 public:
  explicit Book(std::vector<Page<int>> pages) : pages_(std::move(pages)) {}

  Pager<int> pager(std::string first = {}) {
    return Pager<int>{[this](std::string const& token) {
                        asked.push_back(token);
                        return pages_.at(asked.size() - 1);
                      },
                      std::move(first)};
  }

  std::vector<std::string> asked;

 private:
  std::vector<Page<int>> pages_;
};

TEST(Pager, AsksNothingBeforeItIsRead) {
  Book book{{{{1}, ""}}};
  auto const pager = book.pager();
  EXPECT_TRUE(book.asked.empty());
  EXPECT_EQ(*pager.begin(), 1);
  EXPECT_EQ(book.asked, std::vector<std::string>{""});
}

TEST(Pager, HoldsOnePageAtATime) {
  Book book{{{{1, 2}, "a"}, {{3}, ""}}};
  auto const pager = book.pager();
  auto it = pager.begin();
  ++it;
  EXPECT_EQ(*it, 2);
  EXPECT_EQ(book.asked.size(), 1U);
  ++it;
  EXPECT_EQ(*it, 3);
  EXPECT_EQ(book.asked.back(), "a");
  ++it;
  EXPECT_TRUE(it == pager.end());
  EXPECT_EQ(book.asked.size(), 2U);
}

TEST(Pager, GoesThroughEmptyPages) {
  Book book{{{{}, "a"}, {{}, "b"}, {{7}, "c"}, {{}, ""}}};
  EXPECT_EQ(book.pager().to_vector(), std::vector<int>{7});
  EXPECT_EQ(book.asked, (std::vector<std::string>{"", "a", "b", "c"}));
}

TEST(Pager, EndsOnAnEmptyList) {
  Book book{{{{}, ""}}};
  for (auto const item : book.pager()) FAIL() << item;
  EXPECT_EQ(book.asked.size(), 1U);
}

TEST(Pager, TakesOverTheFirstPageWholeAndAddsTheOthers) {
  int const* items = nullptr;
  Pager<int> const one_page{[&](std::string const&) {
    Page<int> page{{1, 2, 3}, ""};
    items = page.items.data();
    return page;
  }};
  auto const all = one_page.to_vector();
  EXPECT_EQ(all.data(), items);
  Book book{{{{1, 2}, "a"}, {{}, "b"}, {{3}, "c"}, {{4, 5}, ""}}};
  EXPECT_EQ(book.pager().to_vector(), (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST(Pager, StartsAtAGivenToken) {
  Book book{{{{1}, ""}}};
  EXPECT_EQ(book.pager("here").to_vector().size(), 1U);
  EXPECT_EQ(book.asked, std::vector<std::string>{"here"});
}

TEST(Pager, RefusesATokenThatComesTwice) {
  Book direct{{{{1}, "a"}, {{2}, "a"}, {{3}, ""}}};
  EXPECT_THROW(static_cast<void>(direct.pager().to_vector()), ParseError);
  Book roundabout{{{{1}, "a"}, {{2}, "b"}, {{3}, "a"}, {{4}, ""}}};
  EXPECT_THROW(static_cast<void>(roundabout.pager().to_vector()), ParseError);
  Book back_to_start{{{{1}, "first"}, {{2}, ""}}};
  EXPECT_THROW(static_cast<void>(back_to_start.pager("first").to_vector()), ParseError);
}

TEST(Pager, StartsAnewWithEachBegin) {
  Book book{{{{1}, ""}, {{2}, ""}}};
  auto const pager = book.pager();
  EXPECT_EQ(*pager.begin(), 1);
  EXPECT_EQ(*pager.begin(), 2);
}

TEST(Pager, GivesWholePagesWhenAsked) {
  Book book{{{{1, 2}, "a"}, {{3}, ""}}};
  std::vector<std::size_t> sizes;
  for (auto const& page : book.pager().pages()) sizes.push_back(page.items.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1}));
}

TEST(Pager, LetsAFailureOfAPageOut) {
  Pager<int> const pager{[](std::string const& token) -> Page<int> {
    if (token == "a") throw std::runtime_error("second page");
    return {{1}, "a"};
  }};
  auto it = pager.begin();
  EXPECT_THROW(++it, std::runtime_error);
}

#if !defined(__clang__) || __clang_major__ >= 16  // before, Clang cannot compile the adaptors of libstdc++
TEST(Pager, WorksWithRangeAdaptors) {
  Book book{{{{1, 2}, "a"}, {{3, 4}, ""}}};
  auto const pager = book.pager();
  std::vector<int> even;
  for (auto const item : pager | std::views::filter([](int i) { return i % 2 == 0; })) even.push_back(item);
  EXPECT_EQ(even, (std::vector<int>{2, 4}));
}
#endif

}  // namespace
}  // namespace lakebase::tests
