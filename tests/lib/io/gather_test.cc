#include "lib/io/gather.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using thresh::Gather;

namespace {

// What one call of writev() that takes at most `most` bytes would write.
std::string Take(const Gather& gather, std::size_t most) {
  std::string taken;
  for (int i = 0; i < gather.count() && taken.size() < most; ++i) {
    const iovec& piece = gather.data()[i];
    taken.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return taken.substr(0, most);
}

}  // namespace

TEST_SUITE("Gather") {
  TEST_CASE("pieces that touch are one") {
    const std::string text = "onetwothree";
    Gather gather;
    gather.Add(std::string_view(text).substr(0, 3));
    gather.Add(std::string_view(text).substr(3, 3));
    gather.Add("");
    CHECK(gather.count() == 1);
    gather.Add(std::string_view(text).substr(0, 3));
    CHECK(gather.count() == 2);
    CHECK(gather.size() == 9);
    CHECK(Take(gather, 100) == "onetwoone");
  }

  TEST_CASE("however short the writes are, all bytes are written once and in order") {
    std::mt19937 random(1);
    for (int round = 0; round < 500; ++round) {
      std::vector<std::string> pieces(random() % 3000 / (random() % 100 + 1) + 1);
      Gather gather;
      std::string expected, written;
      for (std::string& piece : pieces) {
        piece = std::string(random() % 40, static_cast<char>('a' + random() % 26));
        expected += piece;
        gather.Add(piece);
      }
      while (!gather.empty()) {
        CHECK(gather.size() == expected.size() - written.size());
        const std::string taken = Take(gather, random() % 2000 + 1);
        written += taken;
        gather.Advance(taken.size());
        if (random() % 20 == 0) {  // More comes while it is not all written.
          expected += pieces.front();
          gather.Add(pieces.front());
        }
      }
      REQUIRE(written == expected);
      CHECK(gather.count() == 0);
    }
  }

  TEST_CASE("a call is offered no more pieces than it may take") {
    const std::string text(5000, 'x');
    Gather gather;
    for (std::size_t i = 0; i < text.size(); i += 2)
      gather.Add(std::string_view(text).substr(i, 1));
    CHECK(gather.size() == 2500);
    CHECK(gather.count() == IOV_MAX);
    gather.Advance(2000);
    CHECK(gather.count() == 500);
  }
}
