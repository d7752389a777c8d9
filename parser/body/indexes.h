#pragma once

// The indexes of the Encoding standard (section 5): which code point each pointer of a legacy
// encoding stands for. ICU's converters are asked once for each entry, and corrected where they
// differ (index_patches.h); after that ICU is not needed any more.
//
// Each table is made when first asked for, and kept. 0 is "no code point". An empty table: ICU
// lacks a converter, so its installation is broken.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parser/body/charset_table.h"

namespace thresh::body {

/// Has ICU read the data of every converter that the tables are made of; it keeps them, so that no
/// file is opened afterwards. The name of the first that it lacks; empty: none.
[[nodiscard]] std::string_view FindMissingConverter();

/// 128 code points, for the bytes from 0x80 on. REQUIRES: charset.family == kSingleByte.
[[nodiscard]] std::span<const char16_t> SingleByteIndex(const Charset& charset);

/// By (lead - 0x81) * 190 + trail's place.
[[nodiscard]] std::span<const char16_t> Gb18030Index();
/// The code points of the Basic Multilingual Plane that have four bytes, by pointer.
[[nodiscard]] std::span<const char16_t> Gb18030FourByteIndex();
/// By (lead - 0x81) * 157 + trail's place.
[[nodiscard]] std::span<const char32_t> Big5Index();
/// By (lead - 0x81) * 190 + trail - 0x41.
[[nodiscard]] std::span<const char16_t> EucKrIndex();
/// By row * 94 + cell.
[[nodiscard]] std::span<const char16_t> Jis0208Index();
[[nodiscard]] std::span<const char16_t> Jis0212Index();

}  // namespace thresh::body
