// error: iterator_category
// A Pager's iterator is an input iterator of C++20 only, for `it++` gives nothing.
#include <iterator>

#include <lakebase/lakebase.hpp>

using Iterator = lakebase::Pager<lakebase::postgres::Branch>::iterator;

#ifdef WRONG
using Category = std::iterator_traits<Iterator>::iterator_category;
#else
static_assert(std::input_iterator<Iterator>);
#endif
