// PageRun: follow rules.

#include <algorithm>
#include <cmath>

#include "lib/recipe/url_pattern.h"
#include "lib/url/percent.h"
#include "parser/recipe/page_run.h"
#include "parser/recipe/record_text.h"
#include "parser/transform/number.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxLinkBytes = 32 << 20;  // Of a page, in all.
constexpr std::int64_t kMaxCountLinks = 10'000;  // Of a `count`.
constexpr std::size_t kUsualUrlBytes = 128;

// The URL without the parameters whose name a pattern matches.
void StripParams(const std::vector<std::string>& patterns, std::string* url) {
  const std::size_t question = url->find('?');
  if (question == std::string::npos) return;
  const std::string_view query = std::string_view(*url).substr(question + 1);
  std::string kept;
  std::size_t at = 0;
  bool any = false;
  while (at <= query.size()) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = query.substr(at, end - at);
    at = end + 1;
    if (MatchesAny(patterns, PercentDecode(pair.substr(0, pair.find('='))))) continue;
    if (any) kept += '&';
    kept += pair;
    any = true;
  }
  url->resize(question);
  if (any) url->append("?").append(kept);
}

}  // namespace

void PageRun::RunFollow(const FollowProgram& follow) {
  if (follow.count) return RunCount(follow);
  if (follow.sources.empty()) {
    AddLink(follow, {});
    return;
  }
  for (const SourceProgram& source : follow.sources) {
    const bool piped = !source.pipe.empty() || !follow.pipe.empty();
    Taking taking{source, follow.re.get(), follow.pipe, nullptr, &follow, true, true, piped};
    if (TakeSource(taking, page_scope_) > 0) return;
  }
}

// One link for each page of a list whose length is known.
void PageRun::RunCount(const FollowProgram& follow) {
  const Pipe none;
  FieldProgram total;
  total.type = FieldType::kText;
  Taking taking{*follow.count, nullptr, none, &total, nullptr};
  const std::size_t begin = records_.size();
  const bool found = TakeSource(taking, page_scope_) > 0;
  joined_.clear();
  if (found) (void)AppendPackedAsText(records_.view(), begin, &joined_);
  records_.Truncate(begin);
  const auto count = FindNumber(joined_);
  if (!count || *count <= 0) return;
  constexpr double kMost = 9e18;
  std::int64_t end = static_cast<std::int64_t>(std::min(std::ceil(*count), kMost));
  if (follow.below) end = std::min(end, *follow.below);
  std::int64_t made = 0;
  for (std::int64_t value = follow.first; value < end && made < kMaxCountLinks && ok(); ++made) {
    AddLink(follow, std::to_string(value));
    if (value > end - follow.step) break;
    value += follow.step;
  }
}

// Whether `value` is a link, be it a new one or not.
bool PageRun::AddLink(const FollowProgram& follow, std::string_view value) {
  std::string_view text = value;
  if (follow.url) {
    if (!Expand(*follow.url, value)) return false;
    text = link_;
  }
  // What is absolute needs no base.
  const bool absolute = text.starts_with("http://") || text.starts_with("https://");
  const Url* const from = absolute ? nullptr : base();
  if (!absolute && from == nullptr) return false;
  const Result<Url> url = absolute ? Url::Parse(text) : Url::Parse(text, *from);
  if (!url || !url->is_http()) return false;
  std::string_view href = url->href();
  href = href.substr(0, href.find('#'));
  if (!follow.strip_params.empty()) {
    query_.assign(href);
    StripParams(follow.strip_params, &query_);
    href = query_;
  }
  if (!seen_links_.Insert(HashBytes(href))) return true;
  link_bytes_ += href.size() + kUsualUrlBytes;
  if (link_bytes_ > kMaxLinkBytes) {
    Fail(Errc::kTooLarge, "its links are over " + std::to_string(kMaxLinkBytes) + " bytes",
         "result_too_large");
    return false;
  }
  FollowedLink& link = out_->links.Add();
  link.url.assign(href);
  link.recipe = follow.recipe;
  return true;
}

// The template's text into link_; false if one of its values is not there.
bool PageRun::Expand(const UrlTemplate& url, std::string_view value) {
  link_.clear();
  if (value.data() == scratch_.data()) value = joined_.assign(value);  // TextOf() writes there.
  for (const UrlTemplate::Part& part : url.parts()) {
    std::string_view text = part.text;
    if (part.kind == UrlTemplate::Kind::kText) {
      link_ += text;
      continue;
    }
    if (part.kind == UrlTemplate::Kind::kMeta) {
      const auto found = Meta(part.text);
      if (!found || found->is_null()) return false;
      query_.assign(TextOf(*found));
      text = query_;
    } else {
      text = part.kind == UrlTemplate::Kind::kUrl ? page_->final_url : value;
    }
    if (text.empty() && part.kind == UrlTemplate::Kind::kValue) return false;
    if (part.verbatim) {
      link_ += text;
    } else {
      link_ += PercentEncodeComponent(text);
    }
  }
  return true;
}

}  // namespace thresh
