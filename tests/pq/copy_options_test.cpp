#include "pq/sql/copy_options.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace lakebase::pq::detail {
namespace {

TEST(CopyOptions, TellWhatSetsAFormat) {
  for (auto const& [sql, option] : {
           std::pair{"COPY t FROM STDIN CSV", "CSV"},
           std::pair{"copy t (a, b) from stdin with (freeze, format 'CSV')", "FORMAT"},
           std::pair{"COPY t FROM STDIN (FORMAT \"csv\")", "FORMAT"},
           std::pair{"COPY t FROM STDIN WITH DELIMITER ';'", "DELIMITER"},
           std::pair{"COPY t FROM STDIN DELIMITERS ';'", "DELIMITERS"},
           std::pair{"COPY t FROM STDIN (NULL '')", "NULL"},
           std::pair{"COPY t FROM STDIN NULL AS 'null'", "NULL"},
           std::pair{"COPY t FROM STDIN (FORMAT text, HEADER)", "HEADER"},
           std::pair{"COPY t FROM STDIN (/* Latin */ encoding 'LATIN1')", "ENCODING"},
           std::pair{"/* from stdin */ COPY \"stdin\" -- no (FORMAT csv)\n FROM stdin (DELIMITER '|')", "DELIMITER"},
       }) {
    EXPECT_EQ(format_option(sql), option) << sql;
  }
}

TEST(CopyOptions, LeaveTheFormatAloneOtherwise) {
  for (auto const* const sql : {
           "",
           "COPY t FROM STDIN",
           "COPY csv (\"null\", header) FROM STDIN;",
           "COPY t FROM STDIN (FORMAT TEXT, FREEZE, DEFAULT 'csv''null')",
           "COPY t FROM STDIN WHERE b IS NOT NULL",
           "COPY t FROM STDIN (FREEZE) WHERE csv = 'DELIMITER'; SELECT NULL",
           "COPY t FROM STDIN -- NULL",
           "COPY t FROM STDIN /* NULL",
           "COPY t FROM STDIN 'NULL",
           "COPY t TO STDOUT CSV",
       }) {
    EXPECT_EQ(format_option(sql), "") << sql;
  }
}

}  // namespace
}  // namespace lakebase::pq::detail
