#include "parser/json/document.h"

#include <bit>

#include "parser/json/repair.h"

namespace thresh::json {
namespace {

using simdjson::dom::element;

// Memory of texts above this is given back when much smaller ones follow.
constexpr std::size_t kKeepBytes = std::size_t{8} << 20;

std::string_view WithoutMark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

}  // namespace

// Room for `size` bytes, in powers of two, so that a slow growth of pages is not one
// allocation each.
simdjson::error_code Document::Reserve(std::size_t size, simdjson::dom::document* into) {
  const std::size_t capacity = std::bit_ceil(size + 64);
  if (parser_.capacity() > kKeepBytes && size < parser_.capacity() / 16) {
    parser_ = simdjson::dom::parser();
  }
  if (parser_.capacity() < size) {
    if (const auto error = parser_.allocate(capacity, limits_.max_depth)) return error;
  }
  return into->capacity() < size ? into->allocate(capacity) : simdjson::SUCCESS;
}

Error Document::ErrorOf(simdjson::error_code code) const {
  switch (code) {
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return {Errc::kTooLarge, "JSON above the limit of " + std::to_string(limits_.max_bytes) +
                                   " bytes, or of memory"};
    case simdjson::DEPTH_ERROR:
      return {Errc::kTooLarge,
              "JSON nested deeper than the limit of " + std::to_string(limits_.max_depth)};
    case simdjson::EMPTY: return {Errc::kInvalid, "expected JSON, found nothing"};
    default: return {Errc::kInvalid, std::string("no JSON: ") + simdjson::error_message(code)};
  }
}

Result<element> Document::Run(std::string_view text, std::size_t readable_behind,
                              simdjson::dom::document* into) {
  if (text.size() > limits_.max_bytes) return ErrorOf(simdjson::CAPACITY);
  if (readable_behind < kPaddingBytes) {
    padded_.assign(text).append(kPaddingBytes, '\0');
    text = std::string_view(padded_).substr(0, text.size());
  }
  if (const auto error = Reserve(text.size(), into)) return ErrorOf(error);
  element root;
  auto error = parser_.parse_into_document(*into, text.data(), text.size(), false).get(root);
  if (error == simdjson::NUMBER_ERROR || error == simdjson::STRING_ERROR) {
    RepairNumbersAndSurrogates(text, &repaired_);
    const std::size_t size = repaired_.size();
    repaired_.append(kPaddingBytes, '\0');
    if (const auto no_room = Reserve(size, into)) return ErrorOf(no_room);
    error = parser_.parse_into_document(*into, repaired_.data(), size, false).get(root);
  }
  if (error) return ErrorOf(error);
  return root;
}

Result<element> Document::Parse(std::string_view text, std::size_t readable_behind) {
  return Run(WithoutMark(text), readable_behind, &parser_.doc);
}

Result<element> Document::ParseOfPage(std::string_view text) {
  return ParseOfPage(text, &parser_.doc);
}

Result<element> Document::ParseOfPage(std::string_view text, simdjson::dom::document* into) {
  Result<element> strict = Run(WithoutMark(text), 0, into);
  if (strict || strict.error().code == Errc::kTooLarge) return strict;
  TidyJsonOfPage(text, &tidied_);
  return Run(tidied_, 0, into);
}

}  // namespace thresh::json
