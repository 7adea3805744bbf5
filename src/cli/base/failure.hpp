#pragma once

#include <stdexcept>
#include <string>

namespace lakebase::cli {

/// What ends the program: printed as `Error: …`.
class Failure : public std::runtime_error {
 public:
  explicit Failure(std::string const& message, int status = 1) : std::runtime_error(message), status_(status) {}

  /// What the program exits with.
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

/// A command line that says nothing that could be done. How the command is used is printed below the message.
class UsageFailure : public Failure {
 public:
  UsageFailure(std::string const& message, std::string usage) : Failure(message), usage_(std::move(usage)) {}

  [[nodiscard]] std::string const& usage() const noexcept { return usage_; }

 private:
  std::string usage_;
};

}  // namespace lakebase::cli
