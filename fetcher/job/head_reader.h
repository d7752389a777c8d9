#pragma once

// HeadReader: the lines of an answer as they come -> its headers.
//
// Source: RFC 9112, 5.2 (folded lines), 6.3 (lengths), 7.1.2 (trailers); RFC 9110, 6.5.1.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "fetcher/job/request.h"

namespace thresh {

class HeadReader {
 public:
  enum class Line : std::uint8_t {
    kStatus,   ///< A new answer begins: the one before was interim, or asked who we are.
    kField,    ///< Of its headers.
    kEnd,      ///< The empty line: its headers are whole.
    kTrailer,  ///< What comes behind the body is no header.
  };

  /// The next line, with or without its end.
  Line Take(std::string_view line);

  [[nodiscard]] bool is_whole() const noexcept { return whole_; }
  /// Names in lower case, a folded value in one line.
  [[nodiscard]] const HeaderList& headers() const noexcept { return headers_; }
  /// The same, after which it begins anew.
  [[nodiscard]] HeaderList TakeHeaders();

 private:
  HeaderList headers_;
  bool begun_ = false, whole_ = false;
  bool may_fold_ = false;  // The line before was a header.
};

/// Why nobody can say how long the body is: lengths that are no numbers, or not the same. Empty if
/// they are in order, or there is none, or chunks tell it.
[[nodiscard]] std::string LengthFault(const HeaderList& headers);

}  // namespace thresh
