#include <lakebase/data_api/expression.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "data_api/joined.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {

namespace {

using detail::joined;
using lakebase::detail::is_alnum;
using lakebase::detail::is_control;

// The one place that quotes: names, elements of lists and of arrays, bounds of ranges, values in trees.
std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (char const c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

bool is_plain_name(std::string_view name) {
  auto const is_letter = [](char c) { return is_alnum(c) || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_letter);
}

std::string name_text(std::string_view name) {
  if (name.empty()) throw InvalidArgument{"the name of a column or relation of the Data API is empty"};
  return is_plain_name(name) ? std::string{name} : in_quotes(name);
}

// Parameters that have a meaning of their own: a column of that name is compared inside of a tree.
bool is_parameter(std::string_view name) {
  constexpr std::array<std::string_view, 9> parameters{"select", "order", "limit",   "offset",     "and",
                                                       "or",     "not",   "columns", "on_conflict"};
  return std::find(parameters.begin(), parameters.end(), name) != parameters.end();
}

// The regular expression of a pattern of `like`.
std::string regex_of(std::string_view pattern) {
  std::string regex = "^";
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    char c = pattern[at];
    if (auto const wildcard = std::string_view{"%_"}.find(c); wildcard != std::string_view::npos) {
      regex += wildcard == 0 ? ".*" : ".";
      continue;
    }
    if (c == '\\') {
      if (at + 1 == pattern.size()) {
        throw InvalidArgument{ErrorFacts{.message = fmt::format("the pattern \"{}\" ends with a backslash", pattern),
                                         .hint = "Write two of them for one that is meant as such."}};
      }
      c = pattern[++at];
    }
    bool const is_special = static_cast<unsigned char>(c) < 0x80 && !is_alnum(c) && !is_control(c);
    if (is_special) regex += '\\';
    regex += c;
  }
  return regex += '$';
}

}  // namespace

Value::Value(double value) {
  if (std::isnan(value)) {
    text_ = "NaN";
  } else if (std::isinf(value)) {
    text_ = value > 0 ? "Infinity" : "-Infinity";
  } else {
    text_ = fmt::format("{}", value);
  }
}

Value::Value(std::chrono::year_month_day date)
    : text_(fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                        static_cast<unsigned>(date.day()))) {}

Value Value::array(std::vector<Value> const& items) {
  return '{' +
         joined(items,
                [](Value const& item) { return item.is_null() ? std::string{"NULL"} : in_quotes(item.text()); }) +
         '}';
}

Value range(Value const& low, Value const& high) {
  auto const bound = [](Value const& value) { return value.is_null() ? std::string{} : in_quotes(value.text()); };
  return '[' + bound(low) + ',' + bound(high) + ')';
}

Condition Condition::join(Kind kind, Condition left, Condition right) {
  if (left.kind_ == kind && !left.negated_) {
    left.parts_.push_back(std::move(right));
    return left;
  }
  Condition both;
  both.kind_ = kind;
  both.parts_.push_back(std::move(left));
  both.parts_.push_back(std::move(right));
  return both;
}

Condition parameter(std::string name, std::string value) {
  Condition made;
  made.path_ = std::move(name);
  made.values_ = {Value{std::move(value)}};
  made.is_verbatim_ = true;
  return made;
}

std::string Condition::operand(bool in_tree) const {
  if (is_verbatim_) {
    if (in_tree || negated_) {
      throw InvalidArgument{
          ErrorFacts{.message = fmt::format("the parameter {} is negated, or a part of ||", path_),
                     .hint = "Join it by && only; a negation is part of its value: parameter(\"a\", \"not.eq.1\")."}};
    }
    return values_.front().text();
  }
  auto const before =
      (negated_ ? "not." : "") + op_ + (modifier_.empty() ? "" : '(' + name_text(modifier_) + ')') + '.';
  if (is_list_) {
    return before + '(' + joined(values_, [](Value const& value) { return in_quotes(value.text()); }) + ')';
  }
  auto const& text = values_.front().text();
  return before + (in_tree && op_ != "is" ? in_quotes(text) : text);
}

std::string Condition::parts_text() const {
  return '(' + joined(parts_, [](Condition const& part) { return part.in_tree(); }) + ')';
}

std::string Condition::in_tree() const {
  if (kind_ == Kind::comparison) {
    if (is_embedded_) {
      throw InvalidArgument{
          ErrorFacts{.message = fmt::format("{} is compared next to columns of another relation", path_),
                     .hint = "Join conditions on embedded rows by && only, or put them into embed(…).where()."}};
    }
    return path_ + '.' + operand(true);
  }
  return std::string{negated_ ? "not." : ""} + (kind_ == Kind::all ? "and" : "or") + parts_text();
}

std::vector<std::pair<std::string, std::string>> Condition::parameters() const {
  if (kind_ == Kind::comparison) {
    if (is_plain_) return {{path_, operand(false)}};
    return {{"and", '(' + in_tree() + ')'}};
  }
  if (kind_ == Kind::any || negated_) {
    return {{std::string{negated_ ? "not." : ""} + (kind_ == Kind::all ? "and" : "or"), parts_text()}};
  }
  std::vector<std::pair<std::string, std::string>> all;
  for (auto const& part : parts_) {
    for (auto& parameter : part.parameters()) all.push_back(std::move(parameter));
  }
  return all;
}

Column::Column(std::string_view name)
    : name_(name), path_(name == "*" ? "*" : name_text(name)), is_plain_(is_plain_name(name) && !is_parameter(name)) {}

