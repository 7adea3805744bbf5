// Sets the limits between which a compute scales, and how long it idles before it is suspended:
//
//   resize_compute [ENDPOINT [MIN_CU MAX_CU]]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>

using lakebase::at;
using namespace lakebase::postgres;
using namespace std::chrono_literals;

int main(int argc, char** argv) try {
  std::string const name = argc > 1 ? argv[1] : "projects/my-app/branches/production/endpoints/primary";
  double const min_cu = argc > 3 ? std::atof(argv[2]) : 0.5;
  double const max_cu = argc > 3 ? std::atof(argv[3]) : 4.0;
  lakebase::PostgresClient const postgres;

  // The ways to suspend are alternatives: the mask names their group, spec.suspension.
  auto const resizing = postgres.update_endpoint(
      name,
      Endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = max_cu,
                                    .autoscaling_limit_min_cu = min_cu,
                                    .suspend_timeout_duration = 5min}},
      FieldMask{"spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu", "spec.suspension"});
  auto const endpoint = resizing.wait({.timeout = 2min, .on_poll = [](lakebase::OperationProgress const& progress) {
                                         std::printf("polled %d times\n", progress.polls);
                                       }});

  EndpointStatus const& status = at(endpoint, &Endpoint::status);
  std::printf("%s scales between %g and %g CU and is suspended after %s of idleness.\n", name.c_str(),
              at(status, &EndpointStatus::autoscaling_limit_min_cu),
              at(status, &EndpointStatus::autoscaling_limit_max_cu),
              at(status, &EndpointStatus::suspend_timeout_duration).to_string().c_str());
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "resize_compute: %s\n", error.what());
  return EXIT_FAILURE;
}
