#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/pool.hpp>

namespace lakebase::tests {

/// What a worker was told of a transaction.
enum class Outcome : char { committed, in_doubt, failed };

/// Holds what each worker was told of its transactions, by their number, against the table's rows (worker, number), of
/// which each transaction writes one.
inline void expect_as_told(pq::ConnectionPool& pool, std::string const& table,
                           std::vector<std::vector<Outcome>> const& told) {
  std::vector<std::vector<int>> found;
  for (auto const& of_worker : told) found.emplace_back(of_worker.size());
  auto const lease = pool.acquire();
  for (pq::Row const row : lease->stream("SELECT worker, number FROM " + table)) {
    ++found.at(row[0].as<std::size_t>()).at(row[1].as<std::size_t>());
  }
  int lost = 0;
  int twice = 0;
  int undead = 0;
  for (std::size_t i = 0; i < told.size(); ++i) {
    for (std::size_t number = 0; number < told[i].size(); ++number) {
      auto const outcome = told[i][number];
      int const rows = found[i][number];
      lost += outcome == Outcome::committed && rows == 0;
      undead += outcome == Outcome::failed && rows > 0;
      twice += rows > 1;
    }
  }
  EXPECT_EQ(lost, 0) << "reported as committed, but not there";
  EXPECT_EQ(twice, 0) << "there more than once";
  EXPECT_EQ(undead, 0) << "reported as failed, but there";
}

}  // namespace lakebase::tests
