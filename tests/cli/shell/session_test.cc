#include "cli/shell/session.h"

#include <map>
#include <string>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

constexpr const char* kPage =
    "<!DOCTYPE html><title>T</title><div class='quote first' id=one><a href=/x>A</a></div>"
    "<div class=quote><a>B</a></div>";

// A shell on pages that are given by name.
struct ShellFixture {
  ShellFixture() { REQUIRE(session.Open("page.html").ok()); }

  Result<PageAnswer> Get(const std::string& where) {
    const auto found = pages.find(where);
    if (found == pages.end()) return Error{Errc::kTransient, where + ": gone (dns)"};
    return found->second;
  }
  // What a line prints; an error begins with `!`.
  std::string Say(std::string_view line) {
    const ShellReply reply = session.Take(line);
    CHECK_FALSE(reply.quit);
    CHECK((reply.out.empty() || reply.out.ends_with('\n')));
    CHECK((reply.err.empty() || reply.err.ends_with('\n')));
    return reply.err.empty() ? reply.out : "!" + reply.err;
  }
  std::string Complete(std::string_view before) {
    const Completions found = session.Complete(before);
    std::string text = std::to_string(found.begin) + ":";
    for (const std::string& word : found.words) text += " " + word;
    return text;
  }

  std::map<std::string, PageAnswer> pages{
      {"page.html", {.url = "page.html", .body = kPage}},
      {"data.json", {.url = "data.json", .body = R"({"name":"x","list":[{"size":1},{"size":2}]})"}},
      {"broken.json", {.url = "broken.json", .body = "{"}},
      {"http://h/feed",
       {.url = "http://h/feed", .body = "<?xml version='1.0'?><rss><item>i</item></rss>"}}};
  ShellSession session{{.width = 40}, [this](const std::string& where) { return Get(where); }};
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("ShellSession") {
  TEST_CASE_FIXTURE(ShellFixture, "an expression prints how many it finds, and the first") {
    CHECK(Say(".quote") == "2 matches\n  1  \"A\"\n  2  \"B\"\n");
    CHECK(Say("a::attr(href)") == "1 match\n  1  \"/x\"\n");
    CHECK(Say("nav") == "0 matches\n");
    CHECK(Say("  ").empty());
  }

  TEST_CASE_FIXTURE(ShellFixture, "a bad expression is told, and the next one works") {
    const std::string fault = Say("div..x");
    CHECK(fault.starts_with("!CSS selector, column 5: "));
    CHECK(Has(fault, "\n  div..x\n      ^\n"));
    CHECK(Say("div").starts_with("2 matches"));
  }

  TEST_CASE_FIXTURE(ShellFixture, "what is taken of an element can be set") {
    CHECK(Has(Say(":html"), "HTML"));
    CHECK(Has(Say("#one a"), "  1  \"<a href=\\\"/x\\\">A</a>\"\n"));
    Say(":attr href");
    CHECK(Say("a") == "1 match\n  1  \"/x\"\n");
    Say(":text");
    CHECK(Say("a") == "2 matches\n  1  \"A\"\n  2  \"B\"\n");
    CHECK(Say(":attr").starts_with("!expected an attribute's name"));
  }

  TEST_CASE_FIXTURE(ShellFixture, "long values are cut to the line, many matches to the first") {
    pages["long"] = {.url = "long", .body = "<p>" + std::string(100, 'x')};
    REQUIRE(session.Open("long").ok());
    CHECK(Say("p") == "1 match\n  1  \"" + std::string(33, 'x') + "…\n");
    pages["many"] = {.url = "many", .body = "<p>1<p>2<p>3"};
    REQUIRE(session.Open("many").ok());
    Say(":show 2");
    CHECK(Say("p") == "3 matches\n  1  \"1\"\n  2  \"2\"\n  … 1 more\n");
    Say(":show 0");
    CHECK(Has(Say("p"), "  3  \"3\"\n"));
    CHECK(Say(":show x").starts_with("!expected a number"));
  }

  TEST_CASE_FIXTURE(ShellFixture, "commands can be shortened, and what is none is told") {
    CHECK(Has(Say(":he"), ":url URL|FILE"));
    CHECK(session.Take(":q").quit);
    CHECK(Say(":nonsense").starts_with("!expected a command as :help, found :nonsense"));
    CHECK(Say(":").starts_with("!expected a command"));
  }

  TEST_CASE_FIXTURE(ShellFixture, "a kind can be forced, for a line or for all") {
    CHECK(Say(":css a") == "2 matches\n  1  \"A\"\n  2  \"B\"\n");
    CHECK(Has(Say(":css"), "CSS selector"));
    CHECK(Say("$.x").starts_with("!CSS selector, column 1"));
    Say(":auto");
    CHECK(Say("$.x") == "!a JSONPath finds nothing in HTML\n");
  }

  TEST_CASE_FIXTURE(ShellFixture, "css, xpath and json do so without a colon too") {
    CHECK(Say("css a") == Say(":css a"));
    CHECK(Say("xpath count(//div)") == "1 match\n  1  2\n");
    CHECK(Has(Say("json $.a"), "a JSONPath finds nothing in HTML"));
    CHECK(Has(Say("help"), "Commands"));
    CHECK(session.Take("quit").quit);
    CHECK(session.Take("exit").quit);
    CHECK(session.Take(":q").quit);
  }

  TEST_CASE_FIXTURE(ShellFixture, "another page takes the place of the first, unless it fails") {
    CHECK(Say(":url data.json") == "data.json: JSON, 43 B\n");
    CHECK(Say("$.list[*].size") == "2 matches\n  1  1\n  2  2\n");
    CHECK(Say("a") == "!a CSS selector finds nothing in JSON; a JSONPath begins with $\n");
    CHECK(Say(":url nowhere") == "!nowhere: gone (dns)\n");
    CHECK(Say(":url broken.json") ==
          "!broken.json: line 1, column 2: expected a key in double quotes, found the end\n");
    CHECK(Say(":page") == "data.json: JSON, 43 B\n");
    CHECK(Has(Say(":url http://h/feed"), ": XML, "));
    CHECK(Say("item") == "1 match\n  1  \"i\"\n");
  }

  TEST_CASE_FIXTURE(ShellFixture, "the tree is cut to lines and width") {
    CHECK(Say(":tree 3") == "| <!DOCTYPE html>\n| <html>\n|   <head>\n…\n");
    CHECK(Say(":tree x").starts_with("!expected a number"));
    Say(":url data.json");
    CHECK(Say(":tree 4") == "{\n  \"name\": \"x\",\n  \"list\": [\n    {\n…\n");
    CHECK(Has(Say(":tree 0"), "      \"size\": 2\n    }\n  ]\n}\n"));
  }

  TEST_CASE_FIXTURE(ShellFixture, "names of the page complete what is typed") {
    CHECK(Complete(".q") == "1: quote");
    CHECK(Complete("div.") == "4: first quote");
    CHECK(Complete("a#") == "2: one");
    CHECK(Complete("a[h") == "2: href");
    CHECK(Complete("//a/@") == "5: class href id");
    CHECK(Complete("di") == "0: div");
    CHECK(Complete(":ht") == "1: html");
    CHECK(Complete(":css .f") == "6: first");
    CHECK(Complete("$.n") == "2:");
    Say(":url data.json");
    CHECK(Complete("$.") == "2: list name size");
    CHECK(Complete("$.list[0].s") == "10: size");
  }
}

TEST_SUITE("GuessForm") {
  TEST_CASE("by Content-Type, name, first bytes") {
    const auto guess = [](const char* url, const char* type, const char* body) {
      PageAnswer page{.url = url, .body = body};
      if (*type != '\0') page.headers.emplace_back("content-type", type);
      return GuessForm(page);
    };
    CHECK(guess("http://h/a", "Application/JSON; charset=utf-8", "x") == BodyForm::kJson);
    CHECK(guess("http://h/a", "application/ld+json", "x") == BodyForm::kJson);
    CHECK(guess("http://h/a", "application/x-ndjson", "{}") == BodyForm::kNdjson);
    CHECK(guess("a.jsonl", "", "{}") == BodyForm::kNdjson);
    CHECK(guess("dir.json/a", "", "<p>") == BodyForm::kHtml);
    CHECK(guess("a.json", "", "<p>") == BodyForm::kJson);
    CHECK(guess("a", "", " [1]") == BodyForm::kJson);
    CHECK(guess("a", "", "[menu] <p>") == BodyForm::kHtml);
    CHECK(guess("http://h/a", "text/plain", "x") == BodyForm::kText);
    CHECK(guess("http://h/a.json", "text/html", "{}") == BodyForm::kHtml);
    CHECK(guess("http://h/a", "application/rss+xml", "<?xml version='1.0'?><rss/>") ==
          BodyForm::kXml);
    CHECK(guess("a", "", "<?xml version='1.0'?><!DOCTYPE html><html>") == BodyForm::kHtml);
  }
}

TEST_SUITE("LooksLikeXml") {
  TEST_CASE("the root element decides") {
    CHECK(LooksLikeXml("<?xml version='1.0'?><rss/>"));
    CHECK(LooksLikeXml("\n<?xml?>\n<?pi x?><!-- <html> --><!DOCTYPE a [<!ENTITY b '>'>]><a>"));
    CHECK_FALSE(LooksLikeXml("<?xml?><html>"));
    CHECK_FALSE(LooksLikeXml("<?xml?><!DOCTYPE html PUBLIC \"a\"><HTML lang=x>"));
    CHECK_FALSE(LooksLikeXml("<?xml?><x:html>"));
    CHECK_FALSE(LooksLikeXml("<rss>"));
    CHECK_FALSE(LooksLikeXml(""));
    CHECK_FALSE(LooksLikeXml("<?xml"));
    CHECK_FALSE(LooksLikeXml("<?xml?><!-- "));
    CHECK_FALSE(LooksLikeXml("<?xml?>"));
  }
}
