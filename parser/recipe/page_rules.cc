// PageRun: what the recipe's rules and the page's robots tags say of an answer as a whole.

#include <algorithm>
#include <cctype>

#include "parser/recipe/page_run.h"
#include "parser/recipe/record_text.h"
#include "parser/select/white_space.h"

namespace thresh {
namespace {

constexpr std::size_t kLongestReason = 64;
constexpr std::size_t kLongestTold = 200;

// A value as the reason of a dead letter: one short word that no line or terminal minds.
std::string ReasonOf(std::string_view value) {
  std::string reason;
  for (const char c : value.substr(0, kLongestReason)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.');
    reason.push_back(plain ? c : '_');
  }
  return reason.empty() ? "fail_when" : reason;
}

std::string Shortened(std::string_view text) {
  std::string shown(text.substr(0, kLongestTold));
  while (!shown.empty() && shown.size() < text.size() &&
         (static_cast<unsigned char>(text[shown.size()]) & 0xC0) == 0x80) {
    shown.pop_back();  // No half of a character.
  }
  return shown;
}

bool IsWhiteSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool IsSame(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == y;
  });
}

}  // namespace

bool PageRun::PassesRules() {
  std::string value;
  for (const RuleProgram& rule : program_->rules) {
    if (!Holds(rule, &value)) continue;
    AnswerVerdict& verdict = out_->verdict;
    verdict.kind = rule.retry ? AnswerVerdict::Kind::kRetry : AnswerVerdict::Kind::kFail;
    verdict.reason = ReasonOf(value);
    verdict.detail = (rule.retry ? "retry_when: " : "fail_when: ") + rule.told +
                     (value.empty() ? " found nothing" : " is \"" + Shortened(value) + "\"");
    verdict.after_ms = rule.delay_ms;
    verdict.max_attempts = rule.attempts;
    verdict.whole_host = rule.whole_host;
    return false;
  }
  return true;
}

bool PageRun::Holds(const RuleProgram& rule, std::string* value) {
  const FieldProgram& field = rule.value;
  const SourceProgram& source = field.sources.front();
  Taking taking{source,  nullptr,   field.pipe, &field,
                nullptr, field.all, false,      !source.pipe.empty()};
  const std::size_t begin = records_.size();
  const bool found = TakeSource(taking, page_scope_) > 0;
  value->clear();
  if (found) (void)AppendPackedAsText(records_.view(), begin, value);
  records_.Truncate(begin);
  const auto is_among = [&](const std::vector<std::string>& values) {
    return found && std::find(values.begin(), values.end(), *value) != values.end();
  };
  if (rule.in) return is_among(*rule.in);
  if (rule.not_in) return !is_among(*rule.not_in);
  return found;
}

// `X-Robots-Tag` and `<meta name=robots>`, with what is said to all.
void PageRun::ReadRobotsTags() {
  for (const auto& [name, value] : page_->headers) {
    if (name == "x-robots-tag") ReadRobotsTag(value);
  }
  if (body_.is_json()) return;
  const html::Tree& tree = body_.tree();
  for (html::NodeId id = 0; id < tree.size(); ++id) {
    if (!tree.IsElement(id) || tree.node(id).name != html::Known("meta")) continue;
    const auto name = tree.Find(tree.node(id), html::Known("name"));
    const auto content = tree.Find(tree.node(id), html::Known("content"));
    if (name && content && IsSame(select::Trimmed(*name), "robots")) ReadRobotsTag(*content);
  }
}

// A list such as `noindex, nofollow`. `bot: noindex` is for that bot alone.
void PageRun::ReadRobotsTag(std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view word = select::Trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    const std::string_view agent = word.substr(0, std::min(word.find(':'), word.size()));
    if (agent.size() < word.size() && !IsSame(agent, "unavailable_after")) {
      if (!IsSame(agent, program_->robots_agent)) return;  // All behind the name is for it.
      word = select::Trimmed(word.substr(agent.size() + 1));
    }
    no_index_ = no_index_ || IsSame(word, "noindex") || IsSame(word, "none");
    no_follow_ = no_follow_ || IsSame(word, "nofollow") || IsSame(word, "none");
  }
}

// Whether the link of this element, or of the element around this node, has `rel=nofollow`.
bool PageRun::IsNofollow(html::NodeId node) const {
  if (!program_->respect_nofollow) return false;
  const html::Tree& tree = body_.tree();
  if (!tree.IsElement(node)) return false;
  const auto found = tree.Find(tree.node(node), html::Known("rel"));
  if (!found) return false;
  std::string_view rest = *found;
  while (!rest.empty()) {
    const auto* const space = std::find_if(rest.begin(), rest.end(), IsWhiteSpace);
    const auto size = static_cast<std::size_t>(space - rest.begin());
    if (IsSame(rest.substr(0, size), "nofollow")) return true;
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  return false;
}

}  // namespace thresh
