#include "support/is_request.hpp"

#include <nlohmann/json.hpp>

namespace lakebase::tests {

::testing::Matcher<HttpRequest const&> IsRequest(std::string verb, std::string target, std::string body) {
  return ::testing::Truly([=](HttpRequest const& request) {
    bool good = true;
    auto const expect = [&](bool holds, std::string const& what) {
      if (!holds) ADD_FAILURE() << what << " in " << request.method << ' ' << request.url << ' ' << request.body;
      good = good && holds;
    };
    expect(request.method == verb, "another verb than " + verb);
    expect(request.url == std::string{example_host} + target, "another target than " + target);
    if (body.empty()) {
      expect(request.body.empty(), "a body");
      expect(!find_header(request.headers, "Content-Type"), "a content type without a body");
    } else {
      expect(nlohmann::json::parse(request.body, nullptr, false) == nlohmann::json::parse(body),
             "another body than " + body);
      expect(find_header(request.headers, "Content-Type") == "application/json", "no JSON content type");
    }
    expect(find_header(request.headers, "Accept") == "application/json", "no Accept");
    expect(find_header(request.headers, "Authorization") == "Bearer planted-token", "no token");
    return good;
  });
}

}  // namespace lakebase::tests
