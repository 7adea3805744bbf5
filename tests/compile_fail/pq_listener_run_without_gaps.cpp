// error: run calls its first function with a Notification const&, its second with a NotificationGap const&
// errors: 1
#include <lakebase/pq/pq.hpp>

void use(lakebase::pq::Listener& listener) {
#ifdef WRONG
  listener.run([](lakebase::pq::Notification const&) {}, [] {});
#else
  listener.run([](lakebase::pq::Notification const&) {}, [](lakebase::pq::NotificationGap const&) {});
#endif
}
