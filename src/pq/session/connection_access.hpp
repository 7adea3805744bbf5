#pragma once

#include <memory>

#include <lakebase/pq/connection.hpp>

#include "pq/session/session.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {

/// Gives the rest of the library access to the private members of a Connection.
class ConnectionAccess {
 public:
  static Connection make(std::unique_ptr<detail::Session> session) {
    return Connection{detail::SessionHold{session.release()}};
  }
  static detail::Session* session(Connection& connection) { return connection.session_.get(); }
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
