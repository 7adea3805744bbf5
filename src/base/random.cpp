#include "base/random.hpp"

#include <random>

#include <openssl/rand.h>

#include <lakebase/error.hpp>

#include "base/per_process.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

struct Sequence {
  unsigned generation = fork_generation();
  std::minstd_rand random{std::random_device{}()};
};

}  // namespace

double random_fraction() {
  thread_local Sequence sequence;
  if (sequence.generation != fork_generation()) sequence = Sequence{};  // else all children would draw the same
  return std::uniform_real_distribution<double>{0.0, 1.0}(sequence.random);
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw Error{"the system has no random numbers"};
  }
  return bytes;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
