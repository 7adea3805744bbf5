#include "auth/strategies/run_program.hpp"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;
using Ending = ProgramResult::Ending;
using Time = std::chrono::steady_clock;

ProgramResult run_in_shell(std::string script, std::chrono::nanoseconds limit, std::stop_token const& stop = {}) {
  return run_program({"/bin/sh", "-c", std::move(script)}, limit, stop);
}

TEST(RunProgram, CollectsWhatAProgramWritesAndHowItEnds) {
  auto const result = run_in_shell("echo one; echo two >&2; exit 3", 20s);
  EXPECT_EQ(result.ending, Ending::exited);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "one\n");
  EXPECT_EQ(result.errors, "two\n");
}

TEST(RunProgram, WaitsForAProgramThatHasClosedItsOutputs) {
  auto const result = run_in_shell("exec >&- 2>&-; sleep 0.1; exit 3", 20s);
  EXPECT_EQ(result.ending, Ending::exited);
  EXPECT_EQ(result.exit_code, 3);
}

TEST(RunProgram, EndsAProgramThatHasClosedItsOutputsAndRunsOn) {
  auto const start = Time::now();
  EXPECT_EQ(run_in_shell("exec >&- 2>&-; sleep 30", 200ms).ending, Ending::timed_out);
  std::stop_source stop;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  }};
  EXPECT_EQ(run_in_shell("exec >&- 2>&-; sleep 30", 60s, stop.get_token()).ending, Ending::stopped);
  EXPECT_LT(Time::now() - start, 20s);
}

}  // namespace
}  // namespace lakebase::detail
