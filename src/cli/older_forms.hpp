#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// Brings a command of older samples, which today's API has under another form, to that form, and says so in one line.
/// `command` is the word after the service's.
void bring_up_to_date(std::string const& program, std::string const& service, std::string& command,
                      std::vector<std::string>& arguments);

}  // namespace lakebase::cli
