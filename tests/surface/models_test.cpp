// Every message, field, enum and enum value of a service's manifest is in the code, under the same name, of the same
// type and in the same order, and nothing else is.

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "surface/report.hpp"
#include "surface/service.hpp"

namespace lakebase::tests {
namespace {

using nlohmann::ordered_json;

// All that the code has, collected from `describe` of every model, and from there every enum.
struct Surface {
  std::vector<std::string> message_names;
  std::map<std::string, std::vector<Field>> messages;
  std::map<std::string, EnumSurface> enums;
  // Models of which a member does not stand where `describe` lists it.
  std::vector<std::string> misplaced;
};

Surface surface_of(Service const& service) {
  Surface surface;
  for (auto const& model : service.models) {
    surface.message_names.push_back(model.name);
    surface.messages[model.name] = model.fields;
    surface.enums.insert(model.enums.begin(), model.enums.end());
    surface.misplaced.insert(surface.misplaced.end(), model.misplaced.begin(), model.misplaced.end());
  }
  return surface;
}

std::vector<std::string> keys(ordered_json const& object) {
  std::vector<std::string> result;
  for (auto const& [key, value] : object.items()) result.push_back(key);
  return result;
}

template <class T>
std::vector<std::string> keys(std::map<std::string, T> const& map) {
  std::vector<std::string> result;
  for (auto const& [key, value] : map) result.push_back(key);
  return result;
}

void compare_fields(Report& report, std::string const& message, ordered_json const& wanted,
                    std::vector<Field> const& found) {
  std::vector<std::string> wanted_names;
  std::vector<std::string> found_names;
  for (auto const& field : wanted) wanted_names.push_back(field.at("name"));
  for (auto const& field : found) found_names.push_back(field.name);
  report.compare_names("fields of " + message, wanted_names, found_names);
  for (auto const& field : wanted) {
    auto const name = field.at("name").get<std::string>();
    auto const ours = std::find_if(found.begin(), found.end(), [&](Field const& f) { return f.name == name; });
    if (ours == found.end()) continue;
    report.compare("type of " + message + '.' + name, field.at("type").get<std::string>(), ours->word.type);
    // The manifest tells 64-bit integers, which may come as text, from plain ones. We read all of them as the former.
    auto const wire = field.at("wire").get<std::string>();
    auto const same = wire == ours->word.wire || (wire == "plain" && ours->word.wire == "int64");
    if (!same) report.compare("wire form of " + message + '.' + name, wire, ours->word.wire);
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The enumerator is the wire word in lower case, without a prefix that all words of the enum share.
void compare_enumerators(Report& report, std::string const& name, EnumSurface const& found) {
  std::string prefix;
  for (std::size_t i = 0; i < found.wire.size(); ++i) {
    auto const word = lower(found.wire[i]);
    auto enumerator = found.enumerators[i];
    if (!enumerator.empty() && enumerator.back() == '_') enumerator.pop_back();
    if (!word.ends_with(enumerator)) {
      report.add("enum ", name, ": the word ", found.wire[i], " stands where the enumerator ", enumerator, " is");
      continue;
    }
    auto const dropped = word.substr(0, word.size() - enumerator.size());
    if (i == 0) prefix = dropped;
    if (dropped != prefix || (!dropped.empty() && dropped.back() != '_')) {
      report.add("enum ", name, ": ", enumerator, " drops \"", dropped, "\" from its word, the first one \"", prefix,
                 '"');
    }
  }
}

class SurfaceOfModels : public ServiceTest {
 protected:
  Surface const& surface() const { return surface_; }

 private:
  Surface const surface_ = surface_of(service());
};
LAKEBASE_TEST_EACH_SERVICE(SurfaceOfModels);

TEST_P(SurfaceOfModels, HasTheMessagesOfTheManifest) {
  Report report;
  report.compare_names("messages", keys(manifest().at("messages")), surface().message_names);
  EXPECT_TRUE(report.empty()) << report.text();
}

TEST_P(SurfaceOfModels, HasTheFieldsOfTheManifest) {
  Report report;
  std::size_t count = 0;
  for (auto const& [message, wanted] : manifest().at("messages").items()) {
    auto const found = surface().messages.find(message);
    if (found == surface().messages.end()) continue;
    compare_fields(report, message, wanted, found->second);
    count += found->second.size();
  }
  EXPECT_TRUE(report.empty()) << report.text();
  RecordProperty("fields", static_cast<int>(count));
}

TEST_P(SurfaceOfModels, DescribesMembersInTheOrderOfTheirDeclaration) {
  EXPECT_EQ(surface().misplaced, std::vector<std::string>{});
}

TEST_P(SurfaceOfModels, HasTheEnumsOfTheManifest) {
  Report report;
  report.compare_names("enums", keys(manifest().at("enums")), keys(surface().enums));
  for (auto const& [name, values] : manifest().at("enums").items()) {
    auto const found = surface().enums.find(name);
    if (found == surface().enums.end()) continue;
    report.compare_names("values of enum " + name, values.get<std::vector<std::string>>(), found->second.wire);
    compare_enumerators(report, name, found->second);
  }
  EXPECT_TRUE(report.empty()) << report.text();
}

TEST_P(SurfaceOfModels, PrintsItsCounts) {
  std::size_t fields = 0;
  std::size_t values = 0;
  for (auto const& [name, message] : surface().messages) fields += message.size();
  for (auto const& [name, found] : surface().enums) values += found.wire.size();
  std::size_t wanted_fields = 0;
  std::size_t wanted_values = 0;
  for (auto const& message : manifest().at("messages")) wanted_fields += message.size();
  for (auto const& values_of : manifest().at("enums")) wanted_values += values_of.size();
  std::cout << surface().messages.size() << '/' << manifest().at("messages").size() << " messages, " << fields << '/'
            << wanted_fields << " fields, " << surface().enums.size() << '/' << manifest().at("enums").size()
            << " enums, " << values << '/' << wanted_values << " enum values\n";
  EXPECT_EQ(fields, wanted_fields);
  EXPECT_EQ(values, wanted_values);
}

}  // namespace
}  // namespace lakebase::tests
