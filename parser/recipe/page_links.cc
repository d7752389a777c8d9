// PageRun: follow rules.

#include <algorithm>
#include <cmath>

#include "lib/recipe/secrets.h"
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

// The URL without the parameters for which `goes(name)` holds.
template <typename Goes>
void DropParams(std::string* url, const Goes& goes) {
  const std::size_t question = url->find('?');
  if (question == std::string::npos) return;
  std::size_t kept = question;  // How much of the URL stays.
  for (std::size_t at = question + 1, end = 0; at <= url->size(); at = end + 1) {
    end = std::min(url->find('&', at), url->size());
    const std::string_view pair = std::string_view(*url).substr(at, end - at);
    if (goes(PercentDecode(pair.substr(0, pair.find('='))))) continue;
    (*url)[kept] = kept == question ? '?' : '&';
    std::copy(pair.begin(), pair.end(), url->begin() + static_cast<std::ptrdiff_t>(kept) + 1);
    kept += pair.size() + 1;
  }
  url->resize(kept);
}

}  // namespace

void PageRun::RunFollow(const FollowProgram& follow) {
  if (no_follow_) return;
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
  Taking taking{*follow.count, nullptr, none, &total, nullptr};
  const std::size_t begin = records_.size();
  const bool found = TakeSource(taking, page_scope_) > 0;
  joined_.clear();
  // Of a number, a point is no sign of thousands.
  const bool is_number = found && PackedDouble(records_.view(), begin).has_value();
  if (found) (void)AppendPackedAsText(records_.view(), begin, &joined_);
  records_.Truncate(begin);
  const auto count = is_number ? FindNumber(joined_) : FindCount(joined_);
  if (!count || *count <= 0) return;
  constexpr double kMost = 9e18;
  std::int64_t end = static_cast<std::int64_t>(std::min(std::ceil(*count), kMost));
  if (follow.below) end = std::min(end, *follow.below);
  std::int64_t made = 0;
  for (std::int64_t value = follow.first; value < end && made < kMaxCountLinks && ok(); ++made) {
    const std::string number = std::to_string(value);
    AddLink(follow, {number, true});
    if (value > end - follow.step) break;
    value += follow.step;
  }
}

// Whether `value` is a link, be it a new one or not.
bool PageRun::AddLink(const FollowProgram& follow, Found value) {
  if (follow.url || follow.request.body || !follow.request.headers.empty() ||
      !follow.params.empty()) {
    value.text = value_.assign(value.text);  // It may be in a buffer that templates need.
  }
  if (!ResolveLink(follow, value, &href_)) return false;
  FollowedLink& link = out_->links.Add();
  if (!FillRequest(follow, value, &link)) {
    out_->links.DropLast();
    return false;
  }
  const bool plain = link.method == "GET" && link.body.empty();
  if (!seen_links_.Insert(plain ? HashBytes(href_) : HashParts({href_, link.method, link.body}))) {
    out_->links.DropLast();
    return true;
  }
  link.url.assign(href_);
  link_bytes_ += href_.size() + link.body.size() + kUsualUrlBytes;
  for (const RequestHeader& header : link.headers) link_bytes_ += header.value.size();
  if (link_bytes_ > kMaxLinkBytes) {
    Fail(Errc::kTooLarge, "its links are over " + std::to_string(kMaxLinkBytes) + " bytes",
         "result_too_large");
    return false;
  }
  return true;
}

bool PageRun::ResolveLink(const FollowProgram& follow, Found value, std::string* href) {
  std::string_view text = value.text;
  if (follow.url) {
    link_.clear();
    if (!Expand(*follow.url, value, TemplateUse::kUrl, follow.templated, &link_)) return false;
    text = link_;
  } else if (follow.count) {
    text = page_->final_url;
  }
  if (follow.templated) {
    const Result<std::string> canonical = CanonicalTemplate(text);
    if (!canonical) return false;
    href->assign(*canonical);
  } else {
    // What is absolute needs no base.
    const bool absolute = text.starts_with("http://") || text.starts_with("https://");
    const Url* const from = absolute ? nullptr : base();
    if (!absolute && from == nullptr) return false;
    const Result<const Url*> url = url_.Parse(text, from);
    if (!url || !(*url)->is_http()) return false;
    const std::string_view whole = (*url)->href();
    href->assign(whole.substr(0, whole.find('#')));
  }
  if (!follow.strip_params.empty()) {
    DropParams(href, [&](const auto& name) { return MatchesAny(follow.strip_params, name); });
  }
  return PutParams(follow, value, href);
}

bool PageRun::PutParams(const FollowProgram& follow, Found value, std::string* href) {
  for (const auto& [name, text] : follow.params) {
    DropParams(href, [&name = name](const std::string& other) { return other == name; });
    if (!href->ends_with('?')) *href += href->find('?') == std::string::npos ? '?' : '&';
    href->append(PercentEncodeComponent(name)).push_back('=');
    // Encoded as a whole: what is no value too, and so it names no secret.
    param_.clear();
    if (!Expand(text, value, TemplateUse::kBody, false, &param_)) return false;
    AppendPercentEncoded(param_, PercentSet::kComponent, href);
  }
  return true;
}

}  // namespace thresh
