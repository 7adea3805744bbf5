#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateProjectOperation PostgresClient::create_project(Project const& project, std::string_view project_id) const {
  return detail::start<CreateProjectOperation>(
      api_, Request::post("/api/2.0/postgres/projects").query("project_id", project_id).body(project));
}

DeleteProjectOperation PostgresClient::delete_project(std::string_view name,
                                                      DeleteProjectOptions const& options) const {
  return detail::start<DeleteProjectOperation>(
      api_, Request::del("/api/2.0/postgres/{}", name).query("purge", options.purge));
}

Project PostgresClient::get_project(std::string_view name) const {
  return detail::fetch<Project>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<Project> PostgresClient::list_projects(ListProjectsOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/projects")
                          .query("page_size", options.page_size)
                          .query("show_deleted", options.show_deleted),
                      options.page_token, &ListProjectsResponse::projects);
}

UndeleteProjectOperation PostgresClient::undelete_project(std::string_view name) const {
  return detail::start<UndeleteProjectOperation>(api_,
                                                 Request::post("/api/2.0/postgres/{}/undelete", name).empty_body());
}

UpdateProjectOperation PostgresClient::update_project(std::string_view name, Project const& project,
                                                      FieldMask const& update_mask) const {
  return detail::start<UpdateProjectOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name).query("update_mask", update_mask).body(project, update_mask));
}

}  // namespace v0
}  // namespace lakebase
