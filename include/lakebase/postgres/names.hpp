#pragma once

#include <compare>
#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include <lakebase/export.hpp>

// Names of resources, built and parsed without string concatenation:
//
//   auto const endpoint = ProjectName{"my-app"}.branch("production").endpoint("primary");
//   client.get_endpoint(endpoint);                                  // they are string views to every call
//   BranchName::parse(*branch.name).project().project_id();
//
// They check form only: the right collections in the right order, and ids that are not empty and contain no slash. The
// service checks whether an id is valid.

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// What all resource names share.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: constructors and `parse` throw InvalidArgument; the rest throws nothing but std::bad_alloc.
/// Lifetime: owns its text; ids are views into it.
class LAKEBASE_EXPORT ResourceName {
 public:
  /// The whole name, as the API has it.
  [[nodiscard]] std::string const& to_string() const& noexcept { return text_; }
  /// The whole name of a temporary.
  [[nodiscard]] std::string to_string() && noexcept { return std::move(text_); }
  /// Every call takes a name as it is.
  operator std::string_view() const noexcept { return text_; }  // NOLINT(google-explicit-constructor): as an argument

  friend bool operator==(ResourceName const&, ResourceName const&) = default;
  friend auto operator<=>(ResourceName const&, ResourceName const&) = default;
  friend LAKEBASE_EXPORT std::ostream& operator<<(std::ostream& out, ResourceName const& name);

 protected:
  /// Appends `/{collection}/{id}`, or begins with it if `parent` is empty.
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  ResourceName(std::string_view parent, std::string_view collection, std::string_view id);
  /// Takes a whole name, which must have these collections.
  /// @throws InvalidArgument if it has other collections, or an id that cannot be one
  ResourceName(std::string_view name, std::initializer_list<std::string_view> collections);

  /// The id after the collection of that number, from 0.
  [[nodiscard]] std::string_view id(std::size_t number) const noexcept;
  /// The name up to and with the id of that number.
  [[nodiscard]] std::string_view ancestor(std::size_t number) const noexcept;

 private:
  std::string text_;
};

class BranchName;
class CdfConfigName;
class ComputeInstanceName;
class DatabaseName;
class EndpointName;
class RoleName;
class SnapshotName;

/// `projects/{project_id}`
class LAKEBASE_EXPORT ProjectName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  explicit ProjectName(std::string_view project_id) : ResourceName("", "projects", project_id) {}
  /// @throws InvalidArgument if the text is not a project's name
  [[nodiscard]] static ProjectName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view project_id() const& noexcept { return id(0); }
  [[nodiscard]] std::string project_id() && { return std::string{id(0)}; }  ///< The same of a temporary.
  /// A branch of it.
  [[nodiscard]] BranchName branch(std::string_view branch_id) const;
  /// A snapshot of it.
  [[nodiscard]] SnapshotName snapshot(std::string_view snapshot_id) const;

 private:
  using ResourceName::ResourceName;
};

/// `projects/{project_id}/branches/{branch_id}`
class LAKEBASE_EXPORT BranchName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  BranchName(ProjectName const& project, std::string_view branch_id) : ResourceName(project, "branches", branch_id) {}
  /// @throws InvalidArgument if the text is not a branch's name
  [[nodiscard]] static BranchName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view branch_id() const& noexcept { return id(1); }
  [[nodiscard]] std::string branch_id() && { return std::string{id(1)}; }  ///< The same of a temporary.
  /// The project that it belongs to.
  [[nodiscard]] ProjectName project() const { return ProjectName{id(0)}; }
  /// An endpoint of it.
  [[nodiscard]] EndpointName endpoint(std::string_view endpoint_id) const;
  /// A database of it.
  [[nodiscard]] DatabaseName database(std::string_view database_id) const;
  /// A role of it.
  [[nodiscard]] RoleName role(std::string_view role_id) const;
  /// Name of the one SnapshotSchedule of the branch.
  [[nodiscard]] std::string snapshot_schedule() const;

 private:
  using ResourceName::ResourceName;
};

/// `projects/{project_id}/branches/{branch_id}/endpoints/{endpoint_id}`
class LAKEBASE_EXPORT EndpointName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  EndpointName(BranchName const& branch, std::string_view endpoint_id)
      : ResourceName(branch, "endpoints", endpoint_id) {}
  /// @throws InvalidArgument if the text is not an endpoint's name
  [[nodiscard]] static EndpointName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view endpoint_id() const& noexcept { return id(2); }
  [[nodiscard]] std::string endpoint_id() && { return std::string{id(2)}; }  ///< The same of a temporary.
  /// The branch that it belongs to.
  [[nodiscard]] BranchName branch() const { return BranchName::parse(ancestor(1)); }
  /// A compute instance of it.
  [[nodiscard]] ComputeInstanceName compute_instance(std::string_view compute_instance_id) const;

 private:
  using ResourceName::ResourceName;
};

/// `projects/{project_id}/branches/{branch_id}/endpoints/{endpoint_id}/compute-instances/{compute_instance_id}`
class LAKEBASE_EXPORT ComputeInstanceName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  ComputeInstanceName(EndpointName const& endpoint, std::string_view compute_instance_id)
      : ResourceName(endpoint, "compute-instances", compute_instance_id) {}
  /// @throws InvalidArgument if the text is not a compute instance's name
  [[nodiscard]] static ComputeInstanceName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view compute_instance_id() const& noexcept { return id(3); }
  [[nodiscard]] std::string compute_instance_id() && { return std::string{id(3)}; }  ///< The same of a temporary.
  /// The endpoint that it belongs to.
  [[nodiscard]] EndpointName endpoint() const { return EndpointName::parse(ancestor(2)); }

 private:
  using ResourceName::ResourceName;
};

