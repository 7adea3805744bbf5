#include "common/random.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "common/digest.hpp"
#include "common/encoding.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::array<std::string_view, 24> adjectives = {
    "amber",  "autumn", "bold", "broad",  "calm",  "clear", "cold",  "cool",     "crisp", "damp",  "dawn",  "fancy",
    "gentle", "green",  "late", "little", "lucky", "misty", "quiet", "restless", "shiny", "snowy", "sweet", "young"};
constexpr std::array<std::string_view, 24> nouns = {
    "bird",  "breeze", "brook", "cake", "cloud", "credit", "dew",  "field", "fire",  "flower", "fog",  "forest",
    "glade", "grass",  "hill",  "lake", "leaf",  "meadow", "moon", "rain",  "river", "sea",    "snow", "tree"};
constexpr std::string_view base36 = "0123456789abcdefghijklmnopqrstuvwxyz";

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
  return bytes;
}

RandomBytes seeded_bytes(std::uint64_t seed, std::string const& name) {
  auto const drawn = std::make_shared<std::atomic<std::uint64_t>>(0);
  return [start = fmt::format("{} {}", seed, name), drawn](std::size_t count) {
    std::string bytes;
    while (bytes.size() < count) bytes += sha256(fmt::format("{} {}", start, (*drawn)++));
    bytes.resize(count);
    return bytes;
  };
}

std::string random_hex(std::size_t digits, RandomBytes const& source) {
  std::string text = hex(source((digits + 1) / 2));
  text.resize(digits);
  return text;
}

std::string random_uuid(RandomBytes const& source) {
  std::string bytes = source(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  std::string text = hex(bytes);
  for (std::size_t const hyphen : {8, 13, 18, 23}) text.insert(hyphen, "-");
  return text;
}

std::string random_words(std::string_view prefix, RandomBytes const& source) {
  std::string const bytes = source(10);
  auto const at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::string tail;
  for (std::size_t i = 2; i < 10; ++i) tail += base36[at(i) % base36.size()];
  return fmt::format("{}-{}-{}-{}", prefix, adjectives[at(0) % adjectives.size()], nouns[at(1) % nouns.size()], tail);
}

}  // namespace lakebase::emulator
