// error: would dangle: keep the PipelineResults in a variable first
#include <lakebase/pq/pq.hpp>

int use(lakebase::pq::Pipeline& pipeline) {
#ifdef WRONG
  auto const first = pipeline.run().begin();
#else
  for (auto const& result : pipeline.run()) static_cast<void>(result.size());
  auto const results = pipeline.run();
  auto const first = results.begin();
#endif
  return first->size();
}
