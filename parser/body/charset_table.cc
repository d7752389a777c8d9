#include "parser/body/charset_table.h"

#include <algorithm>

#include "parser/body/ascii.h"

namespace thresh::body {
namespace {

constexpr auto kSingle = Family::kSingleByte;

// The commonest first; within the rest, the standard's order.
constexpr Charset kCharsets[] = {
    {"UTF-8", Family::kUtf8, nullptr,
     "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8"},
    {"windows-1252", kSingle, "ibm-5348_P100-1997",
     "iso-8859-1 windows-1252 latin1 us-ascii ascii ansi_x3.4-1968 cp1252 cp819 csisolatin1 ibm819 "
     "iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 x-cp1252"},
    {"IBM866", kSingle, "ibm-866_P100-1995", "866 cp866 csibm866 ibm866"},
    {"ISO-8859-2", kSingle, "ibm-912_P100-1995",
     "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2"},
    {"ISO-8859-3", kSingle, "ibm-913_P100-2000",
     "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3"},
    {"ISO-8859-4", kSingle, "ibm-914_P100-1995",
     "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4"},
    {"ISO-8859-5", kSingle, "ibm-915_P100-1995",
     "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 "
     "iso_8859-5:1988"},
    {"ISO-8859-6", kSingle, "ibm-1089_P100-1995",
     "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
     "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"},
    {"ISO-8859-7", kSingle, "ibm-9005_X110-2007",
     "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 "
     "iso_8859-7 iso_8859-7:1987 sun_eu_greek"},
    {"ISO-8859-8", kSingle, "ibm-5012_P100-1999",
     "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 "
     "iso_8859-8 iso_8859-8:1988 visual"},
    {"ISO-8859-8-I", kSingle, "ibm-5012_P100-1999", "csiso88598i iso-8859-8-i logical"},
    {"ISO-8859-10", kSingle, "iso-8859_10-1998",
     "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"},
    {"ISO-8859-13", kSingle, "ibm-921_P100-1995", "iso-8859-13 iso8859-13 iso885913"},
    {"ISO-8859-14", kSingle, "iso-8859_14-1998", "iso-8859-14 iso8859-14 iso885914"},
    {"ISO-8859-15", kSingle, "ibm-923_P100-1998",
     "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"},
    {"ISO-8859-16", kSingle, "ISO-8859-1", "iso-8859-16"},  // ICU has it not: index_patches.h.
    {"KOI8-R", kSingle, "ibm-878_P100-1996", "cskoi8r koi koi8 koi8-r koi8_r"},
    {"KOI8-U", kSingle, "ibm-1168_P100-2002", "koi8-ru koi8-u"},
    {"macintosh", kSingle, "macos-0_2-10.2", "csmacintosh mac macintosh x-mac-roman"},
    {"windows-874", kSingle, "windows-874-2000",
     "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"},
    {"windows-1250", kSingle, "ibm-5346_P100-1998", "cp1250 windows-1250 x-cp1250"},
    {"windows-1251", kSingle, "ibm-5347_P100-1998", "cp1251 windows-1251 x-cp1251"},
    {"windows-1253", kSingle, "ibm-5349_P100-1998", "cp1253 windows-1253 x-cp1253"},
    {"windows-1254", kSingle, "ibm-5350_P100-1998",
     "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 "
     "latin5 windows-1254 x-cp1254"},
    {"windows-1255", kSingle, "ibm-9447_P100-2002", "cp1255 windows-1255 x-cp1255"},
    {"windows-1256", kSingle, "ibm-9448_X100-2005", "cp1256 windows-1256 x-cp1256"},
    {"windows-1257", kSingle, "ibm-9449_P100-2002", "cp1257 windows-1257 x-cp1257"},
    {"windows-1258", kSingle, "ibm-5354_P100-1998", "cp1258 windows-1258 x-cp1258"},
    {"x-mac-cyrillic", kSingle, "macos-7_3-10.2", "x-mac-cyrillic x-mac-ukrainian"},
    {"GBK", Family::kGb18030, nullptr,
     "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk"},
    {"gb18030", Family::kGb18030, nullptr, "gb18030"},
    {"Big5", Family::kBig5, nullptr, "big5 big5-hkscs cn-big5 csbig5 x-x-big5"},
    {"EUC-JP", Family::kEucJp, nullptr, "cseucpkdfmtjapanese euc-jp x-euc-jp"},
    {"ISO-2022-JP", Family::kIso2022Jp, nullptr, "csiso2022jp iso-2022-jp"},
    {"Shift_JIS", Family::kShiftJis, nullptr,
     "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"},
    {"EUC-KR", Family::kEucKr, nullptr,
     "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 "
     "ksc_5601 "
     "windows-949"},
    {"replacement", Family::kReplacement, nullptr,
     "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement"},
    {"UTF-16BE", Family::kUtf16Be, nullptr, "unicodefffe utf-16be"},
    {"UTF-16LE", Family::kUtf16Le, nullptr,
     "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"},
    {"x-user-defined", Family::kUserDefined, nullptr, "x-user-defined"},
};

bool HasLabel(std::string_view labels, std::string_view wanted) {
  while (!labels.empty()) {
    const std::size_t end = std::min(labels.find(' '), labels.size());
    if (end == wanted.size() && EqualsIgnoreCase(labels.substr(0, end), wanted)) return true;
    labels.remove_prefix(std::min(end + 1, labels.size()));
  }
  return false;
}

}  // namespace

std::span<const Charset> AllCharsets() {
  return kCharsets;
}

const Charset* FindCharset(std::string_view label) {
  label = Trim(label);
  for (const Charset& charset : kCharsets) {
    if (HasLabel(charset.labels, label)) return &charset;
  }
  return nullptr;
}

}  // namespace thresh::body
