#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Why an operation failed. The list is that of the whole platform; the service uses a few of it.
enum class ErrorCode {
  aborted,                                ///< Something else changed the resource at the same time; try again.
  already_exists,                         ///< There is one of that name or id.
  bad_request,                            ///< The request makes no sense, or not for this resource.
  cancelled,                              ///< It was cancelled.
  catalog_already_exists,                 ///< There is a catalog of that name.
  catalog_does_not_exist,                 ///< There is no catalog of that name.
  catalog_not_empty,                      ///< The catalog still holds something.
  could_not_acquire_lock,                 ///< Another caller held a lock for too long.
  customer_unauthorized,                  ///< The customer's own cloud account refused.
  dac_already_exists,                     ///< There is a data access configuration of that name.
  dac_does_not_exist,                     ///< There is no data access configuration of that name.
  data_loss,                              ///< Data is lost or damaged beyond repair.
  deadline_exceeded,                      ///< It took too long; it may have happened all the same.
  deployment_timeout,                     ///< A deployment took too long.
  directory_not_empty,                    ///< The directory still holds something.
  directory_protected,                    ///< The directory must not be changed.
  dry_run_failed,                         ///< The dry run of the change failed.
  endpoint_not_found,                     ///< There is no such API.
  external_location_already_exists,       ///< There is an external location of that name.
  external_location_does_not_exist,       ///< There is no external location of that name.
  feature_disabled,                       ///< The feature is switched off in this workspace.
  git_conflict,                           ///< A merge conflict.
  git_remote_error,                       ///< The Git server failed.
  git_sensitive_token_detected,           ///< The commit holds a secret.
  git_unknown_ref,                        ///< The Git server knows no such branch or tag.
  git_url_not_on_allow_list,              ///< The Git server is not among those allowed.
  insecure_partner_response,              ///< A system behind the service responded in an unsafe way.
  internal_error,                         ///< A fault of the service.
  invalid_parameter_value,                ///< An argument is missing, malformed or out of bounds.
  invalid_state,                          ///< Not possible in the present state of the resource.
  invalid_state_transition,               ///< The resource cannot go from its state to the requested one.
  io_error,                               ///< Reading or writing storage failed.
  ipynb_file_in_repo,                     ///< A notebook file stands in the way.
  malformed_partner_response,             ///< A system behind the service sent a malformed response.
  malformed_request,                      ///< The request cannot be read.
  managed_resource_group_does_not_exist,  ///< The resource group of the workspace is missing.
  max_block_size_exceeded,                ///< A block is too large.
  max_child_node_size_exceeded,           ///< A folder has too many children.
  max_list_size_exceeded,                 ///< A list is too long.
  max_notebook_size_exceeded,             ///< A notebook is too large.
  max_read_size_exceeded,                 ///< More was to be read at once than allowed.
  metastore_already_exists,               ///< There is a metastore of that name.
  metastore_does_not_exist,               ///< There is no such metastore.
  metastore_not_empty,                    ///< The metastore still holds something.
  not_found,                              ///< There is no such resource.
  not_implemented,                        ///< The service cannot do that (yet).
  partial_delete,                         ///< Only a part was deleted.
  permission_denied,                      ///< The caller may not do that.
  permission_not_propagated,              ///< A permission has not taken effect everywhere yet; try again.
  principal_does_not_exist,               ///< There is no such user, group or service principal.
  projects_operation_timeout,             ///< An operation on a Git folder took too long.
  provider_already_exists,                ///< There is a sharing provider of that name.
  provider_does_not_exist,                ///< There is no such sharing provider.
  provider_share_not_accessible,          ///< The share of the provider cannot be reached.
  quota_exceeded,                         ///< A quota of the workspace is used up.
  recipient_already_exists,               ///< There is a sharing recipient of that name.
  recipient_does_not_exist,               ///< There is no such sharing recipient.
  request_limit_exceeded,                 ///< Too many requests; slow down.
  resource_already_exists,                ///< There is a resource of that name.
  resource_conflict,                      ///< The change collides with the state of the resource.
  resource_does_not_exist,                ///< There is no resource of that name.
  resource_exhausted,                     ///< A quota or a rate is used up.
  resource_limit_exceeded,                ///< There are as many resources of that kind as allowed.
  schema_already_exists,                  ///< There is a schema of that name.
  schema_does_not_exist,                  ///< There is no such schema.
  schema_not_empty,                       ///< The schema still holds something.
  search_query_too_long,                  ///< The search text is too long.
  search_query_too_short,                 ///< The search text is too short.
  service_under_maintenance,              ///< The service is being worked on; try again later.
  share_already_exists,                   ///< There is a share of that name.
  share_does_not_exist,                   ///< There is no such share.
  storage_credential_already_exists,      ///< There is a storage credential of that name.
  storage_credential_does_not_exist,      ///< There is no such storage credential.
  table_already_exists,                   ///< There is a table of that name.
  table_does_not_exist,                   ///< There is no such table.
  temporarily_unavailable,                ///< The service cannot respond at the moment; try again.
  unauthenticated,                        ///< The caller is not known.
  unavailable,                            ///< The service cannot be reached; try again.
  unknown,                                ///< An unclassified error.
  unparseable_http_error,                 ///< A system behind the service sent an error that it could not read.
  workspace_temporarily_unavailable,      ///< The workspace cannot respond at the moment; try again.
  unrecognized,
};
constexpr std::array<std::string_view, 81> enum_names(ErrorCode) {
  return {"ABORTED",
          "ALREADY_EXISTS",
          "BAD_REQUEST",
          "CANCELLED",
          "CATALOG_ALREADY_EXISTS",
          "CATALOG_DOES_NOT_EXIST",
          "CATALOG_NOT_EMPTY",
          "COULD_NOT_ACQUIRE_LOCK",
          "CUSTOMER_UNAUTHORIZED",
          "DAC_ALREADY_EXISTS",
          "DAC_DOES_NOT_EXIST",
          "DATA_LOSS",
          "DEADLINE_EXCEEDED",
          "DEPLOYMENT_TIMEOUT",
          "DIRECTORY_NOT_EMPTY",
          "DIRECTORY_PROTECTED",
          "DRY_RUN_FAILED",
          "ENDPOINT_NOT_FOUND",
          "EXTERNAL_LOCATION_ALREADY_EXISTS",
          "EXTERNAL_LOCATION_DOES_NOT_EXIST",
          "FEATURE_DISABLED",
          "GIT_CONFLICT",
          "GIT_REMOTE_ERROR",
          "GIT_SENSITIVE_TOKEN_DETECTED",
          "GIT_UNKNOWN_REF",
          "GIT_URL_NOT_ON_ALLOW_LIST",
          "INSECURE_PARTNER_RESPONSE",
          "INTERNAL_ERROR",
          "INVALID_PARAMETER_VALUE",
          "INVALID_STATE",
          "INVALID_STATE_TRANSITION",
          "IO_ERROR",
          "IPYNB_FILE_IN_REPO",
          "MALFORMED_PARTNER_RESPONSE",
          "MALFORMED_REQUEST",
          "MANAGED_RESOURCE_GROUP_DOES_NOT_EXIST",
          "MAX_BLOCK_SIZE_EXCEEDED",
          "MAX_CHILD_NODE_SIZE_EXCEEDED",
          "MAX_LIST_SIZE_EXCEEDED",
          "MAX_NOTEBOOK_SIZE_EXCEEDED",
          "MAX_READ_SIZE_EXCEEDED",
          "METASTORE_ALREADY_EXISTS",
          "METASTORE_DOES_NOT_EXIST",
          "METASTORE_NOT_EMPTY",
          "NOT_FOUND",
          "NOT_IMPLEMENTED",
          "PARTIAL_DELETE",
          "PERMISSION_DENIED",
          "PERMISSION_NOT_PROPAGATED",
          "PRINCIPAL_DOES_NOT_EXIST",
          "PROJECTS_OPERATION_TIMEOUT",
          "PROVIDER_ALREADY_EXISTS",
          "PROVIDER_DOES_NOT_EXIST",
          "PROVIDER_SHARE_NOT_ACCESSIBLE",
          "QUOTA_EXCEEDED",
          "RECIPIENT_ALREADY_EXISTS",
          "RECIPIENT_DOES_NOT_EXIST",
          "REQUEST_LIMIT_EXCEEDED",
          "RESOURCE_ALREADY_EXISTS",
          "RESOURCE_CONFLICT",
          "RESOURCE_DOES_NOT_EXIST",
          "RESOURCE_EXHAUSTED",
          "RESOURCE_LIMIT_EXCEEDED",
          "SCHEMA_ALREADY_EXISTS",
          "SCHEMA_DOES_NOT_EXIST",
          "SCHEMA_NOT_EMPTY",
          "SEARCH_QUERY_TOO_LONG",
          "SEARCH_QUERY_TOO_SHORT",
          "SERVICE_UNDER_MAINTENANCE",
          "SHARE_ALREADY_EXISTS",
          "SHARE_DOES_NOT_EXIST",
          "STORAGE_CREDENTIAL_ALREADY_EXISTS",
          "STORAGE_CREDENTIAL_DOES_NOT_EXIST",
          "TABLE_ALREADY_EXISTS",
          "TABLE_DOES_NOT_EXIST",
          "TEMPORARILY_UNAVAILABLE",
          "UNAUTHENTICATED",
          "UNAVAILABLE",
          "UNKNOWN",
          "UNPARSEABLE_HTTP_ERROR",
          "WORKSPACE_TEMPORARILY_UNAVAILABLE"};
}

