// Every tree construction case of html5lib's, from the shared corpora.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "parser/html/dump.h"
#include "parser/html/html_parser.h"
#include "tests/parser/html/document_order.h"
#include "tests/support/corpora.h"

namespace {

using thresh::html::HtmlParser;
using thresh::html::NameTable;
using thresh::html::Tree;
using thresh::test::Corpora;
using thresh::test::IsInDocumentOrder;
using thresh::test::ReadFile;

struct Case {
  std::string data;
  std::string context;  // Empty: a whole page.
  std::string document;
  bool script_on = false;
};

// The cases of a .dat file: sections that begin with lines like `#data`.
std::vector<Case> ReadCases(const std::string& file) {
  std::vector<Case> cases;
  std::string* section = nullptr;
  std::string ignored;
  std::size_t at = 0;
  while (at < file.size()) {
    const std::size_t end = std::min(file.find('\n', at), file.size());
    const std::string line = file.substr(at, end - at);
    at = end + 1;
    if (line == "#data") {
      cases.emplace_back();
      section = &cases.back().data;
    } else if (line == "#errors" || line == "#new-errors" || line == "#script-off") {
      section = &ignored;
    } else if (line == "#script-on") {
      cases.back().script_on = true;
    } else if (line == "#document-fragment") {
      section = &cases.back().context;
    } else if (line == "#document") {
      section = &cases.back().document;
    } else if (section != nullptr) {
      section->append(line).append("\n");
    }
  }
  for (Case& one : cases) {
    for (std::string* text : {&one.data, &one.context}) {
      if (!text->empty()) text->pop_back();
    }
    while (one.document.ends_with("\n\n")) one.document.pop_back();
  }
  return cases;
}

}  // namespace

TEST_SUITE("html5lib tree construction") {
  TEST_CASE("every case without scripting gives the expected tree") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    NameTable names;
    Tree tree(names);
    HtmlParser parser(names);
    std::size_t cases = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(corpora / "conformance/html5-tree")) {
      if (entry.path().extension() != ".dat") continue;
      for (const Case& one : ReadCases(ReadFile(entry.path()))) {
        if (one.script_on) continue;
        const auto parsed = one.context.empty()
                                ? parser.Parse(one.data, &tree)
                                : parser.ParseFragment(one.data, one.context, &tree);
        std::string dump;
        AppendHtml5libDump(tree, &dump);
        CAPTURE(entry.path().filename().string());
        CAPTURE(one.context);
        REQUIRE(parsed.ok());
        CHECK_MESSAGE(dump == one.document, one.data);
        CHECK_MESSAGE(IsInDocumentOrder(tree), one.data);
        ++cases;
      }
    }
    CHECK(cases == 985);
  }
}
