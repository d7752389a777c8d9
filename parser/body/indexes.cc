#include "parser/body/indexes.h"

#include <array>
#include <initializer_list>
#include <memory>
#include <vector>

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

#include "parser/body/index_patches.h"

namespace thresh::body {
namespace {

constexpr const char* kGb18030Name = "gb18030";
constexpr const char* kBig5Name = "ibm-1375_P100-2008";
constexpr const char* kEucKrName = "windows-949-2000";
constexpr const char* kJis0208Name = "ibm-943_P15A-2003";
constexpr const char* kJis0212Name = "euc-jp-2007";

struct ConverterClose {
  void operator()(UConverter* converter) const noexcept { ucnv_close(converter); }
};

bool IsPrivate(char32_t c) {
  return c >= 0xE000 && c <= 0xF8FF;
}

// Asks one of ICU's converters what bytes stand for.
class Converter {
 public:
  explicit Converter(const char* name) {
    UErrorCode status = U_ZERO_ERROR;
    converter_.reset(ucnv_open(name, &status));
    if (converter_) {
      ucnv_setToUCallBack(converter_.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                          &status);
    }
    ok_ = U_SUCCESS(status) != 0;
  }

  [[nodiscard]] bool ok() const noexcept { return ok_; }

  /// 0 unless it is exactly one code point.
  [[nodiscard]] char32_t Ask(std::initializer_list<std::uint32_t> bytes) {
    char source[4];
    std::int32_t size = 0;
    for (const std::uint32_t b : bytes) source[size++] = static_cast<char>(b);
    UErrorCode status = U_ZERO_ERROR;
    UChar units[4];
    const std::int32_t count = ucnv_toUChars(converter_.get(), units, 4, source, size, &status);
    if (U_FAILURE(status) != 0 || count < 1 || count > 2) return 0;
    if (count == 1) return U16_IS_SURROGATE(units[0]) ? 0 : units[0];
    return U16_IS_LEAD(units[0]) ? static_cast<char32_t>(U16_GET_SUPPLEMENTARY(units[0], units[1]))
                                 : 0;
  }

