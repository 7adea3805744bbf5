// error: ambiguous
// Both names are the API's; the doc comments of both say what to write.
#include <lakebase/lakebase.hpp>

using namespace lakebase;
using namespace lakebase::postgres;

#ifdef WRONG
void look(Operation const& operation);
#else
void look(lakebase::postgres::Operation const& operation);
void wait(CreateBranchOperation const& operation);
#endif
