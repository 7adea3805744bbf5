#include "support/secret_watch.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

class Finds {
 public:
  static Finds& instance() {
    static Finds finds;
    return finds;
  }

  void look_at(std::string_view text) {
    if (text.find("planted-") == std::string_view::npos) return;
    std::lock_guard const lock{mutex_};
    texts_.emplace_back(text);
  }
  std::vector<std::string> take() {
    std::lock_guard const lock{mutex_};
    return std::exchange(texts_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

class Watch final : public ::testing::EmptyTestEventListener {
  void OnTestEnd(::testing::TestInfo const&) override {
    for (auto const& text : take_escaped_secrets()) ADD_FAILURE() << "a secret got out: " << text;
  }
};

[[maybe_unused]] bool const is_watching = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new Watch);  // which owns it
  return true;
}();

}  // namespace

std::vector<std::string> take_escaped_secrets() {
  return Finds::instance().take();
}

LogSink watched_log() {
  return [](LogRecord const& record) { Finds::instance().look_at(record.message); };
}

}  // namespace lakebase::tests

#if defined(__GLIBCXX__)

namespace lakebase::tests {

using Throw = void(void* thrown, std::type_info* type, void (*destroy)(void*));

// Every `throw` of the program comes by here on its way to the runtime's own function of that name. (The compiler does
// not let a program declare that name itself.)
[[noreturn]] __attribute__((visibility("default"))) Throw look_at_thrown __asm__("__cxa_throw");

void look_at_thrown(void* thrown, std::type_info* type, void (*destroy)(void*)) {
  void* object = thrown;
  if (typeid(std::exception).__do_catch(type, &object, 1)) {
    Finds::instance().look_at(static_cast<std::exception*>(object)->what());
  }
  static auto* const real = reinterpret_cast<Throw*>(dlsym(RTLD_NEXT, "__cxa_throw"));
  real(thrown, type, destroy);
  std::abort();
}

}  // namespace lakebase::tests

#endif
