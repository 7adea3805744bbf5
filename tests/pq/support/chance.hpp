#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace lakebase::tests::round_trip {

/// Random values, the same for the same seed.
class Chance {
 public:
  explicit Chance(std::uint64_t seed = std::random_device{}()) : seed_(seed) {}

  // Small and large numbers alike, and the ends of the type.
  template <std::integral T>
  T integer(T least = std::numeric_limits<T>::min(), T most = std::numeric_limits<T>::max()) {
    if (one_in(20)) return one_in(2) ? least : most;
    auto const any =
        std::uniform_int_distribution<long long>{static_cast<long long>(least), static_cast<long long>(most)}(engine_);
    auto const shift = std::uniform_int_distribution<int>{0, static_cast<int>(8 * sizeof(T)) - 1}(engine_);
    auto const small = static_cast<T>(any >> shift);
    return small < least || small > most ? static_cast<T>(any) : small;
  }
  bool one_in(int count) { return std::uniform_int_distribution<int>{1, count}(engine_) == 1; }
  std::uint64_t bits() { return engine_(); }
  std::uint64_t seed() const noexcept { return seed_; }

  std::string text() {
    static constexpr std::array<char const*, 20> pieces = {"a",
                                                           "B",
                                                           " ",
                                                           "\"",
                                                           "'",
                                                           "\\",
                                                           "\n",
                                                           "\t",
                                                           "\r",
                                                           "{",
                                                           "}",
                                                           ",",
                                                           "(",
                                                           ")",
                                                           "NULL",
                                                           "null",
                                                           "ä",
                                                           "語",
                                                           "\xf0\x9f\x98\x80",
                                                           "\x01"};
    std::string text;
    for (auto count = integer<int>(0, 12); count > 0; --count) text += pieces[bits() % pieces.size()];
    return text;
  }

 private:
  std::uint64_t seed_;
  std::mt19937_64 engine_{seed_};
};

}  // namespace lakebase::tests::round_trip
