// What the programs share, without a workspace: trees of branches, units, names, moments, targets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lakebase/error.hpp>

#include "tools/branches.hpp"
#include "tools/doctor.hpp"
#include "tools/reach_posix.hpp"
#include "tools/target.hpp"

namespace lakebase::tools {
namespace {

using testing::ElementsAre;

postgres::Branch branch(std::string const& id, std::string const& source = {}) {
  postgres::Branch made;
  made.name = "projects/p/branches/" + id;
  made.status.emplace();
  if (!source.empty()) made.status->source_branch = "projects/p/branches/" + source;
  return made;
}

std::vector<std::string> drawn(std::vector<postgres::Branch> const& branches) {
  std::vector<std::string> lines;
  for (auto const& node : branch_tree(branches, true)) lines.push_back(node.lines + id_of(*node.branch.name));
  return lines;
}

TEST(Tools, BranchesAreATree) {
  EXPECT_THAT(drawn({branch("c", "a"), branch("d", "b"), branch("a"), branch("b", "a")}),
              ElementsAre("a", "|- b", "|  `- d", "`- c"));
}

TEST(Tools, ABranchWithoutItsParentIsARoot) {
  EXPECT_THAT(drawn({branch("b", "gone"), branch("a", "b")}), ElementsAre("b", "`- a"));
}

TEST(Tools, Sizes) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1500), "1.5 kB");
  EXPECT_EQ(size_text(999'600), "1.0 MB");
  EXPECT_EQ(size_text(32'000'000), "32 MB");
  EXPECT_EQ(size_text(8'796'093'022'208), "8.8 TB");
}

TEST(Tools, Spans) {
  EXPECT_EQ(span_text(std::chrono::seconds{59}), "59 s");
  EXPECT_EQ(span_text(std::chrono::minutes{61}), "1 h");
  EXPECT_EQ(span_text(std::chrono::hours{47}), "47 h");
  EXPECT_EQ(span_text(std::chrono::hours{24 * 7}), "7 d");
}

TEST(Tools, WhatABranchIsMadeOf) {
  EXPECT_EQ(request_of({}).spec->no_expiry, true);
  auto const request =
      request_of({.source = "projects/p/branches/a", .moment = "0/1A2B", .ttl = std::chrono::hours{1}});
  EXPECT_EQ(request.spec->source_branch_lsn, "0/1A2B");
  EXPECT_EQ(request.spec->no_expiry, std::nullopt);
  EXPECT_TRUE(request_of({.moment = "2026-01-31T12:00:00Z"}).spec->source_branch_time);
  EXPECT_THROW(request_of({.moment = "/"}), InvalidArgument);
  EXPECT_THROW(request_of({.moment = "yesterday"}), InvalidArgument);
}

TEST(Tools, ARemedyIsNeverEmpty) {
  for (auto const* const step : {"settings", "caller", "target", "project", "branch", "endpoint", "instance", "token",
                                 "dns", "tcp", "tls", "role", "database", "login", "query", "schema"}) {
    EXPECT_NE(remedy_for(step, Error{"something"}), "") << step;
    EXPECT_NE(remedy_for(step, NotFound{"something"}), "") << step;
  }
}

TEST(Tools, ReachingNothingSaysWhy) {
  EXPECT_THROW(static_cast<void>(look_up("host.invalid", std::chrono::seconds{30})), Error);
  EXPECT_THROW(static_cast<void>(reach({}, 1, std::chrono::seconds{1})), Error);
  EXPECT_THROW(static_cast<void>(reach({"127.0.0.1"}, 1, std::chrono::seconds{5})), Error);
}

TEST(Tools, Targets) {
  EXPECT_EQ(name_of(parse_target("projects/p/branches/b/endpoints/e")), "projects/p/branches/b/endpoints/e");
  EXPECT_EQ(parse_target("old").product, Target::Product::provisioned);
  EXPECT_EQ(parse_target("").product, Target::Product::any);
  EXPECT_THROW(parse_target("projects/p/twigs/x"), InvalidArgument);
  EXPECT_THROW(parse_target("projects/"), InvalidArgument);
}

}  // namespace
}  // namespace lakebase::tools
