// The second half of the basic URL parser: path, query and fragment. The path is built in the
// href as `/a/b`, each segment with the slash in front of it.

#include <algorithm>

#include "lib/url/ascii.h"
#include "lib/url/drive_letter.h"
#include "lib/url/percent.h"
#include "lib/url/percent_table.h"
#include "lib/url/url_parser.h"

namespace thresh {
namespace {

// The length of a path that is its own normal form, or npos: nothing to encode, no backslash,
// no segment that may be `.` or `..`. True of nearly all links, and found in one pass.
std::size_t PlainPathLength(std::string_view text) {
  bool segment_begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '?' || c == '#') return i;
    if (c == '\\' || IsPercentEncoded(c, PercentSet::kPath)) return std::string_view::npos;
    if (segment_begins && (c == '.' || c == '%')) return std::string_view::npos;
    segment_begins = c == '/';
  }
  return text.size();
}

// 1 for `.`, 2 for `..`, also where a dot is written `%2e`; else 0.
int CountDots(std::string_view segment) {
  int dots = 0;
  while (!segment.empty() && dots < 3) {
    const bool encoded = segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' &&
                         AsciiLower(segment[2]) == 'e';
    if (!encoded && segment[0] != '.') return 0;
    segment.remove_prefix(encoded ? 3 : 1);
    ++dots;
  }
  return dots < 3 ? dots : 0;
}

}  // namespace

void UrlParser::PathStart() {
  url_.path_begin_ = Here();
  if (AtSlash()) {
    rest_.remove_prefix(1);
  } else if (!special()) {  // At the end, `?` or `#`: the path is empty.
    return QueryAndFragment();
  }
  Path();
}

// REQUIRES: the slash in front of the next segment, if there was one, is consumed.
void UrlParser::Path() {
  const std::size_t plain = is_file() ? std::string_view::npos : PlainPathLength(rest_);
  if (plain != std::string_view::npos) {
    url_.href_.append("/").append(rest_.substr(0, plain));
    rest_.remove_prefix(plain);
  } else {
    for (bool last = false; !last;) {
      const std::string_view segment = UntilSlash();
      rest_.remove_prefix(segment.size());
      last = !AtSlash();
      if (!last) rest_.remove_prefix(1);
      AppendSegment(segment, last);
    }
  }
  FinishPath();
  QueryAndFragment();
}

void UrlParser::AppendSegment(std::string_view segment, bool last) {
  if (const int dots = CountDots(segment); dots > 0) {
    if (dots == 2) Shorten();
    if (last) url_.href_.push_back('/');
    return;
  }
  const bool drive = is_file() && PathSoFar().empty() && IsDriveLetter(segment);
  url_.href_.push_back('/');
  if (drive) {
    url_.href_.append({segment[0], ':'});
  } else {
    AppendPercentEncoded(segment, PercentSet::kPath, &url_.href_);
  }
}

// Drops the last segment, but never a drive letter that stands alone.
void UrlParser::Shorten() {
  const std::string_view path = PathSoFar();
  if (path.empty() || (is_file() && path.size() == 3 && PathHasDriveLetter(path))) return;
  url_.href_.resize(url_.href_.rfind('/'));
}

// Without a host, a path such as `//x` must not read as one.
void UrlParser::FinishPath() {
  if (url_.has_authority() || !PathSoFar().starts_with("//")) return;
  url_.href_.insert(url_.path_begin_, "/.");
  url_.path_begin_ += 2;
}

// No list of segments. A space at its end is encoded, or it would be lost when the href is
// parsed again without what follows.
void UrlParser::OpaquePath() {
  std::string_view path = rest_.substr(0, std::min(rest_.find('?'), rest_.find('#')));
  rest_.remove_prefix(path.size());
  const bool encode_space = !rest_.empty() && path.ends_with(' ');
  if (encode_space) path.remove_suffix(1);
  AppendPercentEncoded(path, PercentSet::kC0Control, &url_.href_);
  if (encode_space) url_.href_.append("%20");
  QueryAndFragment();
}

void UrlParser::QueryAndFragment() {
  if (At('?')) {
    url_.query_begin_ = Here();
    url_.href_.push_back('?');
    rest_.remove_prefix(1);
    const std::string_view query = rest_.substr(0, rest_.find('#'));
    rest_.remove_prefix(query.size());
    const auto set = special() ? PercentSet::kSpecialQuery : PercentSet::kQuery;
    AppendPercentEncoded(query, set, &url_.href_);
  }
  Fragment();
}

void UrlParser::Fragment() {
  if (!At('#')) return;
  url_.fragment_begin_ = Here();
  url_.href_.push_back('#');
  AppendPercentEncoded(rest_.substr(1), PercentSet::kFragment, &url_.href_);
}

std::string_view UrlParser::PathSoFar() const noexcept {
  return std::string_view(url_.href_).substr(url_.path_begin_);
}

}  // namespace thresh