// A tree cannot reach into an embedded relation, so that a name of it is quoted in the parameter's own name.
Column::Column(std::string_view embedded, std::string_view name)
    : name_(name), path_(is_parameter(name) ? in_quotes(name) : name_text(name)), embedded_(name_text(embedded)) {}

Column Column::step(std::string_view arrow, std::string_view key) const {
  auto column = *this;
  column.steps_.push_back({.arrow = std::string{arrow}, .key = std::string{key}});
  column.path_.append(arrow).append(is_plain_name(key) ? std::string{key} : in_quotes(key));
  column.is_plain_ = is_plain_ && is_plain_name(key);
  return column;
}

Column Column::step(int index) const {
  auto column = *this;
  column.steps_.push_back({.arrow = "->", .key = std::to_string(index), .is_index = true});
  column.path_ += fmt::format("->{}", index);
  return column;
}

Column Column::aggregate(std::string_view function) const {
  auto column = *this;
  column.suffix_ += fmt::format(".{}()", function);
  return column;
}

Column Column::as(std::string_view alias) const {
  auto column = *this;
  if (alias.empty()) throw InvalidArgument{"the alias of a column is empty"};
  column.alias_ = alias;
  return column;
}

Column Column::cast(std::string_view type) const {
  auto column = *this;
  column.suffix_.append("::").append(type);
  return column;
}

std::string Column::selection() const {
  return (alias_.empty() ? "" : name_text(alias_) + ':') + filter_path() + suffix_;
}

Condition Column::condition(std::string_view op, std::vector<Value> values) const {
  Condition made;
  made.column_ = name_;
  made.steps_ = steps_;
  made.path_ = filter_path();
  made.is_plain_ = is_plain_;
  made.is_embedded_ = !embedded_.empty();
  made.op_ = op;
  made.values_ = std::move(values);
  return made;
}

Condition Column::compare(std::string_view op, Value const& value, std::string_view modifier) const {
  if (value.is_null()) {
    throw InvalidArgument{ErrorFacts{.message = fmt::format("{} is compared with null by {}", filter_path(), op),
                                     .hint = "Nothing is less, greater or like null: use == nullptr or is_null()."}};
  }
  auto made = condition(op, {value});
  made.modifier_ = modifier;
  return made;
}

Condition Column::is(std::string_view what) const {
  return condition("is", {what});
}

Condition Column::in(std::vector<Value> values) const {
  if (std::any_of(values.begin(), values.end(), [](Value const& value) { return value.is_null(); })) {
    throw InvalidArgument{
        ErrorFacts{.message = fmt::format("the list that {} is looked up in has a null", filter_path()),
                   .hint = "Leave it out, and add || column.is_null() if such rows are meant."}};
  }
  auto made = condition("in", std::move(values));
  made.is_list_ = true;
  return made;
}

Condition Column::matches_pattern(std::string_view op, std::string_view op_by_regex, std::string_view pattern) const {
  // The Data API takes a star for a percent sign, and knows no other way to write one.
  if (pattern.find('*') == std::string_view::npos) return compare(op, pattern);
  return compare(op_by_regex, regex_of(pattern));
}

Condition Column::full_text(std::string_view op, std::string_view query, std::string_view language) const {
  return compare(op, query, language);
}

Selected::Selected(Column const& column) : text_(column.selection()) {
  if (!column.steps_.empty() || !column.suffix_.empty() || !column.embedded_.empty()) return;
  column_ = column.name_;
  alias_ = column.alias_;
}

Selected count_all() {
  Selected all;
  all.text_ = "count()";
  return all;
}

Embed::Embed(std::string_view relation, std::vector<Selected> const& columns)
    : relation_(name_text(relation)),
      columns_(columns.empty() ? "*" : joined(columns, [](Selected const& column) { return column.text(); })) {
  for (auto const& column : columns) {
    parameters_.insert(parameters_.end(), column.parameters().begin(), column.parameters().end());
  }
}

Embed Embed::hint(std::string_view foreign_key) const {
  auto embed = *this;
  embed.hint_ = '!' + name_text(foreign_key);
  return embed;
}

Embed Embed::as(std::string_view alias) const {
  auto embed = *this;
  embed.alias_ = name_text(alias);
  embed.before_ = embed.alias_ + ':';
  return embed;
}

Embed Embed::spread() const {
  auto embed = *this;
  embed.alias_.clear();
  embed.before_ = "...";
  return embed;
}

Embed Embed::where(Condition const& condition) const {
  auto embed = *this;
  for (auto& parameter : condition.parameters()) embed.parameters_.push_back(std::move(parameter));
  return embed;
}

Embed Embed::with(std::string name, std::string value) const {
  auto embed = *this;
  embed.parameters_.emplace_back(std::move(name), std::move(value));
  return embed;
}

Embed::operator Selected() const {
  Selected part;
  part.text_ = before_ + relation_ + hint_ + '(' + columns_ + ')';
  auto const& name = alias_.empty() ? relation_ : alias_;
  for (auto const& [parameter, value] : parameters_) part.parameters_.emplace_back(name + '.' + parameter, value);
  return part;
}

Order Order::nulls_first() const {
  auto order = *this;
  order.nulls_ = ".nullsfirst";
  return order;
}

Order Order::nulls_last() const {
  auto order = *this;
  order.nulls_ = ".nullslast";
  return order;
}

std::string Order::text() const {
  return column_.path() + (is_descending_ ? ".desc" : ".asc") + nulls_;
}

std::string detail::order_text(std::vector<Order> const& columns) {
  return joined(columns, [](Order const& column) { return column.text(); });
}

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
