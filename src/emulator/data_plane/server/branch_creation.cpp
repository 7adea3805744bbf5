// How a root branch comes into being: from a template, which is made when it is wanted for the first time.

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "common/computes.hpp"
#include "common/digest.hpp"
#include "common/encoding.hpp"
#include "data_plane/server/branch.hpp"
#include "data_plane/server/branch_copy.hpp"
#include "data_plane/server/standard_roles.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using Statements = std::vector<std::string>;

/// Changes with every change of the program, and so with every version, also of one that cannot tell it.
std::string identity_of(fs::path const& program) {
  struct stat facts {};
  if (::stat(program.c_str(), &facts) != 0) return {};
  return fmt::format("{} {} {} {} {}", program.string(), facts.st_ino, facts.st_size, facts.st_mtim.tv_sec,
                     facts.st_mtim.tv_nsec);
}

/// All that a template depends on. Texts are told apart by their lengths.
std::string template_key(PostgresInstallation const& installation, Statements const& texts) {
  std::string all;
  auto const add = [&](std::string const& text) { all += fmt::format("{}:{}\n", text.size(), text); };
  add(identity_of(installation.program("postgres")));
  for (auto const& option : PostgresServer::initdb_options()) add(option);
  for (auto const& text : texts) add(text);
  return hex(sha256(all));
}

/// A password is drawn anew for each role, so that nobody makes another branch by the same statements; and it should
/// not outlive its branch.
bool may_come_again(Statements const& statements) {
  return std::none_of(statements.begin(), statements.end(),
                      [](std::string const& statement) { return statement.find("PASSWORD") != std::string::npos; });
}

/// As initdb makes it.
ImageStore::Hold fresh_image(BranchSurroundings const& surroundings, PostgresInstallation const& installation) {
  auto const key = template_key(installation, {});
  if (auto found = surroundings.images.find_template(key)) return std::move(*found);
  auto image = surroundings.images.make([&](fs::path const& data) {
    PostgresServer const server{installation, surroundings.run_as, {data, {}, {}}};
    server.initdb();
    auto const control = server.clean_shutdown();
    return control ? control->redo_lsn() : std::string{};
  });
  surroundings.images.keep_as_template(image, key);
  return image;
}

/// The data of a branch that was stopped for this, and is removed afterwards.
ImageStore::Hold image_from(BranchSurroundings const& surroundings, Branch& branch) {
  auto const primary = branch.primary().get();
  primary->suspend("its data become a template");
  return surroundings.images.make(
      [&](fs::path const& target) { return primary->move_data(target, surroundings.run_as); });
}

}  // namespace

void Branch::create(BranchSurroundings const& surroundings, std::string const& uid, int version,
                    Statements const& statements) {
  auto const installation = surroundings.installations.of(version);
  Statements texts = {standard_roles_sql(version), standard_schema_sql()};
  texts.insert(texts.end(), statements.begin(), statements.end());
  auto const key = template_key(installation, texts);
  if (auto const found = surroundings.images.find_template(key)) return surroundings.images.make_branch(uid, *found);
  auto const fresh = fresh_image(surroundings, installation);
  // A name of unfinished branches: the next start of the emulator removes it, if this one ends meanwhile.
  std::string const scratch = surroundings.root.unfinished().filename();
  surroundings.images.make_branch(scratch, fresh);
  Branch branch{surroundings, scratch};
  try {
    // New databases are copies of template1.
    for (char const* database : {"template1", "postgres"}) branch.execute(database, {standard_schema_sql()});
    branch.execute("postgres", statements);
    auto const image = image_from(surroundings, branch);
    if (may_come_again(statements)) surroundings.images.keep_as_template(image, key);
    surroundings.images.make_branch(uid, image);
  } catch (...) {
    branch.remove();
    throw;
  }
  branch.remove();
}

}  // namespace lakebase::emulator
