#pragma once

#include <string>
#include <vector>

#include <lakebase/observer.hpp>

// Secrets in tests are called `planted-…`. A test program with secret_watch.cpp in it fails each test in which one of
// them turns up in the text of any exception that is thrown, by whomever, or in a watched log.

namespace lakebase::tests {

/// A sink that looks for planted secrets in each line.
LogSink watched_log();

/// The texts in which secrets have turned up since the test began; forgets them, and so the test does not fail.
std::vector<std::string> take_escaped_secrets();

}  // namespace lakebase::tests
