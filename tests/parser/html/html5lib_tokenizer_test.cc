// Every tokenizer case of html5lib's, from the shared corpora, run on the tokenizer alone.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "parser/html/tokenizer.h"
#include "tests/support/corpora.h"

namespace {

using simdjson::dom::element;
using thresh::html::Atom;
using thresh::html::Attribute;
using thresh::html::NameCache;
using thresh::html::NameTable;
using thresh::html::Token;
using thresh::html::Tokenizer;
using thresh::html::TokenKind;
using thresh::html::Tree;
using thresh::test::Corpora;
using thresh::test::ReadFile;

void AppendUtf8(unsigned code, std::string* out) {
  const auto tail = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3F)));
  };
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (code >> 6)));
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xE0 | (code >> 12)));
    tail(6);
    tail(0);
  }
}

// Texts of "double escaped" cases have \uXXXX in them, lone surrogates among those.
std::string Unescaped(std::string_view text, bool double_escaped) {
  if (!double_escaped) return std::string(text);
  std::string plain;
  while (!text.empty()) {
    if (!text.starts_with("\\u")) {
      plain.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    AppendUtf8(static_cast<unsigned>(std::stoul(std::string(text.substr(2, 4)), nullptr, 16)),
               &plain);
    text.remove_prefix(6);
  }
  return plain;
}

Tokenizer::State StateNamed(std::string_view name) {
  if (name == "Data state") return Tokenizer::State::kData;
  if (name == "RCDATA state") return Tokenizer::State::kRcdata;
  if (name == "RAWTEXT state") return Tokenizer::State::kRawText;
  if (name == "Script data state") return Tokenizer::State::kScriptData;
  if (name == "PLAINTEXT state") return Tokenizer::State::kPlaintext;
  REQUIRE(name == "CDATA section state");
  return Tokenizer::State::kCdata;
}

std::string Quoted(std::optional<std::string_view> text) {
  return text ? '"' + std::string(*text) + '"' : "null";
}

// Tokens as lines of text, characters in one piece however they come.
class Lines {
 public:
  void AddCharacters(std::string_view text) { characters_ += text; }
  void Add(const std::string& line) {
    Flush();
    lines_ += line + '\n';
  }
  std::string Take() {
    Flush();
    return std::exchange(lines_, {});
  }

 private:
  void Flush() {
    if (!characters_.empty()) lines_ += "Character " + characters_ + '\n';
    characters_.clear();
  }
  std::string characters_, lines_;
};

struct TokenizerFixture {
  std::string Run(const std::string& input, Tokenizer::State state, std::string_view last) {
    tree.Clear();
    tokenizer.Start(input, &tree);
    tokenizer.set_state(state);
    tokenizer.set_last_start_tag(tree.NameFromPage(last));
    Lines lines;
    for (;;) {
      tokenizer.Next(/*in_foreign=*/false);
      if (tokenizer.token().kind == TokenKind::kEnd) return lines.Take();
      Add(tokenizer.token(), &lines);
    }
  }

  void Add(const Token& token, Lines* lines) {
    switch (token.kind) {
      case TokenKind::kText: lines->AddCharacters(token.text); break;
      case TokenKind::kComment: lines->Add("Comment " + std::string(token.text)); break;
      case TokenKind::kEndTag: lines->Add("EndTag " + Name(token.name)); break;
      case TokenKind::kStartTag: {
        std::string line = "StartTag " + Name(token.name);
        for (const Attribute& attribute : token.attributes) {
          line += ' ' + Name(attribute.name) + '=' + Quoted(attribute.value);
        }
        lines->Add(line + (token.self_closing ? " /" : ""));
        break;
      }
      case TokenKind::kDoctype:
        lines->Add("DOCTYPE " + Quoted(token.doctype_name) + ' ' + Quoted(token.public_id) + ' ' +
                   Quoted(token.system_id) + (token.force_quirks ? " quirks" : ""));
        break;
      case TokenKind::kEnd: break;
    }
  }

  std::string Expected(element tokens, bool double_escaped) {
    const auto text = [&](element e) -> std::string {
      return Unescaped(e.get_string().value(), double_escaped);
    };
    const auto id = [&](element e) { return e.is_null() ? "null" : '"' + text(e) + '"'; };
    Lines lines;
    for (element token : tokens) {
      const std::string_view kind = token.at(0).get_string();
      if (kind == "Character") {
        lines.AddCharacters(text(token.at(1)));
      } else if (kind == "DOCTYPE") {
        lines.Add("DOCTYPE " + id(token.at(1)) + ' ' + id(token.at(2)) + ' ' + id(token.at(3)) +
                  (token.at(4).get_bool().value() ? "" : " quirks"));
      } else if (kind == "StartTag") {
        std::string line = "StartTag " + text(token.at(1));
        const simdjson::dom::object attributes = token.at(2).get_object();
        for (auto [name, value] : attributes) {
          line += ' ' + Unescaped(name, double_escaped) + "=\"" + text(value) + '"';
        }
        const bool self_closing = token.at(3).error() == simdjson::SUCCESS;
        lines.Add(line + (self_closing ? " /" : ""));
      } else {
        lines.Add(std::string(kind) + ' ' + text(token.at(1)));
      }
    }
    return lines.Take();
  }

  void CheckCase(element one) {
    bool double_escaped = false;
    if (one["doubleEscaped"].get_bool().get(double_escaped)) double_escaped = false;
    const std::string input = Unescaped(one["input"].get_string().value(), double_escaped);
    const std::string expected = Expected(one["output"], double_escaped);
    std::string_view last;
    if (one["lastStartTag"].get_string().get(last)) last = {};
    std::vector<Tokenizer::State> states;
    simdjson::dom::array named;
    if (one["initialStates"].get_array().get(named) == simdjson::SUCCESS) {
      for (element state : named) states.push_back(StateNamed(state.get_string().value()));
    } else {
      states.push_back(Tokenizer::State::kData);
    }
    for (const Tokenizer::State state : states) {
      CAPTURE(static_cast<int>(state));
      CHECK_MESSAGE(Run(input, state, last) == expected, input);
    }
  }

  std::string Name(Atom atom) const { return std::string(tree.name(atom)); }

  NameTable names;
  Tree tree{names};
  NameCache cache{names};
  Tokenizer tokenizer{cache, 1000};
};

}  // namespace

TEST_SUITE("html5lib tokenizer") {
  TEST_CASE_FIXTURE(TokenizerFixture, "every case gives the expected tokens") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    simdjson::dom::parser json;
    std::size_t cases = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(corpora / "conformance/html5-tokenizer")) {
      if (entry.path().extension() != ".test") continue;
      CAPTURE(entry.path().filename().string());
      for (element one : json.load(entry.path().string())["tests"]) {
        CheckCase(one);
        ++cases;
      }
    }
    CHECK(cases == 2355);
  }
}
