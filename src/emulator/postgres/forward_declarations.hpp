#pragma once

namespace lakebase::emulator {

class Computes;
class Fields;
class Query;
class Router;
class SqlRoles;
class Touched;
class Workspace;
struct BranchRecord;
struct BranchSource;
struct Call;
struct ComputeSettings;
struct ComputeStatus;
struct DatabaseObjects;
struct Identity;
struct Limits;
struct ProjectRecord;
struct ResourceName;
struct State;
struct WorkspaceOptions;

template <class State>
struct OperationPlan;
using Plan = OperationPlan<State>;

}  // namespace lakebase::emulator
