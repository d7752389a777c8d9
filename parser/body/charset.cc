#include "parser/body/charset.h"

#include "lib/text/utf8.h"
#include "parser/body/ascii.h"
#include "parser/body/charset_table.h"
#include "parser/body/content_type.h"
#include "parser/body/decoders.h"
#include "parser/body/indexes.h"
#include "parser/body/meta_prescan.h"

namespace thresh {
namespace {

using body::Charset;
using body::Family;

constexpr std::string_view kUtf8Bom = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16BeBom = "\xFE\xFF";
constexpr std::string_view kUtf16LeBom = "\xFF\xFE";

std::string_view BomOf(Family family) {
  switch (family) {
    case Family::kUtf8: return kUtf8Bom;
    case Family::kUtf16Be: return kUtf16BeBom;
    case Family::kUtf16Le: return kUtf16LeBom;
    default: return {};
  }
}

std::string_view WithoutBom(std::string_view text, Family family) {
  const std::string_view bom = BomOf(family);
  return text.substr(text.starts_with(bom) ? bom.size() : 0);
}

// "BOM sniff" (Encoding standard, 6).
const Charset* SniffBom(std::string_view text) {
  if (text.starts_with(kUtf8Bom)) return body::FindCharset("utf-8");
  if (text.starts_with(kUtf16BeBom)) return body::FindCharset("utf-16be");
  if (text.starts_with(kUtf16LeBom)) return body::FindCharset("utf-16le");
  return nullptr;
}

// UTF-8 by its bytes alone. With an escape it may as well be ISO-2022-JP.
bool IsSurelyUtf8(std::string_view text) {
  return IsUtf8(text) && text.find('\x1B') == std::string_view::npos;
}

// A browser that meets a `<meta>` behind the bytes it looked at first begins anew with what it
// says ("change the encoding", 13.2.3.4). We have the whole body, so we look through all of it,
// unless its bytes have shown already what it is.
const Charset* SniffHtml(std::string_view text, std::size_t prescan_bytes) {
  if (const Charset* charset = body::PrescanHtml(text.substr(0, prescan_bytes))) return charset;
  if (text.size() <= prescan_bytes || IsSurelyUtf8(text)) return nullptr;
  return body::PrescanHtml(text);
}

const Charset* SniffInside(std::string_view text, const CharsetHints& hints) {
  switch (hints.kind) {
    case BodyKind::kHtml: return SniffHtml(text, hints.prescan_bytes);
    case BodyKind::kXml: return body::PrescanXml(text.substr(0, hints.prescan_bytes));
    case BodyKind::kText: break;
  }
  return nullptr;
}

bool Decode(std::string_view text, const Charset& charset, body::Utf8Writer& out) {
  switch (charset.family) {
    case Family::kUtf8: body::RepairUtf8(text, out); return true;
    case Family::kSingleByte: return body::DecodeSingleByte(text, charset, out);
    case Family::kGb18030: return body::DecodeGb18030(text, out);
    case Family::kBig5: return body::DecodeBig5(text, out);
    case Family::kEucJp: return body::DecodeEucJp(text, out);
    case Family::kIso2022Jp: return body::DecodeIso2022Jp(text, out);
    case Family::kShiftJis: return body::DecodeShiftJis(text, out);
    case Family::kEucKr: return body::DecodeEucKr(text, out);
    case Family::kUtf16Be: body::DecodeUtf16(text, true, out); return true;
    case Family::kUtf16Le: body::DecodeUtf16(text, false, out); return true;
    case Family::kUserDefined: body::DecodeUserDefined(text, out); return true;
    case Family::kReplacement: break;
  }
  if (!text.empty()) out.PutBroken();  // An encoding in which ASCII hides: nothing is read.
  return true;
}

}  // namespace

std::string_view CharsetOfLabel(std::string_view label) {
  const Charset* const charset = body::FindCharset(label);
  return charset != nullptr ? charset->name : std::string_view();
}

std::string_view SniffCharset(std::string_view text, const CharsetHints& hints) {
  if (const Charset* by_bom = SniffBom(text)) return by_bom->name;
  if (!hints.override_label.empty()) {
    if (const Charset* set = body::FindCharset(hints.override_label)) return set->name;
  }
  if (!hints.content_type.empty()) {
    if (const Charset* sent = body::CharsetOfContentType(hints.content_type)) return sent->name;
  }
  if (const Charset* said = SniffInside(text, hints)) return said->name;
  const Charset* const fallback = body::FindCharset(hints.fallback);
  return fallback != nullptr ? fallback->name : "UTF-8";
}

Result<std::string_view> DecodeText(std::string_view body, std::string_view charset,
                                    std::string* buffer) {
  const Charset* const found = body::FindCharset(charset);
  if (found == nullptr) {
    return Error{Errc::kInvalid, "no encoding is called \"" + RepairUtf8(charset) + "\""};
  }
  const std::string_view text = WithoutBom(body, found->family);
  const bool is_utf8 = found->family == Family::kUtf8
                           ? IsUtf8(text)
                           : found->extends_ascii() && body::AsciiRun(text, 0) == text.size();
  if (is_utf8) return text;
  buffer->clear();
  bool done = false;
  {
    body::Utf8Writer out(buffer);
    done = Decode(text, *found, out);
  }
  if (!done) return Error{Errc::kInternal, "ICU lacks a converter for " + std::string(found->name)};
  return std::string_view(*buffer);
}

Result<> LoadCharsets() {
  const std::string_view missing = body::FindMissingConverter();
  if (missing.empty()) return Ok{};
  return Error{Errc::kInternal, "ICU lacks the converter " + std::string(missing)};
}

}  // namespace thresh
