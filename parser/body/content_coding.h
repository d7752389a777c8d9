#pragma once

// What servers pack a body in: `Content-Encoding` (RFC 9110, 8.4).
//
// The packed bytes are hostile: output is bounded while it is made, by the caller's limit and by
// a ratio to what came over the wire, whatever the coding or the number of them.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

/// Unpacks one body after another with the same memory.
class ContentDecoder {
 public:
  static constexpr std::size_t kMaxCodings = 3;
  /// A body may grow to this many times its size on the wire,
  static constexpr std::size_t kAlarmRatio = 200;
  /// or to this, whichever is more.
  static constexpr std::size_t kAlarmBytes = 1 << 20;

  ContentDecoder();
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  /// `coding` is the header's value: gzip, x-gzip, deflate (with zlib's frame or without), br,
  /// zstd, identity, or a list of up to three, the last applied undone first. Returns a view of
  /// `body` itself if nothing was packed, else of `*buffer`, which is only ever made longer.
  /// Errors, with the reason of docs/outcomes.md in `reason`: kTooLarge `too_large` for more than
  /// max_bytes, kTooLarge `decompression_bomb` over the ratio, kInvalid `bad_encoding` for a
  /// coding that is not known and for bytes that are broken or cut short.
  [[nodiscard]] Result<std::string_view> Decode(std::string_view coding, std::string_view body,
                                                std::size_t max_bytes, std::string* buffer);

 private:
  struct Codecs;

  std::unique_ptr<Codecs> codecs_;
  std::string between_;  // What one of several codings made of the next one's input.
};

/// ContentDecoder::Decode() with memory of its own.
[[nodiscard]] Result<std::string_view> DecodeContent(std::string_view coding, std::string_view body,
                                                     std::size_t max_bytes, std::string* buffer);

}  // namespace thresh
