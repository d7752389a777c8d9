#include "sink/format/record_line.h"

#include "lib/base/time.h"
#include "lib/text/json.h"
#include "sink/format/record_fields.h"

namespace thresh {
namespace {

template <typename Integer>
void PutLittleEndian(Integer value, char* out) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    out[i] = static_cast<char>(value >> (8 * i) & 0xff);
}

template <typename Integer>
void AppendLittleEndian(Integer value, std::string* out) {
  out->resize(out->size() + sizeof value);
  PutLittleEndian(value, out->data() + out->size() - sizeof value);
}

// As JoinParts() has them.
void AppendPart(std::string_view part, std::string* out) {
  AppendLittleEndian(static_cast<std::uint32_t>(part.size()), out);
  out->append(part);
}
template <typename Integer>
void AppendIntegerPart(Integer value, std::string* out) {
  AppendLittleEndian(static_cast<std::uint32_t>(sizeof value), out);
  AppendLittleEndian(value, out);
}

// What RecordId() is the digest of; the row stands at RowOffset().
void PutIdBytes(const PageIdentity& page, std::string_view item, std::uint32_t row,
                std::string* out) {
  out->clear();
  AppendPart(page.fingerprint.View(), out);
  AppendPart(item, out);
  AppendIntegerPart(row, out);
  if (page.dont_filter) AppendIntegerPart(page.task_id, out);
}

constexpr std::size_t RowOffset(std::string_view item) {
  constexpr std::size_t kCountBytes = 4;
  return kCountBytes + sizeof(Hash128::bytes) + kCountBytes + item.size() + kCountBytes;
}

}  // namespace

Hash128 RecordId(const PageIdentity& page, std::string_view item, std::uint32_t row) {
  std::string bytes;
  PutIdBytes(page, item, row, &bytes);
  return HashBytes(bytes);
}

void RecordLines::Begin(const PageIdentity& page, std::string_view item, bool name_item,
                        FillCounts* fills) {
  item_ = item;
  fills_ = fills;
  PutIdBytes(page, item, 0, &id_bytes_);
  std::string& out = behind_id_;
  out = "\",\"_url\":";
  AppendJsonString(page.url, &out);
  out += ",\"_root\":";
  AppendJsonString(page.root, &out);
  out += ",\"_n\":" + std::to_string(page.n);
  out += ",\"_fetched_at\":\"" + FormatUtc(page.fetched_at_ms) + '"';
  if (!page.meta.empty()) out.append(",\"_meta\":").append(page.meta);
  if (name_item) {
    out += ",\"_item\":";
    AppendJsonString(item, &out);
  }
  out += "}\n";
}

void RecordLines::AppendPageKeys(std::uint32_t row, LineBuffer* out) {
  PutLittleEndian(row, id_bytes_.data() + RowOffset(item_));
  out->Append("\"_id\":\"");
  out->AppendHex(HashBytes(id_bytes_));
  out->Append(behind_id_);
}

Result<std::size_t> AppendRecordLine(RecordLines& lines, std::uint32_t row,
                                     std::string_view records, std::size_t offset,
                                     LineBuffer* out) {
  const std::size_t begin = out->size();
  const FieldsRead read = AppendFields(records, offset, lines.fills(), out);
  if (read.fault != nullptr) {
    out->Truncate(begin);
    return Error{Errc::kInvalid, "row " + std::to_string(row) + " of " + lines.item() +
                                     ": expected a MessagePack map, found " + read.fault};
  }
  lines.AppendPageKeys(row, out);
  return read.end;
}

}  // namespace thresh
