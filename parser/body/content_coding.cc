#include "parser/body/content_coding.h"

#include <algorithm>
#include <array>

#include "lib/text/utf8.h"
#include "parser/body/ascii.h"
#include "parser/body/codecs.h"

namespace thresh {
namespace {

using body::EqualsIgnoreCase;
using body::OutputBuffer;
using body::Unpacked;

using Unpack = Unpacked (body::Codecs::*)(std::string_view, OutputBuffer&);

struct Coding {
  std::string_view name;
  Unpack unpack = nullptr;
};

constexpr Coding kCodings[] = {
    {"gzip", &body::Codecs::Gzip},       {"x-gzip", &body::Codecs::Gzip},
    {"deflate", &body::Codecs::Deflate}, {"br", &body::Codecs::Brotli},
    {"zstd", &body::Codecs::Zstd},
};

struct CodingList {
  std::array<const Coding*, ContentDecoder::kMaxCodings> codings{};
  std::size_t count = 0;
};

Error BadEncoding(std::string detail) {
  return {Errc::kInvalid, std::move(detail), "bad_encoding"};
}

Result<CodingList> ParseCodings(std::string_view text) {
  CodingList list;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view name = body::Trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (name.empty() || EqualsIgnoreCase(name, "identity")) continue;
    const auto* const found =
        std::find_if(std::begin(kCodings), std::end(kCodings),
                     [name](const Coding& coding) { return EqualsIgnoreCase(coding.name, name); });
    if (found == std::end(kCodings)) {
      return BadEncoding("the Content-Encoding \"" + RepairUtf8(name.substr(0, 40)) +
                         "\" is not known; known are gzip, deflate, br and zstd");
    }
    if (list.count == list.codings.size()) {
      return BadEncoding("over " + std::to_string(list.count) + " codings one over another");
    }
    list.codings[list.count++] = found;
  }
  return list;
}

}  // namespace

struct ContentDecoder::Codecs : body::Codecs {};

ContentDecoder::ContentDecoder() : codecs_(std::make_unique<Codecs>()) {}
ContentDecoder::~ContentDecoder() = default;

Result<std::string_view> ContentDecoder::Decode(std::string_view coding, std::string_view body,
                                                std::size_t max_bytes, std::string* buffer) {
  const Result<CodingList> list = ParseCodings(coding);
  if (!list) return list.error();
  const std::size_t alarm_bytes = std::max(kAlarmBytes, kAlarmRatio * body.size());
  const std::size_t limit = std::min(max_bytes, alarm_bytes);
  std::string_view bytes = body;
  for (std::size_t left = list->count; left > 0 && !bytes.empty(); --left) {
    const Coding& last = *list->codings[left - 1];
    OutputBuffer out(left % 2 == 1 ? buffer : &between_, limit);
    switch ((codecs_.get()->*last.unpack)(bytes, out)) {
      case Unpacked::kDone: bytes = out.view(); break;
      case Unpacked::kBroken:
        return BadEncoding("the body is damaged or cut short: its " + std::string(last.name) +
                           " cannot be unpacked");
      case Unpacked::kFull:
        if (max_bytes <= alarm_bytes) {
          return Error{
              Errc::kTooLarge,
              "a body of over " + std::to_string(max_bytes) + " bytes (fetch.max_body_bytes)",
              "too_large"};
        }
        return Error{Errc::kTooLarge,
                     "a body of " + std::to_string(body.size()) + " bytes on the wire and over " +
                         std::to_string(alarm_bytes) + " unpacked, more than " +
                         std::to_string(kAlarmRatio) + " times as many",
                     "decompression_bomb"};
    }
  }
  return bytes;
}

Result<std::string_view> DecodeContent(std::string_view coding, std::string_view body,
                                       std::size_t max_bytes, std::string* buffer) {
  return ContentDecoder().Decode(coding, body, max_bytes, buffer);
}

}  // namespace thresh
