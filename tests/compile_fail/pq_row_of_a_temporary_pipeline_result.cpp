// error: keep the Result in a variable: a row refers to it
// errors: 1
#include <lakebase/pq/pq.hpp>

int first(lakebase::pq::Pipeline& pipeline) {
#ifdef WRONG
  lakebase::pq::Row const row = pipeline.run()[0][0];
#else
  auto const results = pipeline.run();
  auto const row = results[0][0];
#endif
  return row[0].as<int>();
}
