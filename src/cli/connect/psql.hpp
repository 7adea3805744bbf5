#pragma once

#include <string>
#include <vector>

#include "cli/parse/command_line.hpp"

namespace lakebase::cli {

/// `psql [TARGET] [-- ARGUMENTS]`: opens a session with the program psql.
int run_psql(std::string const& program, std::vector<std::string> const& arguments);

/// `exec TARGET -- COMMAND`: runs a program with the variables of a connection.
int run_exec(std::string const& program, std::vector<std::string> const& arguments);

/// `env TARGET`, `url TARGET` and `token TARGET`: print a connection.
int run_env(std::string const& program, std::vector<std::string> const& arguments);
int run_url(std::string const& program, std::vector<std::string> const& arguments);
int run_token(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
