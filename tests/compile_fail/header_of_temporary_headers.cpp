// error: would dangle: keep the headers in a variable first
#include <lakebase/lakebase.hpp>

lakebase::HttpResponse answer();

bool is_there() {
#ifdef WRONG
  auto const id = lakebase::find_header(answer().headers, "x-request-id");
#else
  auto const response = answer();
  auto const id = lakebase::find_header(response.headers, "x-request-id");
#endif
  return id.has_value();
}
