#pragma once

// Utf8Writer: code points from a decoder become UTF-8 at the end of a string.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace thresh::body {

/// What stands for a broken sequence.
inline constexpr std::uint32_t kReplacementCharacter = 0xFFFD;

class Utf8Writer {
 public:
  /// Borrows `out`, which is complete when the writer is gone.
  explicit Utf8Writer(std::string* out) : out_(out) {}
  ~Utf8Writer() { Flush(); }
  Utf8Writer(const Utf8Writer&) = delete;
  Utf8Writer& operator=(const Utf8Writer&) = delete;

  /// REQUIRES: a scalar value.
  void Put(std::uint32_t c) {
    if (used_ + 4 > sizeof chunk_) Flush();
    if (c < 0x80) {
      PutByte(c);
    } else if (c < 0x800) {
      PutByte(0xC0 | c >> 6);
      PutByte(0x80 | (c & 0x3F));
    } else {
      if (c < 0x10000) {
        PutByte(0xE0 | c >> 12);
      } else {
        PutByte(0xF0 | c >> 18);
        PutByte(0x80 | (c >> 12 & 0x3F));
      }
      PutByte(0x80 | (c >> 6 & 0x3F));
      PutByte(0x80 | (c & 0x3F));
    }
  }

  void PutBroken() { Put(kReplacementCharacter); }

  /// `text` is UTF-8 already.
  void Copy(std::string_view text) {
    if (used_ + text.size() > sizeof chunk_) Flush();
    if (text.size() > sizeof chunk_) {
      out_->append(text);
      return;
    }
    std::memcpy(chunk_ + used_, text.data(), text.size());
    used_ += text.size();
  }

 private:
  void PutByte(std::uint32_t byte) { chunk_[used_++] = static_cast<char>(byte); }
  void Flush() {
    out_->append(chunk_, used_);
    used_ = 0;
  }

  std::string* const out_;
  std::size_t used_ = 0;
  char chunk_[4096];
};

}  // namespace thresh::body
