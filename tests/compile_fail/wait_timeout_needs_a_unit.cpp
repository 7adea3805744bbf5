// error: {.timeout = 5}
// Seconds or milliseconds? A bare number is none.
#include <chrono>

#include <lakebase/lakebase.hpp>

lakebase::WaitOptions options() {
  using namespace std::chrono_literals;
#ifdef WRONG
  return {.timeout = 5};
#else
  return {.timeout = 5s};
#endif
}
