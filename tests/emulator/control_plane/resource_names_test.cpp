#include "postgres/resource_names.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/paths.hpp"
#include "engine/errors.hpp"
#include "engine/router.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;

// Kinds of another service: at the root and below, singletons, words with a slash, and a rule of their own for ids.
constexpr Kind shelf{"shelves/*", "Shelf", "shelf"};
constexpr Kind book{
    "shelves/*/books/*", "Book", "book", {"^[A-Z]$", [](std::string_view id) { return id.size() == 1 && id >= "A"; }}};
constexpr Kind cover{"shelves/*/books/*/cover", "Cover", "cover"};
constexpr Kind scratch{"shelves/*/books/*/cover/scratches/*", "Scratch", "scratch"};
constexpr Kind draft{"shelves/*/preview/drafts/*", "Draft", "draft"};
constexpr Kind visitor{"visitors/*", "Visitor", "visitor"};
constexpr std::array<Kind const*, 6> library{&shelf, &book, &cover, &scratch, &draft, &visitor};

std::optional<ResourceName> parsed(std::string_view name) {
  return parse_name(split_path(name), library);
}

TEST(ResourceNames, AreListsOfKindsAndIds) {
  for (std::string const text :
       {"shelves/s", "visitors/v", "shelves/s/books/B", "shelves/s/books/B/cover",
        "shelves/s/books/B/cover/scratches/1", "shelves/s/preview/drafts/d", "shelves/books/books/cover"}) {
    auto const name = parsed(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->text(), text);
  }
  auto const name = parsed("shelves/s/books/B/cover/scratches/1").value();
  EXPECT_THAT(name.parts, ElementsAre(ResourceName::Part{&shelf, "s"}, ResourceName::Part{&book, "B"},
                                      ResourceName::Part{&cover, ""}, ResourceName::Part{&scratch, "1"}));
  EXPECT_TRUE(name.is(scratch));
  EXPECT_FALSE(name.is(cover));
  EXPECT_EQ(name.id_of(book), "B");
  EXPECT_EQ(name.id_of(visitor), "");
}

TEST(ResourceNames, HaveParentsAndChildren) {
  auto const book_name = parsed("shelves/s/books/B").value();
  EXPECT_EQ(book_name.parent(), parsed("shelves/s"));
  EXPECT_EQ(book_name.child(cover), parsed("shelves/s/books/B/cover"));
  EXPECT_EQ(parsed("shelves/s/preview/drafts/d")->parent(), parsed("shelves/s"));
  EXPECT_EQ(parsed("visitors/v")->parent(), ResourceName{});
  EXPECT_EQ(ResourceName{}.text(), "");
  EXPECT_EQ(ResourceName{}.child(shelf, "s"), parsed("shelves/s"));
}

TEST(ResourceNames, HaveNoOtherShape) {
  for (auto const text :
       {"", "shelves", "shelves/", "shelves//books/B", "shelf/s", "shelves/s/books", "shelves/s/cover",
        "shelves/s/books/B/cover/", "shelves/s/books/B/cover/c", "shelves/s/drafts/d", "shelves/s/preview/drafts",
        "visitors/v/books/B", "/shelves/s", "shelves/s/books/B/cover/scratches/1/x/y"}) {
    EXPECT_FALSE(parsed(text)) << text;
  }
}

TEST(ResourceNames, IdsFollowTheRuleOfTheirKind) {
  EXPECT_NO_THROW(check_id(shelf, "a-1"));
  EXPECT_NO_THROW(check_id(book, "B"));
  auto const complaint = [](Kind const& kind, std::string_view id) -> std::string {
    try {
      check_id(kind, id);
    } catch (ServiceError const& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(complaint(book, "b1"), "Field book_id must match pattern ^[A-Z]$, got 'b1'.");
  EXPECT_EQ(complaint(shelf, "B"), "Field shelf_id must match pattern ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$, got 'B'.");
  EXPECT_EQ(complaint(book, ""), "Field 'book_id' is required, expected non-default value (not \"\")!");
}

TEST(ResourceRoutes, GiveTheNameOfTheResourceOrOfItsParent) {
  Router router;
  auto const tells = [](std::string const& route) {
    return [route](ResourceName const& name, Call const&) { return Json(route + " " + name.text()); };
  };
  ResourceRoutes{router, branch_kind}
      .list(tells("list"))
      .create(tells("create"))
      .get(tells("get"))
      .update(tells("update"))
      .remove(tells("remove"))
      .verb("undelete", tells("undelete"));
  ResourceRoutes{router, project_kind}.list(tells("list"));
  auto const answer = [&](std::string const& method, std::string const& path) {
    Call const call{{}, split_path(std::string{postgres_api} + path), {}, Json::object()};
    auto const* const handler = router.find(method, call.path);
    return handler == nullptr ? "none" : (*handler)(call).body.get<std::string>();
  };
  EXPECT_EQ(answer("GET", "projects"), "list ");
  EXPECT_EQ(answer("GET", "projects/p/branches"), "list projects/p");
  EXPECT_EQ(answer("POST", "projects/p/branches"), "create projects/p");
  EXPECT_EQ(answer("GET", "projects/p/branches/b"), "get projects/p/branches/b");
  EXPECT_EQ(answer("PATCH", "projects/p/branches/b"), "update projects/p/branches/b");
  EXPECT_EQ(answer("DELETE", "projects/p/branches/b"), "remove projects/p/branches/b");
  EXPECT_EQ(answer("POST", "projects/p/branches/b/undelete"), "undelete projects/p/branches/b");
  EXPECT_EQ(answer("POST", "projects/p/branches/b"), "none");
}

}  // namespace
}  // namespace lakebase::emulator::tests