/// How an operation failed, as the API sends it. `OperationFailed` carries the same facts in the form of this library.
struct DatabricksServiceExceptionWithDetailsProto {
  /// JSON objects whose `@type` says what they are, e.g. a `google.rpc.ErrorInfo`.
  std::vector<JsonText> details{};
  /// For programs.
  std::optional<Enum<ErrorCode>> error_code{};
  /// For people.
  std::optional<std::string> message{};
  /// Of the service, for its own support; mostly unset.
  std::optional<std::string> stack_trace{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("details", &DatabricksServiceExceptionWithDetailsProto::details);
    field("error_code", &DatabricksServiceExceptionWithDetailsProto::error_code);
    field("message", &DatabricksServiceExceptionWithDetailsProto::message);
    field("stack_trace", &DatabricksServiceExceptionWithDetailsProto::stack_trace);
  }
  friend bool operator==(DatabricksServiceExceptionWithDetailsProto const&,
                         DatabricksServiceExceptionWithDetailsProto const&) = default;
};

/// A long-running operation, as the API sends it. `lakebase::Operation`, which calls that start one return, reads it
/// for you; this is for programs that handle operations of all kinds. If both namespaces are used by directives, say
/// `lakebase::postgres::Operation`. Every member is set by the service.
struct Operation {
  /// Whether it has ended: then one of `error` and `response` is set.
  std::optional<bool> done{};
  /// Why it failed.
  std::optional<DatabricksServiceExceptionWithDetailsProto> error{};
  /// JSON of a `…OperationMetadata`, with its `@type`.
  std::optional<JsonText> metadata{};
  /// Name of the resource, followed by `/operations/` and an opaque id.
  std::optional<std::string> name{};
  /// JSON of the result: the resource with its `@type`, or an empty message if there is none.
  std::optional<JsonText> response{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("done", &Operation::done);
    field("error", &Operation::error);
    field("metadata", &Operation::metadata);
    field("name", &Operation::name);
    field("response", &Operation::response);
  }
  friend bool operator==(Operation const&, Operation const&) = default;
};

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
