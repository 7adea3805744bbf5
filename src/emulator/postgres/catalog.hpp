#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

/// 1 to 255 characters, none of them a dot, a slash, a space or a control character.
bool is_catalog_id(std::string_view id);
inline constexpr Kind catalog_kind{
    "catalogs/*", "Catalog", "catalog", {R"(^[^\s./\x00-\x1f\x7f]{1,255}$)", is_catalog_id}};

struct CatalogRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string uid;
  std::string postgres_database;
  TimePoint create_time;
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &CatalogRecord::sequence);
    field("id", &CatalogRecord::id);
    field("uid", &CatalogRecord::uid);
    field("postgres_database", &CatalogRecord::postgres_database);
    field("create_time", &CatalogRecord::create_time);
    field("creating", &CatalogRecord::creating);
  }
};

/// Databases that are registered in Unity Catalog. They can be created and deleted, and neither changed nor listed.
class Catalogs {
 public:
  static constexpr std::array kinds{&catalog_kind};

  explicit Catalogs(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json create(Call const& call);
  Json remove(ResourceName const& name);
  /// Starts to register a database. @param id checked
  Json register_database(std::string const& id, DatabaseObjects const& objects, bool creates_database,
                         Identity const& caller);

 private:
  Json show(State const& state, ResourceName const& name) const;

  Workspace& workspace_;
};

}  // namespace lakebase::emulator
