#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "common/tokens.hpp"
#include "engine/query.hpp"

namespace lakebase::emulator {

/// One page of a list, in creation order. Its token holds the last element shown, so that creations and deletions
/// between two pages neither repeat nor hide other elements; it is valid for that list only.
class Page {
 public:
  /// `list` tells lists apart: the parent, the collection and what filters it.
  /// @throws ServiceError if `page_size` or `page_token` are invalid
  Page(Query const& query, TokenMint const& mint, std::string list, std::int64_t most = 100);

  /// The records of this page. Records have a `sequence` that grows.
  template <class Range>
  auto take(Range const& all) {
    std::vector<typename Range::value_type> taken;
    for (auto const& record : all) {
      if (record.sequence <= after_) continue;
      if (taken.size() == size_) {
        next_after_ = taken.back().sequence;
        break;
      }
      taken.push_back(record);
    }
    return taken;
  }

  /// `{"<collection>":[…],"next_page_token":…}`; an empty list and an empty token are left out.
  Json response(std::string const& collection, Json items) const;

 private:
  std::string token_for(std::int64_t after) const;
  std::int64_t parse(std::string const& token) const;

  TokenMint const& mint_;
  std::string list_;
  std::size_t size_ = 0;
  std::int64_t after_ = 0;
  std::int64_t next_after_ = 0;
};

}  // namespace lakebase::emulator
