#pragma once

// Random selectors and pages, for tests that compare two ways of selecting.

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "parser/html/ascii.h"
#include "parser/html/tree.h"

namespace thresh::test {

class SelectorWords {
 public:
  explicit SelectorWords(unsigned seed) : random_(seed) {}

  std::size_t Below(std::size_t limit) { return random_() % limit; }
  bool OneIn(std::size_t n) { return Below(n) == 0; }

  /// Tags, classes and attributes that selectors are to be made of.
  void UseMadeUp() {
    simple_ = {"div", "b",    "span",        "p",          "*",        ".x",         ".y",
               ".z",  "#i",   "#j",          "[title]",    "[data-k]", "[title=t]",  "div.x",
               "b.y", ".x.y", "span[title]", "[class~=z]", "[id=i]",   "p.x[data-k]"};
  }

  /// The same, from the elements of a page.
  void UseOf(const html::Tree& tree) {
    simple_ = {"*"};
    for (int i = 0; i < 40; ++i) {
      const html::Node& node = tree.node(static_cast<html::NodeId>(Below(tree.size())));
      if (node.type != html::NodeType::kElement) continue;
      const std::string tag(IsPlain(tree.name(node.name)) ? tree.name(node.name) : "*");
      simple_.push_back(tag);
      html::AnyToken(tree.Find(node, html::Known("class")).value_or(""), [&](std::string_view c) {
        if (IsPlain(c)) simple_.push_back((OneIn(2) ? "." : tag + ".") + std::string(c));
        return false;
      });
      if (node.attribute_count == 0) continue;
      const auto name = tree.name(
          tree.attribute(node, static_cast<std::uint32_t>(Below(node.attribute_count))).name);
      if (IsPlain(name)) simple_.push_back((OneIn(2) ? "[" : tag + "[") + std::string(name) + "]");
    }
  }

  /// A selector that any row may be asked about.
  std::string Selector() {
    static constexpr std::string_view kPseudo[] = {
        "", "", "", "", "::text", "::attr(title)", "::own-text"};
    std::string list;
    for (std::size_t parts = OneIn(4) ? 3 : 1; parts > 0; --parts) {
      if (!list.empty()) list += ", ";
      if (OneIn(12)) {
        list += OneIn(2) ? "::text" : "::attr(title)";
        continue;
      }
      if (OneIn(10)) list += OneIn(3) ? "+ " : OneIn(2) ? "~ " : "> ";
      if (OneIn(15)) list += ":scope > ";
      list += Complex() + std::string(kPseudo[Below(std::size(kPseudo))]);
    }
    return list;
  }

  /// One for rows: no pseudo-elements.
  std::string Rows() { return OneIn(4) ? Complex() + ", " + Complex() : Complex(); }

  /// A page of nested elements made of the same words.
  std::string Page(int elements) {
    std::string page = "<!DOCTYPE html><body>";
    std::vector<std::string_view> open;
    static constexpr std::string_view kTags[] = {"div", "b", "span", "section", "em"};
    static constexpr std::string_view kMarks[] = {
        "",         " class=x",    " class='y x'", " class='z w'", " title=t",
        " title=u", " data-k='1'", " id=i",        " id=j class=y"};
    for (int i = 0; i < elements; ++i) {
      const std::string_view tag = kTags[Below(std::size(kTags))];
      page.append("<").append(tag).append(kMarks[Below(std::size(kMarks))]).append(">");
      if (OneIn(2)) page += "text ";
      open.push_back(tag);
      while (!open.empty() && (OneIn(2) || open.size() > 12)) {
        page.append("</").append(open.back()).append(">");
        open.pop_back();
      }
    }
    return page;
  }

 private:
  static bool IsPlain(std::string_view name) {
    if (name.empty() || !html::IsAlpha(name.front())) return false;
    for (const char c : name) {
      if (!html::IsAlpha(c) && !html::IsDigit(c) && c != '-' && c != '_') return false;
    }
    return true;
  }

  std::string Compound() {
    std::string compound = simple_[Below(simple_.size())];
    const std::string other = simple_[Below(simple_.size())];
    switch (Below(24)) {
      case 0: return compound + ":first-child";
      case 1: return compound + ":not(" + other + ")";
      case 2: return compound + ":nth-child(2n+1)";
      case 3: return compound + ":nth-last-child(-n+2 of " + other + ")";
      case 4: return compound + ":has(> " + other + ")";
      case 5: return compound + ":has(+ " + other + ", ~ *)";
      case 6: return ":is(" + other + ", " + compound + ")";
      case 7: return compound + ":is(.x, " + other + " > *)";
      case 8: return compound + ":only-of-type";
      case 9: return compound + ":last-of-type";
      case 10: return compound + ":nth-of-type(2)";
      case 11: return compound + ":empty";
      case 12: return compound + ":where(:is(), .y)";
      case 13: return compound + ":contains('te')";
      default: return compound;
    }
  }

  std::string Complex() {
    static constexpr std::string_view kCombinators[] = {" ", " ", " > ", " > ", " + ", " ~ "};
    std::string complex = Compound();
    while (OneIn(2)) {
      complex += kCombinators[Below(std::size(kCombinators))];
      complex += Compound();
    }
    return complex;
  }

  std::mt19937 random_;
  std::vector<std::string> simple_;
};

}  // namespace thresh::test
