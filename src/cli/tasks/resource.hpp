#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `app-resource TARGET`: what `databricks apps create-update APP --json` takes to give an app a database.
int run_app_resource(std::string const& program, std::vector<std::string> const& arguments);

/// `mlflow-resource TARGET`: an instance as a resource that a model of MLflow needs.
int run_mlflow_resource(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
