#include "pq/session/pg_facts.hpp"

#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

TEST(Clean, HidesASecretWhereverItStands) {
  EXPECT_EQ(pq::detail::clean("my-secret is not my-secret\n", "my-secret"), "*** is not ***");
}

TEST(Clean, HidesASecretThatIsAPartOfTheSignForIt) {
  EXPECT_EQ(pq::detail::clean("password * is refused", "*"), "password *** is refused");
}

TEST(Clean, LeavesATextWithoutASecretButForItsEnd) {
  EXPECT_EQ(pq::detail::clean("no such role \n\n"), "no such role");
}

}  // namespace
}  // namespace lakebase::tests
