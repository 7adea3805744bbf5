#include "engine/records.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/unfinished.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Entry {
  std::string id;
  int value = 0;
};
using Entries = Records<Entry>;

std::vector<std::string> ids(Entries const& entries) {
  std::vector<std::string> ids;
  for (auto const& entry : entries) ids.push_back(entry.id);
  return ids;
}

Entries entries(int count) {
  Entries entries;
  for (int i = 0; i < count; ++i) entries.push_back({std::to_string(i), i});
  return entries;
}

// What has become of `before`, in words.
std::vector<std::string> difference(Entries const& before, Entries const& now) {
  std::vector<std::string> words;
  now.compare(
      before, [&](Entry const& gone) { words.push_back("-" + gone.id); },
      [&](Entry const* was, Entry const& is) { words.push_back((was == nullptr ? "+" : "~") + is.id); });
  return words;
}

TEST(Records, KeepTheirOrder) {
  EXPECT_TRUE(Entries{}.empty());
  EXPECT_EQ(Entries{}.begin(), Entries{}.end());
  auto const many = entries(200);
  EXPECT_EQ(many.size(), 200U);
  int next = 0;
  for (auto const& entry : many) EXPECT_EQ(entry.value, next++);
  EXPECT_EQ(next, 200);
  EXPECT_EQ(many.front().id, "0");
}

TEST(Records, AreFoundByTheirKeyTheYoungestFirst) {
  auto some = entries(100);
  some.push_back({"7", 1007});
  EXPECT_EQ(std::as_const(some).find("7")->value, 1007);
  EXPECT_EQ(std::as_const(some).find("99")->value, 99);
  EXPECT_EQ(std::as_const(some).find("100"), nullptr);
  EXPECT_EQ(some.find("100"), nullptr);
}

TEST(Records, OfACopyAreNotThoseOfTheOriginal) {
  auto const before = entries(100);
  auto now = before;
  now.find("5")->value = -5;
  now.front().value = -1;
  now.erase("50");
  now.push_back({"new"});
  now.change_if([](Entry const& entry) { return entry.id == "90"; }, [](Entry& entry) { entry.value = -90; });
  EXPECT_EQ(before.find("5")->value, 5);
  EXPECT_EQ(before.front().value, 0);
  EXPECT_EQ(before.size(), 100U);
  EXPECT_EQ(now.size(), 100U);
  EXPECT_THAT(difference(before, now), ElementsAre("~0", "~5", "-50", "~90", "+new"));
}

TEST(Records, AreSharedUntilTheyChange) {
  auto const before = entries(200);
  auto now = before;
  now.find("150")->value = 0;
  EXPECT_EQ(before.find("3"), std::as_const(now).find("3"));
  EXPECT_EQ(before.find("149"), std::as_const(now).find("149")) << "in the same chunk";
  EXPECT_NE(before.find("150"), std::as_const(now).find("150"));
}

TEST(Records, SiftLooksNoFurtherThanToTheFirstThatEndsIt) {
  using Verdict = Entries::Verdict;
  auto some = entries(300);
  int looks = 0;
  some.sift([&](Entry const& entry) {
    ++looks;
    if (entry.value == 1) return Verdict::stays;
    return entry.value < 70 ? Verdict::goes : Verdict::ends;
  });
  EXPECT_EQ(looks, 71);
  EXPECT_EQ(some.size(), 231U);
  EXPECT_EQ(some.front().id, "1");
  EXPECT_EQ((++some.begin())->id, "70");
}

TEST(Records, CanBeErasedToTheLast) {
  auto some = entries(130);
  some.erase_if([](Entry const&) { return true; });
  EXPECT_TRUE(some.empty());
  EXPECT_THAT(ids(some), IsEmpty());
  some.push_back({"again"});
  EXPECT_THAT(ids(some), ElementsAre("again"));
}

// Changes by chance, beside a plain vector: the difference makes the one of the other.
TEST(Records, TellWhatBecameOfThem) {
  std::mt19937 random{7};
  Entries now;
  int made = 0;
  for (int round = 0; round < 300; ++round) {
    auto const before = now;
    for (auto changes = random() % 20; changes > 0; --changes) {
      auto const some = std::to_string(made == 0 ? 0 : random() % static_cast<unsigned>(made));
      if (random() % 2 == 0) {
        now.push_back({std::to_string(made++)});
      } else if (auto* const found = random() % 2 == 0 ? now.find(some) : nullptr) {
        ++found->value;
      } else {
        now.erase(some);
      }
    }
    auto expected = ids(before);
    for (auto const& word : difference(before, now)) {
      auto const id = word.substr(1);
      if (word[0] == '-') std::erase(expected, id);
      if (word[0] == '+') expected.push_back(id);
      if (word[0] == '~') {
        EXPECT_NE(before.find(id), nullptr);
      }
    }
    ASSERT_EQ(ids(now), expected) << round;
    ASSERT_EQ(now.size(), expected.size());
  }
}

struct Leaf {
  std::string id;
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("id", &Leaf::id);
    field("creating", &Leaf::creating);
  }
};

struct Twig {
  std::string id;
  bool creating = false;
  Records<Leaf> leaves{};

  template <class Field>
  static void describe(Field&& field) {
    field("id", &Twig::id);
    field("creating", &Twig::creating);
    field("leaves", &Twig::leaves);
  }
};

// Without `creating`, and not at the root.
struct Bough {
  std::string id;
  Records<Twig> twigs{};

  template <class Field>
  static void describe(Field&& field) {
    field("id", &Bough::id);
    field("twigs", &Bough::twigs);
  }
};

struct Tree {
  Records<Bough> boughs;

  template <class Field>
  static void describe(Field&& field) {
    field("boughs", &Tree::boughs);
  }
};

TEST(UnfinishedRecords, AreErasedWhereverTheyAre) {
  Twig twig{"twig"};
  twig.leaves.push_back({"green", false});
  twig.leaves.push_back({"bud", true});
  Bough bough{"bough"};
  bough.twigs.push_back(twig);
  bough.twigs.push_back({"shoot", true});
  Tree tree;
  tree.boughs.push_back(bough);
  erase_unfinished(tree);
  auto const& left = std::as_const(tree).boughs.front().twigs;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front().id, "twig");
  ASSERT_EQ(left.front().leaves.size(), 1U);
  EXPECT_EQ(left.front().leaves.front().id, "green");
}

}  // namespace
}  // namespace lakebase::emulator::tests
