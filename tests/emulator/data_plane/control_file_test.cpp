#include "data_plane/folders/control_file.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace lakebase::emulator {
namespace {

/// The first fields of a control file, at the places that PostgreSQL gives them.
std::string control_file(std::uint32_t format, std::uint32_t state, std::uint64_t redo, std::uint32_t timeline) {
  std::string bytes(8192, '\0');
  std::memcpy(bytes.data() + 8, &format, sizeof format);
  std::memcpy(bytes.data() + 16, &state, sizeof state);
  std::memcpy(bytes.data() + 40, &redo, sizeof redo);
  std::memcpy(bytes.data() + 48, &timeline, sizeof timeline);
  return bytes;
}

TEST(ControlFile, TellsACleanShutdownOfEachMajor) {
  for (std::uint32_t const format : {1300U, 1700U, 1800U}) {
    auto const control = ControlFile::parse(control_file(format, 1, 0x123456789, 3));
    ASSERT_TRUE(control) << format;
    EXPECT_TRUE(control->shut_down);
    EXPECT_EQ(control->redo, 0x123456789U);
    EXPECT_EQ(control->timeline, 3U);
  }
}

TEST(ControlFile, TellsOtherStatesFromACleanShutdown) {
  for (std::uint32_t const state : {0U, 2U, 3U, 4U, 5U, 6U}) {  // 2: a standby's; 6: in production
    auto const control = ControlFile::parse(control_file(1300, state, 1, 1));
    ASSERT_TRUE(control);
    EXPECT_FALSE(control->shut_down) << state;
  }
}

TEST(ControlFile, TellsACopyThatIsNotRecovered) {
  std::string bytes = control_file(1700, 4, 1, 1);
  EXPECT_FALSE(ControlFile::parse(bytes)->is_unfinished_copy);
  bytes.at(152) = 1;
  EXPECT_TRUE(ControlFile::parse(bytes)->is_unfinished_copy);
  EXPECT_FALSE(ControlFile::parse(bytes.substr(0, 155)));
}

TEST(ControlFile, DoesNotGuessAtWhatItDoesNotKnow) {
  EXPECT_FALSE(ControlFile::parse(""));
  EXPECT_FALSE(ControlFile::parse(control_file(1300, 1, 1, 1).substr(0, 50)));
  EXPECT_FALSE(ControlFile::parse(control_file(1900, 1, 1, 1)));
  EXPECT_FALSE(ControlFile::parse(control_file(0x14050000, 1, 1, 1))) << "of a machine with the other byte order";
}

TEST(ControlFile, NamesTheSegmentThatARecoveryBeginsWith) {
  constexpr std::uint64_t mega = 1024 * 1024;
  EXPECT_EQ((ControlFile{true, 9276024, 1}.redo_segment(4 * mega)), "000000010000000000000002");
  EXPECT_EQ((ControlFile{true, 0x7'FFFF'FFFF, 0x1A}.redo_segment(16 * mega)), "0000001A00000007000000FF");
  EXPECT_EQ((ControlFile{true, 0x8'0000'0000, 1}.redo_segment(4 * mega)), "000000010000000800000000");
  EXPECT_EQ((ControlFile{true, 0x7'00AB'CDEF, 1}.redo_lsn()), "7/ABCDEF");
}

}  // namespace
}  // namespace lakebase::emulator
