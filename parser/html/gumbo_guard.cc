#include "parser/html/gumbo_guard.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "parser/html/ascii.h"

namespace thresh::html {
namespace {

// Names are told apart by a small hash. A collision only makes the guess of a
// hostile page's depth a little worse.
constexpr std::size_t kNameSlots = 4096;

constexpr std::size_t SlotOf(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(ToLower(c))) * 16777619U;
  return (hash ^ (hash >> 16)) % kNameSlots;
}

// Void elements, those that a start tag of their kind closes, and those that the
// tree builder never nests.
constexpr auto kNotCounted = [] {
  std::array<bool, kNameSlots> slots{};
  for (std::string_view name :
       {"a",      "area",  "base",     "basefont", "bgsound",  "body",   "br",
        "button", "col",   "colgroup", "dd",       "dt",       "embed",  "frame",
        "head",   "hr",    "html",     "image",    "img",      "input",  "keygen",
        "li",     "link",  "meta",     "nobr",     "optgroup", "option", "p",
        "param",  "rb",    "rp",       "rt",       "rtc",      "source", "tbody",
        "td",     "tfoot", "th",       "thead",    "tr",       "track",  "wbr"}) {
    slots[SlotOf(name)] = true;
  }
  return slots;
}();

bool IsRawText(std::string_view name) {
  constexpr std::string_view kRaw[] = {"script", "style",   "textarea", "title",
                                       "iframe", "noembed", "noframes", "xmp"};
  return std::any_of(std::begin(kRaw), std::end(kRaw),
                     [&](std::string_view raw) { return EqualsIgnoreCase(raw, name); });
}

class CostScan {
 public:
  CostScan(std::string_view page, std::uint32_t max_attributes)
      : page_(page), max_attributes_(max_attributes) {}

  Result<> Check(std::uint32_t max_depth) {
    for (;;) {
      if (depth_ > max_depth) {
        return TooLarge("elements nest more than " + std::to_string(max_depth) + " deep");
      }
      if (attributes_ > max_attributes_) {
        return TooLarge("a tag has more than " + std::to_string(max_attributes_) + " attributes");
      }
      at_ = page_.find('<', at_);
      if (at_ >= page_.size() || ++at_ >= page_.size()) return Ok{};
      Markup();
    }
  }

 private:
  static Error TooLarge(std::string detail) { return {Errc::kTooLarge, std::move(detail)}; }

  void Markup() {
    if (page_[at_] == '!') {
      SkipDeclaration();
    } else if (IsAlpha(page_[at_])) {
      StartTag();
    } else if (page_[at_] == '/' && at_ + 1 < page_.size() && IsAlpha(page_[at_ + 1])) {
      ++at_;
      EndTag();
    }
  }

  void SkipDeclaration() {
    if (page_.substr(at_, 3) != "!--" || no_more_comments_end_) return;
    const std::size_t end = page_.find("-->", at_ + 1);
    no_more_comments_end_ = end == std::string_view::npos;
    if (!no_more_comments_end_) at_ = end;
  }

  std::string_view Name() {
    const std::size_t begin = at_;
    while (at_ < page_.size() && !IsSpace(page_[at_]) && page_[at_] != '/' && page_[at_] != '>') {
      ++at_;
    }
    return page_.substr(begin, at_ - begin);
  }

  // To the tag's `>`; whether a `/` stands before it.
  bool SkipAttributes() {
    attributes_ = 0;
    bool in_name = true;
    bool in_value = false;
    for (; at_ < page_.size() && page_[at_] != '>'; ++at_) {
      const char c = page_[at_];
      if ((c == '"' || c == '\'') && page_[at_ - 1] == '=') {
        at_ = std::min(page_.find(c, at_ + 1), page_.size() - 1);
        in_name = in_value = false;
      } else if (IsSpace(c) || (c == '/' && !in_value)) {
        in_name = in_value = false;
      } else {
        if (!in_name) ++attributes_;
        in_name = true;
        in_value = in_value || c == '=';
      }
    }
    return page_[at_ - 1] == '/';
  }

  void StartTag() {
    const std::string_view name = Name();
    const bool self_closing = SkipAttributes();
    const bool is_foreign = EqualsIgnoreCase(name, "svg") || EqualsIgnoreCase(name, "math");
    const bool in_foreign = open_foreign_ > 0 || is_foreign;
    if (self_closing && in_foreign) return;
    if (!in_foreign && IsRawText(name)) return SkipRawText(name);
    if (kNotCounted[SlotOf(name)]) return;
    ++open_[SlotOf(name)];
    ++depth_;
    if (is_foreign) ++open_foreign_;
  }

  void EndTag() {
    const std::string_view name = Name();
    std::uint32_t& open = open_[SlotOf(name)];
    if (open == 0) return;
    --open;
    --depth_;
    const bool is_foreign = EqualsIgnoreCase(name, "svg") || EqualsIgnoreCase(name, "math");
    if (is_foreign && open_foreign_ > 0) --open_foreign_;
  }

  void SkipRawText(std::string_view name) {
    bool& no_more_ends = no_more_ends_[SlotOf(name)];
    if (no_more_ends) return;
    for (std::size_t end = at_; (end = page_.find("</", end)) != std::string_view::npos; ++end) {
      if (!EqualsIgnoreCase(page_.substr(end + 2, name.size()), name)) continue;
      at_ = end;
      return;
    }
    no_more_ends = true;
  }

  std::string_view page_;
  std::size_t at_ = 0;
  const std::uint32_t max_attributes_;
  std::uint32_t depth_ = 0;
  std::uint32_t attributes_ = 0;  ///< Of the last tag, or a few more.
  std::uint32_t open_foreign_ = 0;
  std::array<std::uint32_t, kNameSlots> open_{};
  // A search that found nothing is not made again: it would cost the square.
  std::array<bool, kNameSlots> no_more_ends_{};
  bool no_more_comments_end_ = false;
};

}  // namespace

Result<> CheckCostToGumbo(std::string_view page, std::uint32_t max_depth,
                          std::uint32_t max_attributes) {
  return CostScan(page, max_attributes).Check(max_depth);
}

}  // namespace thresh::html
