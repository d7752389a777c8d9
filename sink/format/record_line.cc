#include "sink/format/record_line.h"

#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

#include "lib/base/time.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxDepth = 64;

// Writes JSON as msgpack's parser walks the bytes; the outermost map stays open, so that
// the page's keys can follow.
class JsonVisitor : public msgpack::null_visitor {
 public:
  JsonVisitor(LineBuffer* out, FillCounts* fills) : out_(*out), fills_(fills) {}

  bool visit_nil() {
    CountField(false);
    return Scalar([&] { out_.Append("null"); });
  }
  bool visit_boolean(bool v) {
    CountField(true);
    return Scalar([&] { out_.Append(v ? "true" : "false"); });
  }
  bool visit_positive_integer(std::uint64_t v) {
    CountField(true);
    return Scalar([&] { out_.AppendInteger(v); });
  }
  bool visit_negative_integer(std::int64_t v) {
    CountField(true);
    return Scalar([&] { out_.AppendInteger(v); });
  }
  bool visit_float32(float v) {
    CountField(true);
    return Scalar([&] { out_.AppendJsonNumber(v); });
  }
  bool visit_float64(double v) {
    CountField(true);
    return Scalar([&] { out_.AppendJsonNumber(v); });
  }
  bool visit_str(const char* text, std::uint32_t size) {
    const std::string_view view(text, size);
    if (in_key_ && depth_ == 1) {
      if (view.starts_with('_')) return Fail("a key that begins with _");
      ++keys_;
      key_ = view;
    }
    CountField(true);
    if (!in_key_ && depth_ == 0) return Fail("a string where a map was expected");
    out_.AppendJsonString(view);
    return true;
  }
  bool visit_bin(const char*, std::uint32_t) { return Fail("binary data"); }
  bool visit_ext(const char*, std::uint32_t) { return Fail("an extension"); }

  bool start_array(std::uint32_t size) {
    if (depth_ == 0) return Fail("an array where a map was expected");
    CountField(size > 0);
    return Open('[');
  }
  bool end_array_item() { return Comma(); }
  bool end_array() { return Close(']'); }
  bool start_map(std::uint32_t) {
    CountField(true);
    return Open('{');
  }
  bool start_map_key() {
    in_key_ = true;
    return true;
  }
  bool end_map_key() {
    in_key_ = false;
    out_.Push(':');
    return true;
  }
  bool end_map_value() { return Comma(); }
  bool end_map() {
    if (depth_ > 1) return Close('}');
    --depth_;
    DropComma();
    return true;
  }
  void parse_error(std::size_t, std::size_t) { fault_ = "no MessagePack"; }
  void insufficient_bytes(std::size_t, std::size_t) { fault_ = "cut off"; }

  [[nodiscard]] const char* fault() const noexcept { return fault_; }
  [[nodiscard]] bool has_keys() const noexcept { return keys_ > 0; }

 private:
  template <typename Write>
  bool Scalar(Write write) {
    if (in_key_) return Fail("a key that is no string");
    if (depth_ == 0) return Fail("a value where a map was expected");
    write();
    return true;
  }
  // At the beginning of each value; those inside another value are part of it.
  void CountField(bool filled) {
    if (fills_ != nullptr && depth_ == 1 && !in_key_) fills_->AddField(key_, filled);
  }
  bool Open(char bracket) {
    if (in_key_) return Fail("a key that is no string");
    if (++depth_ > kMaxDepth) return Fail("nesting over 64 deep");
    out_.Push(bracket);
    return true;
  }
  bool Close(char bracket) {
    --depth_;
    DropComma();
    out_.Push(bracket);
    return true;
  }
  bool Comma() {
    out_.Push(',');
    return true;
  }
  void DropComma() {
    if (out_.back() == ',') out_.Truncate(out_.size() - 1);
  }
  bool Fail(const char* what) {
    fault_ = what;
    return false;
  }

  LineBuffer& out_;
  FillCounts* const fills_;
  std::string_view key_;  // Of the field under way.
  std::size_t depth_ = 0;
  std::size_t keys_ = 0;
  bool in_key_ = false;
  const char* fault_ = nullptr;
};

template <typename Integer>
void PutLittleEndian(Integer value, char* out) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    out[i] = static_cast<char>(value >> (8 * i) & 0xff);
}

// What RecordId() is the digest of; the row stands at RowOffset().
std::string IdBytes(const PageIdentity& page, std::string_view item, std::uint32_t row) {
  std::string row_bytes(sizeof row, '\0');
  PutLittleEndian(row, row_bytes.data());
  if (!page.dont_filter) return JoinParts({page.fingerprint.View(), item, row_bytes});
  std::string task(sizeof page.task_id, '\0');
  PutLittleEndian(page.task_id, task.data());
  return JoinParts({page.fingerprint.View(), item, row_bytes, task});
}

constexpr std::size_t RowOffset(std::string_view item) {
  constexpr std::size_t kCountBytes = 4;
  return kCountBytes + sizeof(Hash128::bytes) + kCountBytes + item.size() + kCountBytes;
}

}  // namespace

Hash128 RecordId(const PageIdentity& page, std::string_view item, std::uint32_t row) {
  return HashBytes(IdBytes(page, item, row));
}

RecordLines::RecordLines(const PageIdentity& page, std::string_view item, bool name_item,
                         FillCounts* fills)
    : item_(item), fills_(fills), id_bytes_(IdBytes(page, item, 0)) {
  std::string& out = behind_id_;
  out.reserve(160 + page.url.size() + page.root.size() + page.meta.size() + item.size());
  out += "\",\"_url\":";
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
                                     LineBuffer* out) try {
  const std::size_t begin = out->size();
  JsonVisitor visitor(out, lines.fills());
  if (lines.fills() != nullptr) lines.fills()->BeginRecord();
  const bool whole = msgpack::parse(records.data(), records.size(), offset, visitor);
  if (!whole || visitor.fault() != nullptr) {
    out->Truncate(begin);
    const char* fault = visitor.fault() != nullptr ? visitor.fault() : "cut off";
    return Error{Errc::kInvalid, "row " + std::to_string(row) + " of " + lines.item() +
                                     ": expected a MessagePack map, found " + fault};
  }
  if (visitor.has_keys()) out->Push(',');
  lines.AppendPageKeys(row, out);
  return offset;
} catch (const std::exception& e) {  // msgpack throws on sizes it cannot hold.
  return Error{Errc::kInvalid, std::string("cannot read a record: ") + e.what()};
}

}  // namespace thresh
