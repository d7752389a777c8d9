#include "sink/root_list.h"

#include <string>

#include <doctest/doctest.h>

#include "proto/envelope.h"

using namespace thresh;

namespace {

struct RootListFixture {
  wire::Link& Root(const std::string& url) {
    wire::Link& link = *result.add_links();
    link.set_url(url);
    link.set_root(true);
    return link;
  }
  std::string Lines(RootList::Form form, std::optional<std::uint64_t> room = std::nullopt) {
    RootList list(form);
    lines.Clear();
    count = list.Add(result, room, &lines);
    return std::string(lines.View());
  }

  wire::Result result;
  LineBuffer lines;
  std::uint64_t count = 0;
};

}  // namespace

TEST_SUITE("RootList") {
  TEST_CASE_FIXTURE(RootListFixture, "links that begin a job are lines, others are not") {
    Root("http://x/1");
    result.add_links()->set_url("http://x/next");
    Root("http://x/2,3");
    CHECK(Lines(RootList::Form::kLines) == "http://x/1\nhttp://x/2,3\n");
    CHECK(count == 2);
  }

  TEST_CASE_FIXTURE(RootListFixture, "each is listed once, over all pages") {
    Root("http://x/1");
    Root("http://x/1");
    RootList list(RootList::Form::kLines);
    CHECK(list.Add(result, std::nullopt, &lines) == 1);
    CHECK(list.Add(result, std::nullopt, &lines) == 0);
    CHECK(lines.View() == "http://x/1\n");
  }

  TEST_CASE_FIXTURE(RootListFixture, "what is more than a URL is a feed line, in CSV its URL") {
    wire::Link& link = Root("http://x/?k={secret.k}");
    link.set_recipe("other");
    link.set_method("POST");
    link.set_body("a\"b");
    link.set_templated(true);
    wire::Header& header = *link.add_headers();
    header.set_name("x-a");
    header.set_value("1");
    CHECK(Lines(RootList::Form::kLines) ==
          R"({"url":"http://x/?k={secret.k}","recipe":"other","method":"POST",)"
          R"("headers":{"x-a":"1"},"body":"a\"b","template":true})"
          "\n");
    CHECK(Lines(RootList::Form::kCsv) == "http://x/?k={secret.k}\n");
  }

  TEST_CASE_FIXTURE(RootListFixture, "CSV quotes what has a comma or a quote") {
    Root("http://x/?a=1,2");
    Root("http://x/\"");
    CHECK(Lines(RootList::Form::kCsv) == "\"http://x/?a=1,2\"\n\"http://x/\"\"\"\n");
  }

  TEST_CASE_FIXTURE(RootListFixture, "a URL that would be fed as a range is a feed line") {
    Root("http://x/p[1-3]");
    CHECK(Lines(RootList::Form::kLines) == "{\"url\":\"http://x/p[1-3]\"}\n");
    CHECK(Lines(RootList::Form::kCsv) == "\"{\"\"url\"\":\"\"http://x/p[1-3]\"\"}\"\n");
  }

  TEST_CASE_FIXTURE(RootListFixture, "no more than there is room for") {
    Root("http://x/1");
    Root("http://x/2");
    CHECK(Lines(RootList::Form::kLines, 1) == "http://x/1\n");
    CHECK(Lines(RootList::Form::kLines, 0).empty());
  }
}
