#include "tools/sql_script.hpp"

#include <algorithm>
#include <cctype>

namespace lakebase::tools {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Splitter {
 public:
  explicit Splitter(std::string_view script) : script_(script) {}

  std::vector<std::string> split() {
    std::size_t begin = 0;
    while (at_ < script_.size()) {
      auto const c = script_[at_];
      if (c == ';') {
        add(begin, at_);
        begin = ++at_;
      } else if (c == '\'') {
        has_words_ = true;
        skip_quoted('\'', at_ > 0 && (script_[at_ - 1] == 'E' || script_[at_ - 1] == 'e') &&
                              (at_ < 2 || !is_word(script_[at_ - 2])));
      } else if (c == '"') {
        has_words_ = true;
        skip_quoted('"', false);
      } else if (starts("--")) {
        at_ = std::min(script_.find('\n', at_), script_.size());
      } else if (starts("/*")) {
        skip_comment();
      } else if (c == '$' && (at_ == 0 || !is_word(script_[at_ - 1])) && skip_dollar_quoted()) {
        has_words_ = true;
      } else {
        has_words_ = has_words_ || std::isspace(static_cast<unsigned char>(c)) == 0;
        ++at_;
      }
    }
    add(begin, script_.size());
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool starts(std::string_view text) const { return script_.substr(at_, text.size()) == text; }

  void add(std::size_t begin, std::size_t end) {
    if (has_words_) {
      auto text = script_.substr(begin, end - begin);
      text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
      found_.emplace_back(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
    }
    has_words_ = false;
  }

  void skip_quoted(char quote, bool has_escapes) {
    for (++at_; at_ < script_.size(); ++at_) {
      if (has_escapes && script_[at_] == '\\') {
        ++at_;
      } else if (script_[at_] == quote) {
        // A doubled one begins the next part of the same text.
        ++at_;
        return;
      }
    }
  }

  void skip_comment() {
    int depth = 0;
    do {
      if (starts("/*")) {
        ++depth;
        at_ += 2;
      } else if (starts("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < script_.size());
    at_ = std::min(at_, script_.size());
  }

  bool skip_dollar_quoted() {
    auto const end_of_tag = script_.find('$', at_ + 1);
    if (end_of_tag == std::string_view::npos) return false;
    auto const name = script_.substr(at_ + 1, end_of_tag - at_ - 1);
    bool const is_tag = std::all_of(name.begin(), name.end(), is_word) &&
                        (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) == 0);
    if (!is_tag) return false;
    auto const tag = script_.substr(at_, end_of_tag - at_ + 1);
    auto const end = script_.find(tag, end_of_tag + 1);
    at_ = end == std::string_view::npos ? script_.size() : end + tag.size();
    return true;
  }

  std::string_view script_;
  std::size_t at_ = 0;
  /// Whether the statement has anything but spaces and comments.
  bool has_words_ = false;
  std::vector<std::string> found_{};
};

}  // namespace

std::vector<std::string> statements_of(std::string_view script) {
  return Splitter{script}.split();
}

}  // namespace lakebase::tools
