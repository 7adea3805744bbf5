#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace lakebase::emulator::data_api {

/// An error of the Data API, as it is told: an HTTP status and a body of four members.
class ApiError : public std::runtime_error {
 public:
  ApiError(int status, std::string code, std::string const& message, std::string details = {}, std::string hint = {})
      : std::runtime_error(message),
        status_(status),
        code_(std::move(code)),
        details_(std::move(details)),
        hint_(std::move(hint)) {}

  int status() const noexcept { return status_; }
  /// A SQLSTATE, or PGRST and a number.
  std::string const& code() const noexcept { return code_; }
  /// Empty: none.
  std::string const& details() const noexcept { return details_; }
  std::string const& hint() const noexcept { return hint_; }

  /// Whether the details are JSON instead of a text.
  bool has_json_details() const noexcept { return has_json_details_; }
  void set_json_details(std::string json) {
    details_ = std::move(json);
    has_json_details_ = true;
  }

  /// Headers of the response, besides those of every error.
  std::vector<std::pair<std::string, std::string>> const& headers() const noexcept { return headers_; }
  void add_header(std::string name, std::string value) { headers_.emplace_back(std::move(name), std::move(value)); }

 private:
  int status_;
  std::string code_;
  std::string details_;
  std::string hint_;
  bool has_json_details_ = false;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace lakebase::emulator::data_api
