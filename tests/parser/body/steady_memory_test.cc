// A page of a kind that was read before takes no memory of the heap's, whatever packs it.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "parser/body/page_text.h"
#include "tests/parser/body/encoders.h"

#ifndef __SANITIZE_ADDRESS__
#include "tests/support/count_allocations.h"

using thresh::test::allocations;

TEST_SUITE("PageText: memory") {
  TEST_CASE("no allocation in steady state") {
    std::string page = "<meta charset=gbk>";
    for (int i = 0; i < 6000; ++i) page += "<p>" + std::to_string(i) + "\xD6\xD0";
    for (const thresh::test::Packing& packing : thresh::test::kPackings) {
      const std::string packed = packing.pack(page);
      const std::vector<std::pair<std::string_view, std::string_view>> headers{
          {"content-type", "text/html"}, {"content-encoding", packing.coding}};
      thresh::PageBuffers buffers;
      const auto read = [&] {
        return PageText({.body = packed, .headers = headers}, &buffers)->size();
      };
      const std::size_t size = read();
      for (int i = 0; i < 5; ++i) CHECK(read() == size);
      const std::size_t before = allocations;
      std::size_t same = 0;
      for (int i = 0; i < 100; ++i) same += read() == size ? 1 : 0;
      const std::size_t taken = allocations - before;
      CHECK_MESSAGE(taken == 0, std::string(packing.coding));
      CHECK(same == 100);
    }
  }
}
#endif
