// The service's table of errors, a row each, sent as plain HTTP. A resource's rows stand in a table of their own.

#include <vector>

#include "http_control_plane.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;

struct ErrorRow {
  std::string_view name;
  /// Requests that succeed first, in a workspace with a project `shop`; one that begins with `begin` does not end. Any
  /// that begins with `robot` is a service principal's.
  std::vector<std::string_view> given;
  std::string_view request;
  int status;
  std::string_view code;
  /// A part of the message.
  std::string_view gist;
  /// With the details by which declarative tools see that the resource goes with its parent.
  bool managed_by_parent = false;
};

void PrintTo(ErrorRow const& row, std::ostream* out) {
  *out << row.request;
}

constexpr std::string_view given_dev = R"(POST projects/shop/branches?branch_id=dev {"spec":{"no_expiry":true}})";
constexpr std::string_view given_leaf =
    R"(POST projects/shop/branches?branch_id=leaf {"spec":{"no_expiry":true,"source_branch":"projects/shop/branches/dev"}})";
constexpr std::string_view given_protection =
    R"(PATCH projects/shop/branches/production?update_mask=spec.is_protected {"spec":{"is_protected":true}})";
constexpr std::string_view given_reader = R"(POST projects/shop/branches/production/endpoints?endpoint_id=reader )"
                                          R"({"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}})";

constexpr std::string_view given_snapshot =
    R"(POST projects/shop/snapshots?snapshot_id=s {"spec":{"source_branch":"projects/shop/branches/production"}})";
constexpr std::string_view given_catalog =
    R"(POST catalogs?catalog_id=lake )"
    R"({"spec":{"branch":"projects/shop/branches/production","postgres_database":"databricks_postgres"}})";
constexpr std::string_view given_feed =
    R"(POST projects/shop/branches/production/databases/databricks-postgres/cdf-configs )"
    R"({"catalog":"main","schema":"shop","postgres_schema":"public"})";
constexpr std::string_view given_permission = R"(PATCH /api/2.0/permissions/database-projects/shop )"
                                              R"({"access_control_list":[)"
                                              R"({"user_name":"ann@example.com","permission_level":"CAN_USE"}]})";