 private:
  std::unique_ptr<UConverter, ConverterClose> converter_;
  bool ok_ = false;
};

std::span<const Patch> PatchesOf(const Charset& charset) {
  if (charset.name == "ISO-8859-16") return kIso885916;
  if (charset.name == "KOI8-U") return kKoi8U;
  if (charset.name == "windows-874") return kWindows874;
  if (charset.name == "windows-1253") return kWindows1253;
  if (charset.name == "windows-1255") return kWindows1255;
  return {};
}

template <typename Unit, typename PointerOf>
void Apply(std::span<const Patch> patches, PointerOf pointer_of, std::vector<Unit>* index) {
  for (const Patch& patch : patches) {
    for (std::uint32_t i = 0; i < patch.count; ++i) {
      (*index)[pointer_of(patch.from + i)] = static_cast<Unit>(patch.to + i);
    }
  }
}

std::vector<char16_t> LoadSingleByte(const Charset& charset) {
  Converter converter(charset.converter);
  if (!converter.ok()) return {};
  std::vector<char16_t> index(128);
  for (std::uint32_t b = 0; b < 128; ++b) {
    index[b] = static_cast<char16_t>(converter.Ask({b + 0x80}));
  }
  Apply(
      PatchesOf(charset), [](std::uint32_t b) { return b - 0x80; }, &index);
  return index;
}

std::vector<char16_t> LoadGb18030() {
  Converter converter(kGb18030Name);
  if (!converter.ok()) return {};
  std::vector<char16_t> index;
  index.reserve(126 * 190);
  for (std::uint32_t lead = 0x81; lead <= 0xFE; ++lead) {
    for (std::uint32_t trail = 0x40; trail <= 0xFE; ++trail) {
      if (trail != 0x7F) index.push_back(static_cast<char16_t>(converter.Ask({lead, trail})));
    }
  }
  const auto pointer_of = [](std::uint32_t bytes) {
    const std::uint32_t trail = bytes & 0xFF;
    return ((bytes >> 8) - 0x81) * 190 + trail - (trail < 0x7F ? 0x40 : 0x41);
  };
  Apply(kGb18030, pointer_of, &index);
  return index;
}

std::vector<char16_t> LoadGb18030FourByte() {
  constexpr std::uint32_t kPointers = 39420;  // What comes after stands for nothing, or above BMP.
  Converter converter(kGb18030Name);
  if (!converter.ok()) return {};
  std::vector<char16_t> index(kPointers);
  for (std::uint32_t p = 0; p < kPointers; ++p) {
    index[p] = static_cast<char16_t>(converter.Ask(
        {p / 12600 + 0x81, p / 1260 % 10 + 0x30, p / 10 % 126 + 0x81, p % 10 + 0x30}));
  }
  return index;
}

std::vector<char32_t> LoadBig5() {
  Converter converter(kBig5Name);
  if (!converter.ok()) return {};
  std::vector<char32_t> index;
  index.reserve(126 * 157);
  for (std::uint32_t lead = 0x81; lead <= 0xFE; ++lead) {
    for (std::uint32_t trail = 0x40; trail <= 0xFE; ++trail) {
      if (trail == 0x7F) trail = 0xA1;
      const char32_t c = converter.Ask({lead, trail});
      index.push_back(IsPrivate(c) ? 0 : c);
    }
  }
  const auto pointer_of = [](std::uint32_t bytes) {
    const std::uint32_t trail = bytes & 0xFF;
    return ((bytes >> 8) - 0x81) * 157 + trail - (trail < 0x7F ? 0x40 : 0x62);
  };
  Apply(kBig5, pointer_of, &index);
  return index;
}

std::vector<char16_t> LoadEucKr() {
  Converter converter(kEucKrName);
  if (!converter.ok()) return {};
  std::vector<char16_t> index;
  index.reserve(126 * 190);
  for (std::uint32_t lead = 0x81; lead <= 0xFE; ++lead) {
    for (std::uint32_t trail = 0x41; trail <= 0xFE; ++trail) {
      const char32_t c = converter.Ask({lead, trail});
      index.push_back(static_cast<char16_t>(IsPrivate(c) ? 0 : c));
    }
  }
  return index;
}

// By the pairs of Shift_JIS: they reach the rows above 94 too.
std::vector<char16_t> LoadJis0208() {
  Converter converter(kJis0208Name);
  if (!converter.ok()) return {};
  std::vector<char16_t> index;
  index.reserve(60 * 188);
  for (std::uint32_t lead = 0x81; lead <= 0xFC; ++lead) {
    if (lead == 0xA0) lead = 0xE0;
    for (std::uint32_t trail = 0x40; trail <= 0xFC; ++trail) {
      if (trail == 0x7F) continue;
      const char32_t c = converter.Ask({lead, trail});
      index.push_back(static_cast<char16_t>(IsPrivate(c) ? 0 : c));
    }
  }
  return index;
}

std::vector<char16_t> LoadJis0212() {
  constexpr std::uint32_t kVendorRow = 0xF3;  // The standard has JIS X 0212 alone.
  Converter converter(kJis0212Name);
  if (!converter.ok()) return {};
  std::vector<char16_t> index(94 * 94);
  for (std::uint32_t lead = 0xA1; lead <= 0xFE; ++lead) {
    if (lead == kVendorRow) continue;
    for (std::uint32_t trail = 0xA1; trail <= 0xFE; ++trail) {
      index[(lead - 0xA1) * 94 + trail - 0xA1] =
          static_cast<char16_t>(converter.Ask({0x8F, lead, trail}));
    }
  }
  return index;
}

}  // namespace

std::string_view FindMissingConverter() {
  for (const char* const name : {kGb18030Name, kBig5Name, kEucKrName, kJis0208Name, kJis0212Name}) {
    if (!Converter(name).ok()) return name;
  }
  for (const Charset& charset : AllCharsets()) {
    if (charset.converter != nullptr && !Converter(charset.converter).ok())
      return charset.converter;
  }
  return {};
}

std::span<const char16_t> SingleByteIndex(const Charset& charset) {
  static std::array<std::vector<char16_t>, 64> indexes;
  std::vector<char16_t>& index = indexes[static_cast<std::size_t>(&charset - AllCharsets().data())];
  if (index.empty()) index = LoadSingleByte(charset);
  return index;
}

std::span<const char16_t> Gb18030Index() {
  static const auto kIndex = LoadGb18030();
  return kIndex;
}
std::span<const char16_t> Gb18030FourByteIndex() {
  static const auto kIndex = LoadGb18030FourByte();
  return kIndex;
}
std::span<const char32_t> Big5Index() {
  static const auto kIndex = LoadBig5();
  return kIndex;
}
std::span<const char16_t> EucKrIndex() {
  static const auto kIndex = LoadEucKr();
  return kIndex;
}
std::span<const char16_t> Jis0208Index() {
  static const auto kIndex = LoadJis0208();
  return kIndex;
}
std::span<const char16_t> Jis0212Index() {
  static const auto kIndex = LoadJis0212();
  return kIndex;
}

}  // namespace thresh::body
