#include "fetcher/politeness/host_record.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace thresh {
namespace {

constexpr char kVersion = '\x01';

void AppendText(std::string_view text, std::string* out) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (const int shift : {0, 8, 16, 24}) out->push_back(static_cast<char>(size >> shift & 0xFF));
  out->append(text);
}

std::optional<std::string_view> TakeText(std::string_view* bytes) {
  if (bytes->size() < 4) return std::nullopt;
  std::size_t size = 0;
  for (const int i : {3, 2, 1, 0}) {
    size = size << 8 | static_cast<unsigned char>((*bytes)[static_cast<std::size_t>(i)]);
  }
  bytes->remove_prefix(4);
  if (size > bytes->size()) return std::nullopt;
  const std::string_view text = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return text;
}

}  // namespace

std::string EncodeHostRecord(const HostRecord& record) {
  std::string bytes;
  for (const auto& [name, value] : record) {
    if (value.empty()) continue;
    if (bytes.empty()) bytes.push_back(kVersion);
    AppendText(name, &bytes);
    AppendText(value, &bytes);
  }
  return bytes;
}

HostRecord DecodeHostRecord(std::string_view bytes) {
  HostRecord record;
  if (bytes.empty() || bytes.front() != kVersion) return record;
  bytes.remove_prefix(1);
  while (!bytes.empty()) {
    const auto name = TakeText(&bytes);
    const auto value = name ? TakeText(&bytes) : std::nullopt;
    if (!value) return record;
    record.emplace_back(*name, *value);
  }
  return record;
}

}  // namespace thresh
