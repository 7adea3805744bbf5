#include <chrono>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SetFields, NamesWhatIsSet) {
  Endpoint const endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = 8.0, .autoscaling_limit_min_cu = 2.0}};
  EXPECT_THAT(set_fields(endpoint).paths(),
              ElementsAre("spec.autoscaling_limit_max_cu", "spec.autoscaling_limit_min_cu"));
}

TEST(SetFields, NamesFalseZeroAndEmptyText) {
  EXPECT_THAT(set_fields(Branch{.spec = BranchSpec{.is_protected = false}}).paths(), ElementsAre("spec.is_protected"));
  EXPECT_THAT(set_fields(Project{.spec = ProjectSpec{.budget_policy_id = ""}}).paths(),
              ElementsAre("spec.budget_policy_id"));
}

TEST(SetFields, NamesNothingWhereNothingIsSet) {
  EXPECT_THAT(set_fields(Branch{}).paths(), IsEmpty());
  EXPECT_THAT(set_fields(Branch{.spec = BranchSpec{}}).paths(), IsEmpty());
  EXPECT_THAT(set_fields(Endpoint{.spec = EndpointSpec{.settings = EndpointSettings{}}}).paths(), IsEmpty());
}

TEST(SetFields, NamesAlternativesByTheirGroup) {
  EXPECT_THAT(set_fields(Branch{.spec = BranchSpec{.ttl = 24h}}).paths(), ElementsAre("spec.expiration"));
  EXPECT_THAT(set_fields(Branch{.spec = BranchSpec{.no_expiry = true}}).paths(), ElementsAre("spec.expiration"));
  EXPECT_THAT(set_fields(Branch{.spec = BranchSpec{.expire_time = Timestamp{}}}).paths(),
              ElementsAre("spec.expiration"));
  EXPECT_THAT(
      set_fields(Endpoint{.spec = EndpointSpec{.no_suspension = true, .suspend_timeout_duration = 60s}}).paths(),
      ElementsAre("spec.suspension"));
  EXPECT_THAT(
      set_fields(Project{.spec = ProjectSpec{.default_endpoint_settings =
                                                 ProjectDefaultEndpointSettings{.autoscaling_limit_min_cu = 1.0,
                                                                                .suspend_timeout_duration = 60s}}})
          .paths(),
      ElementsAre("spec.default_endpoint_settings.autoscaling_limit_min_cu",
                  "spec.default_endpoint_settings.suspension"));
}

TEST(SetFields, NamesListsMapsAndGroupsOfComputesAsAWhole) {
  EXPECT_THAT(set_fields(Project{.spec = ProjectSpec{.custom_tags = {{.key = "a", .value = "b"}}}}).paths(),
              ElementsAre("spec.custom_tags"));
  Endpoint const endpoint{
      .spec = EndpointSpec{.group = EndpointGroupSpec{.min = 2, .max = 2},
                           .settings = EndpointSettings{.pg_settings = {{"work_mem", "64MB"}, {"jit", "off"}}}}};
  EXPECT_THAT(set_fields(endpoint).paths(), ElementsAre("spec.group", "spec.settings.pg_settings"));
}

TEST(SetFields, NamesAttributesOfARoleOneByOne) {
  Role const role{.spec = RoleRoleSpec{.attributes = RoleAttributes{.createdb = true},
                                       .membership_roles = {RoleMembershipRole::databricks_superuser},
                                       .postgres_role = "ada"}};
  EXPECT_THAT(set_fields(role).paths(), ElementsAre("spec.attributes.createdb", "spec.membership_roles"));
}

TEST(SetFields, LeavesOutWhatTheServiceSetsAndWhatIsFixed) {
  Branch const branch{.branch_id = "b",
                      .create_time = Timestamp{},
                      .name = "n",
                      .parent = "p",
                      .spec = BranchSpec{.source_branch = "s", .source_branch_lsn = "0/1"},
                      .status = BranchStatus{.is_protected = true},
                      .uid = "u"};
  EXPECT_THAT(set_fields(branch).paths(), IsEmpty());
  Project const project{.initial_branch_spec = InitialBranchSpec{.is_protected = true},
                        .spec = ProjectSpec{.pg_version = 17}};
  EXPECT_THAT(set_fields(project).paths(), IsEmpty());
}