std::vector<ErrorRow> const project_rows{
    {"MissingProjectId",
     {},
     "POST projects {}",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'project_id' is required, expected non-default value (not "")!)"},
    {"MalformedProjectId",
     {},
     "POST projects?project_id=My_Shop {}",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field project_id must match pattern ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$, got 'My_Shop'."},
    {"MissingProject", {}, "GET projects/none", 404, "NOT_FOUND", "project id not found [TraceId: "},
    {"MissingProjectToDelete", {}, "DELETE projects/none", 404, "NOT_FOUND", "project id not found [TraceId: "},
    {"MissingProjectToChange",
     {},
     R"(PATCH projects/none?update_mask=spec.display_name {"spec":{"display_name":"x"}})",
     404,
     "NOT_FOUND",
     "project id not found [TraceId: "},
    {"DeletedProjectToDelete",
     {"DELETE projects/shop"},
     "DELETE projects/shop",
     404,
     "NOT_FOUND",
     "project id not found [TraceId: "},
    {"DuplicateProject",
     {},
     "POST projects?project_id=shop {}",
     409,
     "ALREADY_EXISTS",
     "project with such id already exists in the workspace"},
    {"DuplicateOfADeletedProject",
     {"DELETE projects/shop"},
     "POST projects?project_id=shop {}",
     409,
     "ALREADY_EXISTS",
     "project with such id already exists in the workspace"},
    {"ProjectWithAProtectedBranch", {given_protection}, "DELETE projects/shop", 400, "BAD_REQUEST", "is protected"},
    {"UnknownMaskPath",
     {},
     R"(PATCH projects/shop?update_mask=spec.pg_version {"spec":{"pg_version":17}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Unknown field path in update_mask: 'spec.pg_version'"},
    {"MaskedButAbsent",
     {},
     R"(PATCH projects/shop?update_mask=spec.display_name {"spec":{}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field 'spec.display_name' is in update_mask but not provided in request"},
    {"NoMask",
     {},
     R"(PATCH projects/shop {"spec":{"display_name":"x"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field 'update_mask' is required"},
    {"MemberOfASuspensionInAMask",
     {},
     R"(PATCH projects/shop?update_mask=spec.default_endpoint_settings.no_suspension )"
     R"({"spec":{"default_endpoint_settings":{"no_suspension":true}}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Unknown field path in update_mask: 'spec.default_endpoint_settings.no_suspension'"},
    {"AnotherOperationRuns",
     {R"(begin POST projects/shop/branches?branch_id=dev {"spec":{"no_expiry":true}})"},
     R"(PATCH projects/shop?update_mask=spec.display_name {"spec":{"display_name":"x"}})",
     409,
     "ABORTED",
     "operation is running"},
    {"PageTokenOfNoList",
     {},
     "GET projects?page_token=abc",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field 'page_token' is not a token of this list."},
    {"NegativePageSize",
     {},
     "GET projects?page_size=-1",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field 'page_size' must not be negative"},
    {"UnknownPath", {}, "GET xyz", 404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /postgres/xyz'"},
};

std::vector<ErrorRow> const branch_rows{
    {"MissingBranchId",
     {},
     R"(POST projects/shop/branches {"spec":{"no_expiry":true}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'branch_id' is required, expected non-default value (not "")!)"},
    {"MalformedBranchId",
     {},
     R"(POST projects/shop/branches?branch_id=-dev {"spec":{"no_expiry":true}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field branch_id must match pattern"},
    {"MissingBranch", {}, "GET projects/shop/branches/none", 404, "NOT_FOUND", "branch id not found [TraceId: "},
    {"DeletedBranch",
     {given_dev, "DELETE projects/shop/branches/dev"},
     R"(POST projects/shop/branches?branch_id=b {"spec":{"no_expiry":true,"source_branch":"projects/shop/branches/dev"}})",
     404,
     "NOT_FOUND",
     "branch id not found [TraceId: "},
    {"TheHighestMissingParentIsNamed",
     {},
     "GET projects/none/branches/none/endpoints/none",
     404,
     "NOT_FOUND",
     "project id not found [TraceId: "},
    {"TheNextMissingParentIsNamed",
     {},
     "GET projects/shop/branches/none/endpoints/none",
     404,
     "NOT_FOUND",
     "branch id not found [TraceId: "},
    {"DuplicateBranch",
     {},
     R"(POST projects/shop/branches?branch_id=production {"spec":{"no_expiry":true}})",
     400,
     "BAD_REQUEST",
     R"(branch already exists; branch_name:"production" [TraceId: )"},
    {"NoChoiceOfExpiration",
     {},
     "POST projects/shop/branches?branch_id=dev {}",
     400,
     "INVALID_PARAMETER_VALUE",
     "Expiration must be specified when creating a branch"},
    {"NoExpiryFalse",
     {},
     R"(POST projects/shop/branches?branch_id=dev {"spec":{"no_expiry":false}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "can only be true"},
    {"TwoChoicesOfExpiration",
     {},
     R"(POST projects/shop/branches?branch_id=dev {"spec":{"no_expiry":true,"ttl":"3600s"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Only one of 'ttl', 'expire_time' and 'no_expiry' can be set."},
    {"SourceOfAnotherProject",
     {"POST projects?project_id=other {}"},
     R"(POST projects/shop/branches?branch_id=dev )"
     R"({"spec":{"no_expiry":true,"source_branch":"projects/other/branches/production"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "source_branch field must point to the branch from the same Project"},
    {"MemberOfAnExpirationInAMask",
     {given_dev},
     R"(PATCH projects/shop/branches/dev?update_mask=spec.ttl {"spec":{"ttl":"3600s"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Unknown field path in update_mask: 'spec.ttl'"},
    {"DeleteAProtectedBranch",
     {given_dev, R"(PATCH projects/shop/branches/dev?update_mask=spec.is_protected {"spec":{"is_protected":true}})"},
     "DELETE projects/shop/branches/dev",
     400,
     "BAD_REQUEST",
     "cannot delete protected branch"},
    {"DeleteARootBranch",
     {},
     "DELETE projects/shop/branches/production",
     400,
     "BAD_REQUEST",
     "Cannot delete root branch 'projects/shop/branches/production'. Root branches cannot be deleted independently.",
     true},
    {"DeleteTheDefaultBranch",
     {given_dev,
      R"(PATCH projects/shop?update_mask=spec.default_branch {"spec":{"default_branch":"projects/shop/branches/dev"}})"},
     "DELETE projects/shop/branches/dev",
     400,
     "BAD_REQUEST",
     "cannot delete the default branch"},
    {"DeleteABranchWithChildren",
     {given_dev, given_leaf},
     "DELETE projects/shop/branches/dev",
     400,
     "BAD_REQUEST",
     "cannot delete a branch that has children"},
    {"ExpireABranchWithChildren",
     {given_dev, given_leaf},
     R"(PATCH projects/shop/branches/dev?update_mask=spec.expiration {"spec":{"ttl":"3600s"}})",
     400,
     "BAD_REQUEST",
     "A branch that has children cannot have an expiration."},
};

std::vector<ErrorRow> const endpoint_rows{
    {"MissingEndpointId",
     {},
     R"(POST projects/shop/branches/production/endpoints {"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'endpoint_id' is required, expected non-default value (not "")!)"},
    {"MissingEndpointType",
     {},
     "POST projects/shop/branches/production/endpoints?endpoint_id=reader {}",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field 'endpoint.spec.endpoint_type' is required"},
    {"MissingEndpoint",
     {},
     "GET projects/shop/branches/production/endpoints/none",
     404,
     "NOT_FOUND",
     "endpoint id not found [TraceId: "},
    {"SecondReadWriteEndpoint",
     {},
     R"(POST projects/shop/branches/production/endpoints?endpoint_id=second )"
     R"({"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE"}})",
     400,
     "BAD_REQUEST",
     "read_write endpoint already exists"},
    {"DuplicateEndpoint", {given_reader}, given_reader, 400, "BAD_REQUEST", "endpoint with such id already exists"},
    {"DeleteTheReadWriteEndpoint",
     {},
     "DELETE projects/shop/branches/production/endpoints/primary",
     400,
     "BAD_REQUEST",
     "Cannot delete read-write endpoint 'projects/shop/branches/production/endpoints/primary'. Read-write endpoints "
     "cannot be deleted.",
     true},
    {"DeleteAnEndpointOfAProtectedBranch",
     {given_reader, given_protection},
     "DELETE projects/shop/branches/production/endpoints/reader",
     400,
     "BAD_REQUEST",
     "endpoint cannot be deleted for a protected branch"},
    {"NoSuspensionFalse",
     {},
     R"(PATCH projects/shop/branches/production/endpoints/primary?update_mask=spec.suspension )"
     R"({"spec":{"no_suspension":false}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "can only be true"},
    {"GroupWithoutItsMaximum",
     {},
     R"(PATCH projects/shop/branches/production/endpoints/primary?update_mask=spec.group {"spec":{"group":{"min":1}}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'spec.group.max' is required, expected non-default value (not "")!)"},
    {"InitialGroupWithoutItsMaximum",
     {},
     R"(POST projects?project_id=new {"initial_endpoint_spec":{"group":{"min":1}}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'initial_endpoint_spec.group.max' is required, expected non-default value (not "")!)"},
};

std::vector<ErrorRow> const role_and_database_rows{
    {"MissingRole",
     {},
     "GET projects/shop/branches/production/roles/none",
     404,
     "NOT_FOUND",
     R"(role not found; role_id:"none" [TraceId: )"},
    {"NoRoleInTheBody",
     {},
     "POST projects/shop/branches/production/roles?role_id=app {}",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field 'role' is required and must contain at least one subfield with a non-default value"},
    {"DuplicateRole",
     {R"(POST projects/shop/branches/production/roles?role_id=app {"spec":{"postgres_role":"app"}})"},
     R"(POST projects/shop/branches/production/roles?role_id=app {"spec":{"postgres_role":"app"}})",
     400,
     "BAD_REQUEST",
     "role with that name already exists"},
    {"DuplicatePostgresRole",
     {R"(POST projects/shop/branches/production/roles?role_id=app {"spec":{"postgres_role":"app"}})"},
     R"(POST projects/shop/branches/production/roles?role_id=other {"spec":{"postgres_role":"app"}})",
     400,
     "BAD_REQUEST",
     "role with that name already exists"},
    {"RoleOfAnUnknownIdentity",
     {},
     R"(POST projects/shop/branches/production/roles?role_id=app {"spec":{"postgres_role":"x","identity_type":"USER"}})",
     404,
     "NOT_FOUND",
     "Identity 'x' not found"},
    {"ImmutablePartOfARoleInAMask",
     {R"(POST projects/shop/branches/production/roles?role_id=app {"spec":{"postgres_role":"app"}})"},
     R"(PATCH projects/shop/branches/production/roles/app?update_mask=spec.postgres_role {"spec":{"postgres_role":"b"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Unknown field path in update_mask: 'spec.postgres_role'"},
    {"MalformedDatabaseId",
     {},
     R"(POST projects/shop/branches/production/databases?database_id=Invalid_DB_ID {"spec":{}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Field database_id must match pattern ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$, got 'Invalid_DB_ID'."},
    {"DatabaseWithoutARole",
     {},
     R"(POST projects/shop/branches/production/databases?database_id=data {"spec":{"postgres_database":"data"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'database.spec.role' is required, expected non-default value (not "")!)"},
    {"DatabaseOfAMissingRole",
     {},
     R"(POST projects/shop/branches/production/databases?database_id=data )"
     R"({"spec":{"role":"projects/shop/branches/production/roles/does-not-exist"}})",
     404,
     "NOT_FOUND",
     R"(role not found; role_id:"does-not-exist" [TraceId: )"},
    {"MissingDatabase",
     {},
     "GET projects/shop/branches/production/databases/none",
     404,
     "NOT_FOUND",
     "database not found"},
    {"DuplicateDatabase",
     {},
     R"(POST projects/shop/branches/production/databases?database_id=databricks-postgres )"
     R"({"spec":{"role":"projects/shop/branches/production/roles/developer"}})",
     400,
     "BAD_REQUEST",
     "database with that name already exists"},
    {"DuplicatePostgresDatabase",
     {},
     R"(POST projects/shop/branches/production/databases?database_id=data )"
     R"({"spec":{"role":"projects/shop/branches/production/roles/developer","postgres_database":"databricks_postgres"}})",
     400,
     "BAD_REQUEST",
     "database with that name already exists"},
};

std::vector<ErrorRow> const snapshot_rows{
    {"MissingSnapshotId",
     {},
     R"(POST projects/shop/snapshots {"spec":{"source_branch":"projects/shop/branches/production"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'snapshot_id' is required, expected non-default value (not "")!)"},
    {"MissingSnapshot", {}, "GET projects/shop/snapshots/none", 404, "NOT_FOUND", "snapshot id not found [TraceId: "},
    {"SnapshotWithoutASource",
     {},
     "POST projects/shop/snapshots?snapshot_id=s {}",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'snapshot.spec.source_branch' is required, expected non-default value (not "")!)"},
    {"SnapshotOfAnotherProject",
     {},
     R"(POST projects/shop/snapshots?snapshot_id=s {"spec":{"source_branch":"projects/other/branches/production"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "source_branch field must point to the branch from the same Project"},
    {"BranchFromASnapshotOfAnotherProject",
     {},
     R"(POST projects/shop/branches?branch_id=b {"spec":{"no_expiry":true,"source_snapshot":"projects/o/snapshots/s"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "source_snapshot field must point to the snapshot from the same Project"},
    {"SnapshotThatExists",
     {R"(POST projects/shop/snapshots?snapshot_id=s {"spec":{"source_branch":"projects/shop/branches/production"}})"},
     R"(POST projects/shop/snapshots?snapshot_id=s {"spec":{"source_branch":"projects/shop/branches/production"}})",
     409,
     "ALREADY_EXISTS",
     "snapshot with such id already exists in the project"},
    {"SnapshotOfAChildBranch",
     {given_dev},
     R"(POST projects/shop/snapshots?snapshot_id=s {"spec":{"source_branch":"projects/shop/branches/dev"}})",
     400,
     "BAD_REQUEST",
     "root branches only"},
    {"SnapshotOfAMissingBranch",
     {},
     R"(POST projects/shop/snapshots?snapshot_id=s {"spec":{"source_branch":"projects/shop/branches/none"}})",
     404,
     "NOT_FOUND",
     "branch id not found [TraceId: "},
    {"SnapshotOfThePast",
     {},
     R"(POST projects/shop/snapshots?snapshot_id=s )"
     R"({"spec":{"source_branch":"projects/shop/branches/production","source_branch_time":"2020-01-01T00:00:00Z"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "its restore window begins at"},
    {"SnapshotThatCannotBeChanged",
     {given_snapshot},
     R"(PATCH projects/shop/snapshots/s?update_mask=spec {"spec":{"no_expiry":true}})",
     404,
     "ENDPOINT_NOT_FOUND",
     "No API found for 'PATCH /postgres/projects/shop/snapshots/s'"},
    {"BranchFromAMissingSnapshot",
     {},
     R"(POST projects/shop/branches?branch_id=b {"spec":{"no_expiry":true,"source_snapshot":"projects/shop/snapshots/s"}})",
     404,
     "NOT_FOUND",
     "snapshot id not found [TraceId: "},
    {"BranchFromASnapshotAndABranch",
     {given_snapshot},
     R"(POST projects/shop/branches?branch_id=b {"spec":{"no_expiry":true,)"
     R"("source_snapshot":"projects/shop/snapshots/s","source_branch":"projects/shop/branches/production"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "source_snapshot"},
    {"ScheduleOfAChildBranch",
     {given_dev},
     R"(PATCH projects/shop/branches/dev/snapshot-schedule?update_mask=schedule )"
     R"({"schedule":[{"retention":"3600s","daily_schedule":{}}]})",
     400,
     "BAD_REQUEST",
     "root branches only"},
    {"UnknownMaskPathOfASchedule",
     {},
     R"(PATCH projects/shop/branches/production/snapshot-schedule?update_mask=name {"schedule":[]})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Unknown field path in update_mask: 'name'"},
    {"MissingDataApi",
     {},
     "GET projects/shop/branches/production/databases/databricks-postgres/data-api",
     404,
     "NOT_FOUND",
     "data api not found"},
    {"SecondDataApi",
     {"POST projects/shop/branches/production/databases/databricks-postgres/data-api {}"},
     "POST projects/shop/branches/production/databases/databricks-postgres/data-api {}",
     409,
     "ALREADY_EXISTS",
     "data api of this database already exists"},
    {"DataApiOfASchemaOfTheSystem",
     {},
     R"(POST projects/shop/branches/production/databases/databricks-postgres/data-api )"
     R"({"spec":{"db_schemas":["pg_catalog"]}})",
     400,
     "INVALID_PARAMETER_VALUE",
     "must not hold a schema of the system"},
};

std::vector<ErrorRow> const unity_catalog_rows{
    {"MissingCatalogId",
     {},
     R"(POST catalogs {"spec":{"branch":"projects/shop/branches/production","postgres_database":"databricks_postgres"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'catalog_id' is required, expected non-default value (not "")!)"},
    {"CatalogWithoutADatabase",
     {},
     R"(POST catalogs?catalog_id=lake {"spec":{"branch":"projects/shop/branches/production"}})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'catalog.spec.postgres_database' is required, expected non-default value (not "")!)"},
    {"CatalogOfAMissingBranch",
     {},
     R"(POST catalogs?catalog_id=lake {"spec":{"branch":"projects/shop/branches/none","postgres_database":"d"}})",
     404,
     "NOT_FOUND",
     "branch id not found [TraceId: "},
    {"CatalogOfAMissingDatabase",
     {},
     R"(POST catalogs?catalog_id=lake {"spec":{"branch":"projects/shop/branches/production","postgres_database":"d"}})",
     404,
     "NOT_FOUND",
     "database not found"},
    {"MissingCatalog", {}, "GET catalogs/lake", 404, "NOT_FOUND", "catalog id not found [TraceId: "},
    {"DuplicateCatalog", {given_catalog}, given_catalog, 409, "ALREADY_EXISTS", "catalog with such id already exists"},
    {"DatabaseInAnotherCatalog",
     {given_catalog},
     R"(POST catalogs?catalog_id=other )"
     R"({"spec":{"branch":"projects/shop/branches/production","postgres_database":"databricks_postgres"}})",
     400,
     "BAD_REQUEST",
     "is already registered in catalog 'lake'"},
    {"CatalogThatCannotBeChanged",
     {given_catalog},
     R"(PATCH catalogs/lake?update_mask=spec {"spec":{"postgres_database":"d"}})",
     404,
     "ENDPOINT_NOT_FOUND",
     "No API found for 'PATCH /postgres/catalogs/lake'"},
    {"MissingSyncedTableId",
     {},
     "POST synced_tables {}",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'synced_table_id' is required, expected non-default value (not "")!)"},
    {"MalformedCdfConfigId",
     {},
     R"(POST projects/shop/branches/production/databases/databricks-postgres/cdf-configs?cdf_config_id=Bad-Id )"
     R"({"catalog":"main","schema":"shop","postgres_schema":"public"})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Invalid cdf_config_id 'Bad-Id'. Must match [a-z][a-z0-9_]{0,62}"},
    {"CdfConfigWithoutACatalog",
     {},
     R"(POST projects/shop/branches/production/databases/databricks-postgres/cdf-configs )"
     R"({"schema":"shop","postgres_schema":"public"})",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'cdf_config.catalog' is required, expected non-default value (not "")!)"},
    {"MissingCdfConfig",
     {},
     "GET projects/shop/branches/production/databases/databricks-postgres/cdf-configs/none",
     404,
     "NOT_FOUND",
     "cdf config id not found [TraceId: "},
    {"SecondCdfConfigOfASchema",
     {given_feed},
     R"(POST projects/shop/branches/production/databases/databricks-postgres/cdf-configs?cdf_config_id=other )"
     R"({"catalog":"main","schema":"shop","postgres_schema":"public"})",
     409,
     "ALREADY_EXISTS",
     "cdf config 'public' for postgres schema 'public' already exists"},
    {"MissingTable", {}, "GET tables/main.public.orders", 404, "NOT_FOUND", "table not found [TraceId: "},
};

std::vector<ErrorRow> const permission_rows{
    {"NoRightToUseAProject", {given_permission}, "robot GET projects/shop", 403, "PERMISSION_DENIED", "'Can Use'"},
    {"NoRightToManageAProject",
     {R"(PATCH /api/2.0/permissions/database-projects/shop {"access_control_list":[)"
      R"({"service_principal_name":"11111111-2222-3333-4444-555555555555","permission_level":"CAN_USE"}]})"},
     "robot DELETE projects/shop",
     403,
     "PERMISSION_DENIED",
     "'Can Manage'"},
    {"PermissionsOfAMissingProject",
     {},
     "GET /api/2.0/permissions/database-projects/none",
     404,
     "NOT_FOUND",
     "project id not found [TraceId: "},
    {"UnknownPermissionLevel",
     {},
     R"(PATCH /api/2.0/permissions/database-projects/shop {"access_control_list":[)"
     R"({"user_name":"ann@example.com","permission_level":"CAN_RUN"}]})",
     400,
     "INVALID_PARAMETER_VALUE",
     "CAN_USE, CAN_MANAGE, got 'CAN_RUN'"},
};

std::vector<ErrorRow> const credential_rows{
    {"NoEndpointForACredential",
     {},
     "POST credentials {}",
     400,
     "INVALID_PARAMETER_VALUE",
     R"(Field 'endpoint' is required, expected non-default value (not "")!)"},
    {"NoNameOfAnEndpointForACredential",
     {},
     R"(POST credentials {"endpoint":"primary"})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Endpoint name expects 'projects/{project_id}/branches/{branch_id}/endpoints/{endpoint_id}' format"},
    {"MissingEndpointForACredential",
     {},
     R"(POST credentials {"endpoint":"projects/shop/branches/production/endpoints/none"})",
     404,
     "NOT_FOUND",
     "endpoint id not found [TraceId: "},
    {"ClaimsThatTheWorkspaceDoesNotKnow",
     {},
     R"(POST credentials {"endpoint":"projects/shop/branches/production/endpoints/primary",)"
     R"("claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"a.b.c"}]}]})",
     400,
     "INVALID_PARAMETER_VALUE",
     "Unsupported permission set"},
};

std::vector<ErrorRow> all_rows() {
  std::vector<ErrorRow> all;
  for (auto const* const rows : {&project_rows, &branch_rows, &endpoint_rows, &role_and_database_rows, &snapshot_rows,
                                 &unity_catalog_rows, &permission_rows, &credential_rows}) {
    all.insert(all.end(), rows->begin(), rows->end());
  }
  return all;
}

class ServiceErrorsTest : public HttpControlPlaneTest, public ::testing::WithParamInterface<ErrorRow> {
 protected:
  ServiceErrorsTest() {
    options.service_principals = {{robot, "s3cret", "robot"}};
    reopen();
    make_project();
  }
  static constexpr char const* robot = "11111111-2222-3333-4444-555555555555";

  Answer answer_to(std::string_view text) {
    constexpr std::string_view by_robot = "robot ";
    if (!text.starts_with(by_robot)) return send(text);
    auto login = request("POST", "/oidc/v1/token",
                         "grant_type=client_credentials&client_secret=s3cret&client_id=" + std::string{robot});
    login.authorization.clear();
    return send(text.substr(by_robot.size()), json(raw(login).body).at("access_token").get<std::string>());
  }

  void give(std::string_view text) {
    constexpr std::string_view begin = "begin ";
    if (text.starts_with(begin)) {
      computes->hold("");
      ASSERT_EQ(send(text.substr(begin.size())).status, 200) << text;
    } else {
      auto const answer = send_and_wait(text);
      ASSERT_EQ(answer.status, 200) << text << answer.body.dump(1);
      ASSERT_FALSE(answer.body.contains("error")) << text << answer.body.dump(1);
    }
  }
};

TEST_P(ServiceErrorsTest, IsAnsweredAsByTheService) {
  auto const& row = GetParam();
  for (auto const& text : row.given) give(text);
  auto const answer = answer_to(row.request);
  EXPECT_EQ(answer.status, row.status) << answer.body.dump(1);
  EXPECT_EQ(answer.code(), row.code);
  EXPECT_THAT(answer.body.value("message", ""), HasSubstr(std::string{row.gist}));
  EXPECT_EQ(answer.body.contains("details"), row.managed_by_parent);
  if (!row.managed_by_parent) return;
  auto const& info = answer.body.at("details").at(0);
  EXPECT_EQ(info.at("reason"), "RESOURCE_CONFLICT");
  EXPECT_EQ(info.at("domain"), "databricks.com");
  EXPECT_EQ(info.at("metadata").at("declarative_context"), "MANAGED_BY_PARENT");
  EXPECT_FALSE(answer.body.at("details").at(1).at("request_id").get<std::string>().empty());
}

INSTANTIATE_TEST_SUITE_P(Table, ServiceErrorsTest, ::testing::ValuesIn(all_rows()),
                         [](auto const& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace lakebase::emulator::tests
