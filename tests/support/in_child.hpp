#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace lakebase::tests {

/// Runs `work` in a child, which has to return its result by itself. @return the result
template <class Work>
int in_child(Work const& work) {
  auto const child = ::fork();
  if (child == 0) {
    ::alarm(20);  // a child that waits for a thread of its parent ends here
    ::_exit(work());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace lakebase::tests
