#include "lib/base/shared_bytes.h"

#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

using thresh::SharedBytes;

TEST_SUITE("SharedBytes") {
  TEST_CASE("the bytes live as long as somebody owns them") {
    auto text = std::make_shared<const std::string>("hello");
    SharedBytes one(text, *text), two = one;
    CHECK(text.use_count() == 3);
    one = {};
    CHECK(text.use_count() == 2);
    CHECK(two.View() == "hello");
    two = SharedBytes();
    CHECK(text.use_count() == 1);
  }

  TEST_CASE("who gave them away has none") {
    SharedBytes from("hello");
    const SharedBytes to = std::move(from);
    CHECK(to.View() == "hello");
    CHECK(from.empty());  // NOLINT(bugprone-use-after-move): that is what it is about.
    SharedBytes again("other");
    again = SharedBytes("new");
    CHECK(again.View() == "new");
    SharedBytes last;
    last = std::move(again);
    CHECK(again.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(last.View() == "new");
  }

  TEST_CASE("no bytes are nobody's") {
    CHECK(SharedBytes(std::string()).owner() == nullptr);
    CHECK(SharedBytes().size() == 0);
  }
}
