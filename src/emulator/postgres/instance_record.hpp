#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/time.hpp"

namespace lakebase::emulator {

/// The instance of which another one is a copy, and the moment that was asked for; the branch has the one that it got.
struct InstanceParentRecord {
  std::string name;
  std::string uid;
  std::string lsn;
  std::optional<TimePoint> branch_time;

  template <class Field>
  static void describe(Field&& field) {
    field("name", &InstanceParentRecord::name);
    field("uid", &InstanceParentRecord::uid);
    field("lsn", &InstanceParentRecord::lsn);
    field("branch_time", &InstanceParentRecord::branch_time);
  }
};

/// What a project is besides that was made as a database instance, by the API of instances (`src/emulator/database`).
struct InstanceRecord {
  std::string name;
  std::string capacity{};
  std::optional<InstanceParentRecord> parent{};
  /// It was upgraded to autoscaling, so that it is a project for the API of projects, too.
  bool is_project = false;
  /// What an operation is doing to it, as a state of the API; empty: nothing. After a restart it is done again.
  std::string changing{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &InstanceRecord::name);
    field("capacity", &InstanceRecord::capacity);
    field("parent", &InstanceRecord::parent);
    field("is_project", &InstanceRecord::is_project);
    field("changing", &InstanceRecord::changing);
  }
};

}  // namespace lakebase::emulator