/// `projects/{project_id}/branches/{branch_id}/databases/{database_id}`
class LAKEBASE_EXPORT DatabaseName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  DatabaseName(BranchName const& branch, std::string_view database_id)
      : ResourceName(branch, "databases", database_id) {}
  /// @throws InvalidArgument if the text is not a database's name
  [[nodiscard]] static DatabaseName parse(std::string_view name);

  /// Not the name in PostgreSQL: that is `DatabaseDatabaseStatus::postgres_database`.
  [[nodiscard]] std::string_view database_id() const& noexcept { return id(2); }
  [[nodiscard]] std::string database_id() && { return std::string{id(2)}; }  ///< The same of a temporary.
  /// The branch that it belongs to.
  [[nodiscard]] BranchName branch() const { return BranchName::parse(ancestor(1)); }
  /// Name of the one DataApi of the database.
  [[nodiscard]] std::string data_api() const;
  /// A CDF config of it.
  [[nodiscard]] CdfConfigName cdf_config(std::string_view cdf_config_id) const;

 private:
  using ResourceName::ResourceName;
};

/// `projects/{project_id}/branches/{branch_id}/databases/{database_id}/cdf-configs/{cdf_config_id}`
class LAKEBASE_EXPORT CdfConfigName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  CdfConfigName(DatabaseName const& database, std::string_view cdf_config_id)
      : ResourceName(database, "cdf-configs", cdf_config_id) {}
  /// @throws InvalidArgument if the text is not a CDF config's name
  [[nodiscard]] static CdfConfigName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view cdf_config_id() const& noexcept { return id(3); }
  [[nodiscard]] std::string cdf_config_id() && { return std::string{id(3)}; }  ///< The same of a temporary.
  /// The database that it belongs to.
  [[nodiscard]] DatabaseName database() const { return DatabaseName::parse(ancestor(2)); }

 private:
  using ResourceName::ResourceName;
};

/// `projects/{project_id}/branches/{branch_id}/roles/{role_id}`
class LAKEBASE_EXPORT RoleName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  RoleName(BranchName const& branch, std::string_view role_id) : ResourceName(branch, "roles", role_id) {}
  /// @throws InvalidArgument if the text is not a role's name
  [[nodiscard]] static RoleName parse(std::string_view name);

  /// Not the name in PostgreSQL: that is `RoleRoleStatus::postgres_role`.
  [[nodiscard]] std::string_view role_id() const& noexcept { return id(2); }
  [[nodiscard]] std::string role_id() && { return std::string{id(2)}; }  ///< The same of a temporary.
  /// The branch that it belongs to.
  [[nodiscard]] BranchName branch() const { return BranchName::parse(ancestor(1)); }

 private:
  using ResourceName::ResourceName;
};

/// `projects/{project_id}/snapshots/{snapshot_id}`
class LAKEBASE_EXPORT SnapshotName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  SnapshotName(ProjectName const& project, std::string_view snapshot_id)
      : ResourceName(project, "snapshots", snapshot_id) {}
  /// @throws InvalidArgument if the text is not a snapshot's name
  [[nodiscard]] static SnapshotName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view snapshot_id() const& noexcept { return id(1); }
  [[nodiscard]] std::string snapshot_id() && { return std::string{id(1)}; }  ///< The same of a temporary.
  /// The project that it belongs to.
  [[nodiscard]] ProjectName project() const { return ProjectName{id(0)}; }

 private:
  using ResourceName::ResourceName;
};

/// `catalogs/{catalog_id}`
class LAKEBASE_EXPORT CatalogName : public ResourceName {
 public:
  /// @throws InvalidArgument if the id is empty or holds a slash or a control character
  explicit CatalogName(std::string_view catalog_id) : ResourceName("", "catalogs", catalog_id) {}
  /// @throws InvalidArgument if the text is not a catalog's name
  [[nodiscard]] static CatalogName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view catalog_id() const& noexcept { return id(0); }
  [[nodiscard]] std::string catalog_id() && { return std::string{id(0)}; }  ///< The same of a temporary.

 private:
  using ResourceName::ResourceName;
};

/// `synced_tables/{catalog}.{schema}.{table}`
class LAKEBASE_EXPORT SyncedTableName : public ResourceName {
 public:
  /// `synced_table_id` is `{catalog}.{schema}.{table}`.
  explicit SyncedTableName(std::string_view synced_table_id) : ResourceName("", "synced_tables", synced_table_id) {}
  /// @throws InvalidArgument if the text is not a synced table's name
  [[nodiscard]] static SyncedTableName parse(std::string_view name);

  /// The last part of the name.
  [[nodiscard]] std::string_view synced_table_id() const& noexcept { return id(0); }
  [[nodiscard]] std::string synced_table_id() && { return std::string{id(0)}; }  ///< The same of a temporary.

 private:
  using ResourceName::ResourceName;
};

inline BranchName ProjectName::branch(std::string_view branch_id) const {
  return {*this, branch_id};
}
inline SnapshotName ProjectName::snapshot(std::string_view snapshot_id) const {
  return {*this, snapshot_id};
}
inline EndpointName BranchName::endpoint(std::string_view endpoint_id) const {
  return {*this, endpoint_id};
}
inline DatabaseName BranchName::database(std::string_view database_id) const {
  return {*this, database_id};
}
inline RoleName BranchName::role(std::string_view role_id) const {
  return {*this, role_id};
}
inline ComputeInstanceName EndpointName::compute_instance(std::string_view compute_instance_id) const {
  return {*this, compute_instance_id};
}
inline CdfConfigName DatabaseName::cdf_config(std::string_view cdf_config_id) const {
  return {*this, cdf_config_id};
}

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
