#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::cli {

/// Standard input, output and error.
enum class Stream { in = 0, out = 1, error = 2 };

bool is_terminal(Stream stream);

/// How many letters a line of the terminal has; 80 if it does not say.
std::size_t columns(Stream stream);

/// Writes all of it. If the reader of standard output has gone, as `head` does, the program ends with success.
/// @throws Failure if it cannot be written
void write(Stream stream, std::string_view text);

/// A line on standard error.
void say(std::string_view line);

/// A line of standard input, without its end; nothing at the end of the input. Reads no further than the line, so that
/// a program that is started next finds the rest.
std::optional<std::string> read_line();

/// All of standard input.
std::string read_input();

/// Keeps what this process opens from taking the place of a standard stream that is closed: writing to that is an error
/// then, instead of a text in the middle of a connection. To be called before anything is opened.
void keep_closed_streams();

/// From here on a reader that goes is noticed where something is written, instead of ending the process by a signal.
void notice_closed_pipes();

}  // namespace lakebase::cli
