#include "base/shared_failure.hpp"

#include <stdexcept>
#include <typeinfo>

#include <gtest/gtest.h>

namespace lakebase::detail {
namespace {

template <class Kind>
SharedFailure failure_of(Kind const& error) {
  try {
    throw error;
  } catch (...) {
    return SharedFailure::current();
  }
}

// What it throws is of this type and no other, says the same, and is another object each time.
template <class Kind>
void expect_copies_of(Kind const& error) {
  auto const failure = failure_of(error);
  for (int i = 0; i < 2; ++i) {
    try {
      failure.raise();
    } catch (Error const& thrown) {
      EXPECT_EQ(typeid(thrown), typeid(Kind)) << typeid(Kind).name();
      EXPECT_EQ(thrown.message(), error.message());
      EXPECT_NE(&thrown, &error);
    }
  }
}

TEST(SharedFailure, ThrowsCopiesOfTheSameType) {
  ErrorFacts const facts{.message = "no", .http_status = 404};
  expect_copies_of(AuthError{"pat", facts});
  expect_copies_of(TransportError{TransportError::Kind::reset, true, facts});
  expect_copies_of(ParseError{"a.b", facts});
  expect_copies_of(OperationFailed{"operations/1", facts});
  expect_copies_of(Cancelled{facts});
  expect_copies_of(ConfigError{facts});
  expect_copies_of(NotFound{facts});
  expect_copies_of(ResourceDoesNotExist{facts});
  expect_copies_of(TooManyRequests{facts});
  expect_copies_of(RequestCancelled{facts});
  expect_copies_of(PermissionDenied{facts});
  expect_copies_of(ApiError{facts});
  expect_copies_of(Error{facts});
}

TEST(SharedFailure, KeepsWhatATypeAdds) {
  try {
    failure_of(TransportError{TransportError::Kind::tls, true, ErrorFacts{}}).raise();
  } catch (TransportError const& error) {
    EXPECT_EQ(error.kind(), TransportError::Kind::tls);
    EXPECT_TRUE(error.maybe_sent());
  }
}

struct OfAProgram : NotFound {
  using NotFound::NotFound;
};

TEST(SharedFailure, ThrowsWhatItDoesNotKnowAsItIs) {
  EXPECT_THROW(failure_of(OfAProgram{"its own"}).raise(), OfAProgram);
  EXPECT_THROW(failure_of(std::out_of_range{"x"}).raise(), std::out_of_range);
  EXPECT_THROW(failure_of(42).raise(), int);
}

TEST(SharedFailure, IsNoneAtFirst) {
  EXPECT_FALSE(SharedFailure{}.happened());
  EXPECT_TRUE(SharedFailure::of(ConfigError{"x"}).happened());
  EXPECT_THROW(SharedFailure::of(ConfigError{"x"}).raise(), ConfigError);
}

}  // namespace
}  // namespace lakebase::detail