TEST(SetFields, KnowsResourcesWithoutASpec) {
  EXPECT_THAT(set_fields(SnapshotSchedule{.name = "n", .schedule = {{.retention = 1h}}}).paths(),
              ElementsAre("schedule"));
  ReplicationGroupPreview const group{
      .replication_mode = ReplicationModePreview::live, .workspaces = {"1", "2"}, .etag = "e"};
  EXPECT_THAT(set_fields(group).paths(), ElementsAre("replication_mode", "workspaces"));
}

TEST(SetFields, MakesAnUpdateRightWithoutTypingAPath) {
  auto const wire = script({{200, R"({"name":"o/operations/1"})"}});
  Endpoint const endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = 4.0, .no_suspension = true}};
  static_cast<void>(
      client_over(wire).update_endpoint("projects/p/branches/b/endpoints/e", endpoint, set_fields(endpoint)));
  EXPECT_THAT(wire->only_request(), IsRequest("PATCH",
                                              "/api/2.0/postgres/projects/p/branches/b/endpoints/e?update_mask="
                                              "spec.autoscaling_limit_max_cu%2Cspec.suspension",
                                              R"({"spec":{"autoscaling_limit_max_cu":4.0,"no_suspension":true}})"));
}

// Sets every member of a model, so that set_fields gives every path it can give.
struct Fill {
  template <detail::Described T>
  void operator()(T& model) const {
    T::describe([&](std::string_view, auto member) { (*this)(model.*member); });
  }
  template <class T>
  void operator()(std::optional<T>& field) const {
    (*this)(field.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& list) const {
    list.resize(1);
  }
  template <class T>
  void operator()(std::map<std::string, T>& map) const {
    map["key"];
  }
  template <class T>
  requires(!detail::Described<T>) void operator()(T&) const {}
};

template <class T>
std::set<std::string> every_path() {
  T full;
  Fill{}(full);
  auto const paths = set_fields(full).paths();
  std::set<std::string> const unique{paths.begin(), paths.end()};
  EXPECT_EQ(unique.size(), paths.size()) << "a path is named twice";
  return unique;
}

// The paths that the service accepts, by reference/service.md, section 6. A new member of a spec turns this red until
// somebody has found out whether it can be named.
TEST(SetFields, NamesNoPathThatTheServiceDoesNotAccept) {
  using Paths = std::set<std::string>;
  EXPECT_EQ(every_path<Project>(),
            (Paths{"spec.budget_policy_id", "spec.custom_tags", "spec.default_branch",
                   "spec.default_endpoint_settings.autoscaling_limit_max_cu",
                   "spec.default_endpoint_settings.autoscaling_limit_min_cu",
                   "spec.default_endpoint_settings.pg_settings", "spec.default_endpoint_settings.suspension",
                   "spec.display_name", "spec.enable_pg_native_login", "spec.history_retention_duration"}));
  EXPECT_EQ(every_path<Branch>(), (Paths{"spec.expiration", "spec.is_protected"}));
  EXPECT_EQ(every_path<Endpoint>(),
            (Paths{"spec.autoscaling_limit_max_cu", "spec.autoscaling_limit_min_cu", "spec.disabled", "spec.group",
                   "spec.settings.pg_settings", "spec.suspension"}));
  EXPECT_EQ(every_path<Role>(), (Paths{"spec.attributes.bypassrls", "spec.attributes.createdb",
                                       "spec.attributes.createrole", "spec.membership_roles"}));
  EXPECT_EQ(every_path<Database>(), (Paths{"spec.postgres_database", "spec.role"}));
  EXPECT_EQ(every_path<DataApi>(),
            (Paths{"spec.db_aggregates_enabled", "spec.db_anon_role", "spec.db_extra_search_path", "spec.db_max_rows",
                   "spec.db_schemas", "spec.jwt_cache_max_lifetime", "spec.jwt_role_claim_key", "spec.openapi_mode",
                   "spec.server_cors_allowed_origins", "spec.server_timing_enabled"}));
  EXPECT_EQ(every_path<SnapshotSchedule>(), (Paths{"schedule"}));
  EXPECT_EQ(every_path<ReplicationGroupPreview>(), (Paths{"replication_mode", "workspaces"}));
}

}  // namespace
}  // namespace lakebase::tests
