#pragma once

namespace lakebase::emulator {

class Computes;
class Fields;
class Query;
class Router;
class Touched;
class Workspace;
struct BranchRecord;
struct Call;
struct ComputeSettings;
struct ComputeStatus;
struct Identity;
struct ProjectRecord;
struct ResourceName;
struct State;
struct WorkspaceOptions;

template <class State>
struct WorkOf;
using Work = WorkOf<State>;

}  // namespace lakebase::emulator
