#pragma once

// The basic URL parser: clean text and a base in, one Url out. Inside lib/url only; others use
// url.h.
//
// Each state of the standard that a whole URL can pass is a method of that name, or a part of
// one: it consumes the front of rest_, appends to the href, and calls the next. States end in
// Fail(), which only sets the reason, or at the end of the text. All delimiters are ASCII and
// all else above ASCII is encoded byte by byte, so that it works on bytes.
//
// Source: https://url.spec.whatwg.org/#url-parsing

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/base/result.h"
#include "lib/url/scheme.h"
#include "lib/url/url.h"

namespace thresh {

class UrlParser {
 public:
  /// `base`: null for none. Replaces `*url`, in its memory; after an error it holds no URL.
  /// REQUIRES: neither input nor base lie in `*url`.
  [[nodiscard]] static Result<> Parse(std::string_view input, const Url* base, Url* url);

 private:
  UrlParser(std::string_view input, const Url* base, Url* url)
      : input_(input), base_(base), rest_(input), url_(*url) {}

  // What stands in front of the path.
  void Scheme();
  void NoScheme();
  void Relative();
  void RelativeSlash();
  void Authority();
  void File();
  void FileSlash();
  void FileHost();
  void MergeWithBase();

  // The path and what follows it, in url_parser_path.cc.
  void PathStart();
  void Path();
  void OpaquePath();
  void QueryAndFragment();
  void Fragment();

  // Parts of the above.
  bool TakeScheme();
  void SkipSlashes();
  void StartAsBase();
  void StartWithoutHost(std::string_view delimiter);
  void AppendCredentials(std::string_view userinfo);
  bool AppendHostAndPort(std::string_view text);
  bool AppendPort(std::string_view digits);
  void AppendSegment(std::string_view segment, bool last);
  void Shorten();
  void FinishPath();
  void Fail(std::string_view reason) { reason_ = reason; }

  [[nodiscard]] Error Describe() const;
  [[nodiscard]] bool special() const noexcept { return kind_ != SchemeKind::kNotSpecial; }
  [[nodiscard]] bool is_file() const noexcept { return kind_ == SchemeKind::kFile; }
  [[nodiscard]] bool At(char c) const noexcept { return rest_.starts_with(c); }
  [[nodiscard]] bool AtSlash() const noexcept;  // `\` is one too in special URLs.
  [[nodiscard]] std::uint32_t Here() const noexcept;
  [[nodiscard]] std::string_view PathSoFar() const noexcept;
  [[nodiscard]] std::string_view UntilSlash() const noexcept;  // Or `?` or `#`.

  const std::string_view input_;
  const Url* const base_;
  std::string_view rest_;  // What is still to be read.
  Url& url_;
  SchemeKind kind_ = SchemeKind::kNotSpecial;
  std::string_view reason_;  // Of the failure, for people; empty while all is well.
};

}  // namespace thresh
