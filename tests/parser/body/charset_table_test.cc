// The labels of encodings.

#include "parser/body/charset_table.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "parser/body/ascii.h"
#include "parser/body/charset.h"

using thresh::CharsetOfLabel;
using thresh::body::AllCharsets;
using thresh::body::FindCharset;

TEST_SUITE("Charset labels") {
  TEST_CASE("40 encodings have 228 labels, each its own") {
    std::set<std::string> seen;
    for (const auto& charset : AllCharsets()) {
      std::string label;
      for (const char c : std::string(charset.labels) + " ") {
        if (c != ' ') {
          label.push_back(c);
          continue;
        }
        CHECK_MESSAGE(seen.insert(label).second, std::string(label));
        CHECK(FindCharset(label) == &charset);
        label.clear();
      }
      CHECK_MESSAGE(FindCharset(charset.name) == &charset, charset.name);
    }
    CHECK(AllCharsets().size() == 40);
    CHECK(seen.size() == 228);
  }

  TEST_CASE("case and white space around a label do not matter") {
    CHECK(CharsetOfLabel("Latin1") == "windows-1252");
    CHECK(CharsetOfLabel(" \t\n\f\rUTF8\r") == "UTF-8");
    CHECK(CharsetOfLabel("sHiFt_JiS") == "Shift_JIS");
  }

  TEST_CASE("labels mean what the web means by them") {
    CHECK(CharsetOfLabel("ascii") == "windows-1252");
    CHECK(CharsetOfLabel("iso-8859-9") == "windows-1254");
    CHECK(CharsetOfLabel("tis-620") == "windows-874");
    CHECK(CharsetOfLabel("gb2312") == "GBK");
    CHECK(CharsetOfLabel("ks_c_5601-1987") == "EUC-KR");
    CHECK(CharsetOfLabel("big5-hkscs") == "Big5");
    CHECK(CharsetOfLabel("unicode") == "UTF-16LE");
    CHECK(CharsetOfLabel("iso-2022-kr") == "replacement");
    CHECK(CharsetOfLabel("logical") == "ISO-8859-8-I");
  }

  TEST_CASE("other names are none") {
    for (const char* label :
         {"", " ", "utf-7", "utf-32", "utf 8", "cp932", "utf-8;", "euc-tw", "8859-1"}) {
      CHECK_MESSAGE(CharsetOfLabel(label).empty(), std::string(label));
    }
    CHECK(CharsetOfLabel("\xC2\xA0utf-8").empty());
  }
}
