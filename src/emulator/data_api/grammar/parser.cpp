#include "data_api/grammar/parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "data_api/grammar/api_error.hpp"

namespace lakebase::emulator::data_api {
namespace {

constexpr std::size_t most_levels = 50;

constexpr std::array<std::string_view, 9> quantified = {"eq",   "gte",   "gt",    "lte",   "lt",
                                                        "like", "ilike", "match", "imatch"};
constexpr std::array<std::string_view, 12> other_operators = {"neq", "in", "is", "isdistinct", "cs",  "cd",
                                                              "ov",  "sl", "sr", "nxr",        "nxl", "adj"};
constexpr std::array<std::string_view, 4> searches = {"fts", "plfts", "phfts", "wfts"};
constexpr std::array<std::string_view, 5> is_values = {"null", "not_null", "true", "false", "unknown"};
constexpr std::array<std::string_view, 5> aggregates = {"sum", "avg", "count", "max", "min"};

template <class Names>
bool is_in(Names const& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Reads one parameter from its beginning to its end.
class Reader {
 public:
  Reader(std::string_view what, std::string_view text) : what_(what), text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  char next() const { return at_end() ? '\0' : text_[at_]; }
  bool begins(std::string_view wanted) const { return text_.substr(at_).starts_with(wanted); }
  bool take(std::string_view wanted) {
    if (!begins(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  void expect(std::string_view wanted) {
    if (!take(wanted)) fail(fmt::format("expecting \"{}\"", wanted));
  }
  void expect_end() {
    if (!at_end()) fail("expecting the end");
  }
  std::string rest() {
    std::string left{text_.substr(at_)};
    at_ = text_.size();
    return left;
  }
  std::string until(std::string_view ends) {
    auto const end = std::min(text_.find_first_of(ends, at_), text_.size());
    std::string found{text_.substr(at_, end - at_)};
    at_ = end;
    return found;
  }
  std::string quoted() {
    auto found = take_quoted();
    if (!found) fail("expecting \"\\\"\"");
    return *found;
  }
  /// None if it does not begin with quotes; or does not end with them, and is read to the end.
  std::optional<std::string> take_quoted() {
    if (!take("\"")) return std::nullopt;
    std::string found;
    while (!at_end() && next() != '"') {
      if (next() == '\\' && at_ + 1 < text_.size()) ++at_;
      found += text_[at_++];
    }
    if (!take("\"")) return std::nullopt;
    return found;
  }
  // A name of a column or relation.
  std::string name() {
    if (next() == '"') {
      auto const begin = at_;
      auto inside = quoted();
      if (!inside.empty()) return inside;
      at_ = begin;
      fail("expecting a name");
    }
    std::string found;
    while (!at_end()) {
      char const c = next();
      bool const is_dash = c == '-' && !begins("->");
      bool const plain = is_digit(c) || is_lower(to_lower(c)) || c == '_' || c == '$' || c == ' ' || is_dash ||
                         static_cast<unsigned char>(c) >= 0x80;
      if (!plain) break;
      found += c;
      ++at_;
    }
    std::string trimmed_name{trimmed(found)};
    if (trimmed_name.empty()) fail("expecting a name");
    return trimmed_name;
  }
  // A key of JSON may hold all but what stands around it.
  std::string json_key() {
    std::string found;
    while (!at_end() && !begins("->") && std::string_view{":.,>()"}.find(next()) == std::string_view::npos) {
      found += text_[at_++];
    }
    std::string trimmed_key{trimmed(found)};
    if (trimmed_key.empty()) fail("expecting a key");
    return trimmed_key;
  }
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(' ', at_), text_.size()); }
  std::size_t place() const { return at_; }
  void go_to(std::size_t place) { at_ = place; }
  void enter() {
    if (++levels_ > most_levels) fail("it is nested too deeply");
  }
  void leave() { --levels_; }

  [[noreturn]] void fail(std::string const& wanted) const {
    auto const found = at_end() ? std::string{"unexpected end of input"} : fmt::format("unexpected \"{}\"", next());
    throw ApiError{400, "PGRST100",
                   fmt::format("\"failed to parse {} ({})\" (line 1, column {})", what_, text_, at_ + 1),
                   fmt::format("{} {}", found, wanted)};
  }

 private:
  std::string_view what_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t levels_ = 0;
};

ColumnPath read_path(Reader& in) {
  ColumnPath path{.column = in.name()};
  while (in.begins("->")) {
    in.expect("->");
    ColumnPath::Step step;
    step.as_text = in.take(">");
    if (in.next() == '"') {
      step.key = in.quoted();
    } else {
      auto const begin = in.place();
      bool const negative = in.take("-");
      step.key = in.json_key();
      auto const is_number = std::all_of(step.key.begin(), step.key.end(), is_digit);
      step.is_index = is_number && step.key.size() <= 9;
      if (negative) step.key = "-" + step.key;
      if (negative && !is_number) {
        in.go_to(begin);
        in.fail("expecting an index");
      }
    }
    path.steps.push_back(std::move(step));
  }
  return path;
}

std::string read_cast(Reader& in) {
  if (!in.take("::")) return {};
  std::string cast = in.name();
  while (in.take("[]")) cast += "[]";
  return cast;
}

std::vector<SelectItem> read_items(Reader& in, bool nested);

void read_embed_modifiers(Reader& in, SelectItem& item) {
  while (in.take("!")) {
    auto const modifier = in.name();
    if (modifier == "inner") {
      item.inner = true;
    } else if (modifier != "left") {
      item.hint = modifier;
    }
  }
}

bool read_aggregate(Reader& in, SelectItem& item) {
  for (auto const name : aggregates) {
    if (!in.take(fmt::format(".{}()", name))) continue;
    item.aggregate = name;
    item.aggregate_cast = read_cast(in);
    return true;
  }
  return false;
}

SelectItem read_item(Reader& in) {
  SelectItem item;
  if (in.take("...")) item.kind = SelectItem::Kind::spread;
  if (in.take("*")) {
    item.path.column = "*";
    return item;
  }
  auto const begin = in.place();
  if (in.take("count()")) {
    item.aggregate = "count";
    item.aggregate_cast = read_cast(in);
    return item;
  }
  auto name = in.name();
  if (in.next() == ':' && !in.begins("::")) {
    in.expect(":");
    item.alias = std::move(name);
    auto const after = in.place();
    if (in.take("count()")) {
      item.aggregate = "count";
      item.aggregate_cast = read_cast(in);
      return item;
    }
    name = in.name();
    in.go_to(after);
  } else {
    in.go_to(begin);
  }
  auto const start = in.place();
  item.path.column = in.name();
  read_embed_modifiers(in, item);
  if (in.take("(")) {
    if (item.kind == SelectItem::Kind::column) item.kind = SelectItem::Kind::embed;
    in.enter();
    if (in.next() != ')') item.items = read_items(in, true);
    in.leave();
    in.expect(")");
    return item;
  }
  if (item.kind == SelectItem::Kind::spread || !item.hint.empty() || item.inner) in.fail("expecting \"(\"");
  in.go_to(start);
  item.path = read_path(in);
  item.cast = read_cast(in);
  read_aggregate(in, item);
  return item;
}

std::vector<SelectItem> read_items(Reader& in, bool nested) {
  std::vector<SelectItem> items;
  do {
    items.push_back(read_item(in));
  } while (in.take(","));
  if (!nested) in.expect_end();
  return items;
}

std::string read_operator(Reader& in) {
  std::string found;
  while (is_lower(in.next())) found += in.next(), in.go_to(in.place() + 1);
  return found;
}

// In quotes, if it ends with them.
std::string read_element(Reader& in) {
  auto const begin = in.place();
  if (auto found = in.take_quoted(); found && (in.at_end() || in.next() == ',' || in.next() == ')')) return *found;
  in.go_to(begin);
  return in.until(",)");
}

std::vector<std::string> read_list(Reader& in) {
  std::vector<std::string> list;
  in.expect("(");
  in.skip_blanks();
  if (in.take(")")) return list;
  do {
    list.push_back(read_element(in));
  } while (in.take(","));
  in.expect(")");
  return list;
}

std::string read_value_in_logic(Reader& in) {
  if (in.next() == '{') {
    auto found = in.until("}");
    in.expect("}");
    return found + "}";
  }
  return read_element(in);
}

void read_operation(Reader& in, Filter& filter, bool in_logic) {
  if (in.take("not.")) filter.negated = true;
  auto const place = in.place();
  filter.op = read_operator(in);
  bool const is_search = is_in(searches, filter.op);
  if (!is_in(quantified, filter.op) && !is_in(other_operators, filter.op) && !is_search) {
    in.go_to(place);
    in.fail("expecting operator (eq, gt, ...)");
  }
  if (is_in(quantified, filter.op) && in.take("(any)")) filter.quantifier = Quantifier::any;
  if (is_in(quantified, filter.op) && filter.quantifier == Quantifier::none && in.take("(all)")) {
    filter.quantifier = Quantifier::all;
  }
  if (is_search && in.take("(")) {
    auto const language_at = in.place();
    filter.language = in.name();
    // With a dot it would be that of any schema.
    if (filter.language.find_first_of(".\"") != std::string::npos) {
      in.go_to(language_at);
      in.fail("expecting the name of a language");
    }
    in.expect(")");
  }
  in.expect(".");
  if (filter.op == "in") {
    filter.list = read_list(in);
  } else {
    auto const value_at = in.place();
    filter.value = in_logic ? read_value_in_logic(in) : in.rest();
    if (filter.op == "is") {
      filter.value = to_lower(filter.value);
      if (!is_in(is_values, filter.value)) {
        in.go_to(value_at);
        in.fail("expecting null, not_null, true, false or unknown");
      }
    }
  }
}

Condition read_condition(Reader& in);

std::vector<Condition> read_parts(Reader& in) {
  std::vector<Condition> parts;
  in.skip_blanks();
  in.expect("(");
  in.enter();
  do {
    in.skip_blanks();
    parts.push_back(read_condition(in));
    in.skip_blanks();
  } while (in.take(","));
  in.leave();
  in.expect(")");
  return parts;
}

std::optional<Condition> read_tree(Reader& in) {
  auto const begin = in.place();
  Condition tree;
  tree.negated = in.take("not.");
  bool const is_and = in.take("and");
  bool const is_tree = is_and || in.take("or");
  in.skip_blanks();
  if (!is_tree || in.next() != '(') {
    in.go_to(begin);
    return std::nullopt;
  }
  tree.kind = is_and ? Condition::Kind::all : Condition::Kind::any;
  tree.parts = read_parts(in);
  return tree;
}

Condition read_condition(Reader& in) {
  if (auto tree = read_tree(in)) return *tree;
  Condition leaf;
  leaf.filter.path = read_path(in);
  in.expect(".");
  read_operation(in, leaf.filter, true);
  return leaf;
}

std::vector<OrderTerm> read_order(Reader& in) {
  std::vector<OrderTerm> terms;
  do {
    OrderTerm term;
    term.path = read_path(in);
    if (in.take("(")) {
      term.relation = term.path.column;
      term.path = read_path(in);
      in.expect(")");
    }
    if (in.take(".desc")) {
      term.descending = true;
    } else {
      in.take(".asc");
    }
    if (in.take(".nullsfirst")) term.nulls_first = true;
    if (in.take(".nullslast")) term.nulls_first = false;
    terms.push_back(std::move(term));
  } while (in.take(","));
  in.expect_end();
  return terms;
}

std::int64_t read_number(std::string_view what, std::string_view text) {
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) Reader{what, text}.fail("expecting an integer");
  return number;
}

// The parts of a name between its dots; a JSON path is in the last one.
std::vector<std::string> split_key(std::string_view key) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (!quoted && key.substr(i).starts_with("->")) {
      parts.back() += key.substr(i);
      break;
    }
    if (key[i] == '"') quoted = !quoted;
    if (key[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += key[i];
    }
  }
  return parts;
}

bool has_operator(std::string_view value) {
  if (value.starts_with("not.")) value.remove_prefix(4);
  auto const name = value.substr(0, value.find_first_of(".("));
  return name.size() < value.size() &&
         (is_in(quantified, name) || is_in(other_operators, name) || is_in(searches, name));
}

std::string unquoted(std::string const& part) {
  if (part.size() < 2 || part.front() != '"') return part;
  Reader in{"name", part};
  return in.quoted();
}

// Whether a parameter is one of a scope's own, such as `order`, and not a filter.
bool read_scoped(QueryTree& tree, std::vector<std::string> parts, std::string const& value) {
  auto const last = parts.back();
  parts.pop_back();
  bool const is_logic = last == "and" || last == "or";
  bool const negated = is_logic && !parts.empty() && parts.back() == "not";
  if (negated) parts.pop_back();
  for (auto& part : parts) part = unquoted(part);
  if (is_logic) {
    Reader in{"logic tree", value};
    Condition joined;
    joined.kind = last == "and" ? Condition::Kind::all : Condition::Kind::any;
    joined.negated = negated;
    joined.parts = read_parts(in);
    in.expect_end();
    tree.at(parts).conditions.push_back(std::move(joined));
  } else if (last == "order") {
    Reader in{"order", value};
    if (!value.empty()) tree.at(parts).order = read_order(in);
  } else if (last == "limit") {
    tree.at(parts).limit = read_number("limit", value);
  } else if (last == "offset") {
    // A negative one is as none.
    tree.at(parts).offset = std::max<std::int64_t>(read_number("offset", value), 0);
  } else {
    return false;
  }
  return true;
}

void read_filter(QueryTree& tree, std::vector<std::string> parts, std::string const& value) {
  Reader column{"filter", parts.back()};
  Condition leaf;
  leaf.filter.path = read_path(column);
  column.expect_end();
  Reader in{"filter", value};
  read_operation(in, leaf.filter, false);
  in.expect_end();
  parts.pop_back();
  for (auto& part : parts) part = unquoted(part);
  tree.at(parts).conditions.push_back(std::move(leaf));
}

}  // namespace

Scope& QueryTree::at(std::vector<std::string> const& path) {
  for (auto& [where, scope] : scopes) {
    if (where == path) return scope;
  }
  scopes.emplace_back(path, Scope{});
  return scopes.back().second;
}

std::vector<std::string> parse_names(std::string_view parameter, std::string_view text) {
  std::vector<std::string> names;
  Reader in{parameter, text};
  do {
    names.push_back(in.name());
  } while (in.take(","));
  in.expect_end();
  return names;
}

QueryTree parse_query(QueryPairs const& pairs, bool is_call) {
  QueryTree tree;
  for (auto const& [key, value] : pairs) {
    auto const parts = split_key(key);
    if (key == "select") {
      Reader in{"select parameter", value};
      if (!value.empty()) tree.select = read_items(in, false);
    } else if (key == "columns") {
      tree.columns = parse_names("columns parameter", value);
    } else if (key == "on_conflict") {
      tree.on_conflict = parse_names("on_conflict parameter", value);
    } else if (read_scoped(tree, parts, value)) {
      continue;
    } else if (is_call && !has_operator(value)) {
      tree.arguments.emplace_back(key, value);
    } else if (!key.empty()) {
      read_filter(tree, parts, value);
    }
  }
  return tree;
}

}  // namespace lakebase::emulator::data_api
