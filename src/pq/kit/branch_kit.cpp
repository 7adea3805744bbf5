#include <lakebase/pq/branch_kit.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <lakebase/error.hpp>
#include <lakebase/postgres/branch.hpp>

#include "base/ascii.hpp"
#include "base/text/hex.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

using lakebase::detail::is_alnum;
using lakebase::detail::is_alpha;
using lakebase::detail::to_lower;

constexpr std::size_t longest_id = 63;

// FNV-1a: the same on every machine, which std::hash is not.
std::string digest(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  std::string digits;
  for (unsigned const shift : {24U, 16U, 8U, 0U})
    lakebase::detail::append_hex(digits, static_cast<char>(hash >> shift));
  return digits;
}

std::string_view without_prefix(std::string_view ref) {
  constexpr std::array<std::string_view, 4> prefixes{"refs/heads/", "refs/tags/", "refs/remotes/", "refs/"};
  for (auto const prefix : prefixes) {
    if (ref.starts_with(prefix)) return ref.substr(prefix.size());
  }
  return ref;
}

// Lower-case letters, digits and single hyphens; begins with a letter.
std::string slug(std::string_view text) {
  std::string result;
  for (char const c : text) {
    bool const plain = is_alnum(c);
    if (plain) result += to_lower(c);
    if (!plain && !result.empty() && result.back() != '-') result += '-';
  }
  while (!result.empty() && result.back() == '-') result.pop_back();
  bool const letter_first = !result.empty() && is_alpha(result.front());
  return letter_first ? result : "b" + (result.empty() ? result : '-' + result);
}

postgres::Branch wanted(EphemeralBranchOptions const& options) {
  postgres::Branch branch;
  branch.spec.emplace();
  branch.spec->source_branch = options.source_branch;
  branch.spec->ttl = options.ttl;
  return branch;
}

// Another change of the project may be running: waiting for it may take as long as the whole call.
PostgresClient patient(WorkspaceClient const& client, EphemeralBranchOptions const& options, std::stop_token stop) {
  auto how = client.postgres.options();
  if (!how.timeout) how.timeout = options.timeout;
  if (stop.stop_possible()) how.stop = std::move(stop);
  return client.postgres.with(std::move(how));
}

}  // namespace

std::string branch_id_for(std::string_view git_ref, std::string_view suffix) {
  if (git_ref.empty()) throw InvalidArgument("an empty git ref");
  auto const short_ref = without_prefix(git_ref);
  std::string const tail = suffix.empty() ? std::string{} : '-' + slug(suffix);
  auto stem = slug(short_ref);
  if (stem == short_ref && stem.size() + tail.size() <= longest_id) return stem + tail;
  // The digest covers the whole tail, of which only the beginning is kept.
  auto end = '-' + digest(std::string{short_ref} + tail) + tail.substr(0, 20);
  if (end.ends_with('-')) end.pop_back();
  stem = stem.substr(0, std::min(stem.size(), longest_id - end.size()));
  while (stem.ends_with('-')) stem.pop_back();
  return stem + end;
}

EphemeralBranch::EphemeralBranch(WorkspaceClient client, std::string_view project, std::string_view git_ref,
                                 EphemeralBranchOptions options)
    : client_(std::move(client)),
      options_(std::move(options)),
      name_(std::string{project} + "/branches/" + branch_id_for(git_ref, options_.suffix)) {
  auto const id = name_.substr(name_.rfind('/') + 1);
  auto operation = patient(client_, options_, options_.stop).create_branch(project, wanted(options_), id);
  exists_ = true;
  try {
    operation.wait({.timeout = options_.timeout, .stop = options_.stop});
    source_ = source_for(client_, name_, options_.source);
    options_.connect.timeout = options_.timeout;
    options_.connect.stop = options_.stop;
    static_cast<void>(connect());
  } catch (...) {
    try {
      remove();
    } catch (...) {  // the first error is the one to report; the ttl removes what is left
    }
    throw;
  }
}

EphemeralBranch::~EphemeralBranch() {
  try {
    remove();
  } catch (...) {  // the ttl removes what is left
  }
}

EphemeralBranch::EphemeralBranch(EphemeralBranch&& other) noexcept
    : client_(other.client_),
      options_(std::move(other.options_)),
      name_(std::move(other.name_)),
      exists_(std::exchange(other.exists_, false)),
      source_(std::move(other.source_)) {}

Connection EphemeralBranch::connect() const {
  return pq::connect(source_, options_.connect);
}

std::string EphemeralBranch::url_with_token() const {
  return pq::url_with_token(source_);
}

void EphemeralBranch::remove() {
  if (!std::exchange(exists_, false)) return;
  patient(client_, options_, {})
      .delete_branch(name_, {.allow_missing = true, .purge = options_.purge})
      .wait({.timeout = options_.timeout});
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
