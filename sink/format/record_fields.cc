#include "sink/format/record_fields.h"

#include <endian.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <exception>

#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

namespace thresh {
namespace {

constexpr std::size_t kMaxDepth = 64;

// Tags of MessagePack that are read here; those of small numbers, maps, arrays and texts hold the
// number or the size.
enum Tag : std::uint8_t {
  kFixMap = 0x80,
  kFixArray = 0x90,
  kFixText = 0xA0,
  kNil = 0xC0,
  kFalse = 0xC2,
  kTrue = 0xC3,
  kDouble = 0xCB,
  kUnsigned8 = 0xCC,
  kSigned8 = 0xD0,
  kSigned64 = 0xD3,
  kText8 = 0xD9,
  kText32 = 0xDB,
  kArray16 = 0xDC,
  kArray32 = 0xDD,
  kMap16 = 0xDE,
  kMap32 = 0xDF,
  kNegative = 0xE0
};

// What stands where a value is read.
enum Place { kRecord, kKey, kValue };

constexpr const char* kCutOff = "cut off";

constexpr bool IsText(std::uint8_t tag) {
  return (tag >= kFixText && tag < kNil) || (tag >= kText8 && tag <= kText32);
}

// Writes what the library's reader finds: nested values, rare ones, and what should not be there.
class JsonVisitor : public msgpack::null_visitor {
 public:
  JsonVisitor(Place place, LineBuffer* out)
      : out_(*out), is_record_(place == kRecord), in_key_(place == kKey) {}

  bool visit_nil() {
    return Scalar([&] { out_.Append("null"); });
  }
  bool visit_boolean(bool v) {
    return Scalar([&] { out_.Append(v ? "true" : "false"); });
  }
  bool visit_positive_integer(std::uint64_t v) {
    return Scalar([&] { out_.AppendInteger(v); });
  }
  bool visit_negative_integer(std::int64_t v) {
    return Scalar([&] { out_.AppendInteger(v); });
  }
  bool visit_float32(float v) { return visit_float64(v); }
  bool visit_float64(double v) {
    return Scalar([&] { out_.AppendJsonNumber(v); });
  }
  bool visit_str(const char* text, std::uint32_t size) {
    if (is_record_) return Fail("a string where a map was expected");
    out_.AppendJsonString({text, size});
    return true;
  }
  bool visit_bin(const char*, std::uint32_t) { return Fail("binary data"); }
  bool visit_ext(const char*, std::uint32_t) { return Fail("an extension"); }

  bool start_array(std::uint32_t) {
    if (is_record_) return Fail("an array where a map was expected");
    return Open('[');
  }
  bool end_array_item() { return Comma(); }
  bool end_array() { return Close(']'); }
  bool start_map(std::uint32_t) { return Open('{'); }
  bool start_map_key() { return in_key_ = true; }
  bool end_map_key() {
    in_key_ = false;
    out_.Push(':');
    return true;
  }
  bool end_map_value() { return Comma(); }
  bool end_map() { return Close('}'); }
  void parse_error(std::size_t, std::size_t) { fault_ = "no MessagePack"; }
  void insufficient_bytes(std::size_t, std::size_t) { fault_ = kCutOff; }

  [[nodiscard]] const char* fault() const noexcept { return fault_; }

 private:
  template <typename Write>
  bool Scalar(Write write) {
    if (in_key_) return Fail("a key that is no string");
    if (is_record_) return Fail("a value where a map was expected");
    write();
    return true;
  }
  bool Open(char bracket) {
    if (in_key_) return Fail("a key that is no string");
    if (++depth_ > kMaxDepth) return Fail("nesting over 64 deep");
    out_.Push(bracket);
    return true;
  }
  bool Close(char bracket) {
    --depth_;
    if (out_.back() == ',') out_.Truncate(out_.size() - 1);
    out_.Push(bracket);
    return true;
  }
  bool Comma() {
    out_.Push(',');
    return true;
  }
  bool Fail(const char* what) {
    fault_ = what;
    return false;
  }

  LineBuffer& out_;
  const bool is_record_;
  bool in_key_;
  std::size_t depth_ = 1;  // The record.
  const char* fault_ = nullptr;
};

// Writes JSON while it walks the bytes: fields with expected names and plain values by itself, for
// they are nearly all, and the rest by the library. A method that returns false has met a fault.
class FieldWriter {
 public:
  FieldWriter(std::string_view rest, FillCounts* fills, LineBuffer* out)
      : at_(rest.data()), end_(at_ + rest.size()), fills_(*fills), out_(*out) {}

  bool Record() {
    if (at_ == end_) return Fail(kCutOff);
    const auto tag = static_cast<std::uint8_t>(*at_);
    if ((tag & 0xF0) != kFixMap && tag != kMap16 && tag != kMap32) return Other(kRecord);
    ++at_;
    std::uint64_t count = tag & 15;
    if (tag >= kMap16 && !Bits(std::size_t{2} << (tag - kMap16), &count)) return false;
    fills_.BeginRecord();
    out_.Push('{');
    for (; count > 0; --count) {
      FillCounts::Field* field = nullptr;
      if (!FieldKey(&field)) return false;
      if (field != nullptr) FillCounts::Count(*field, !IsNothing());
      if (!Value()) return false;
      out_.Push(',');
    }
    return true;
  }

  [[nodiscard]] const char* at() const noexcept { return at_; }
  [[nodiscard]] const char* fault() const noexcept { return fault_; }

 private:
  // `field`: stays null if it is past the limits of what is counted.
  bool FieldKey(FillCounts::Field** field) {
    const std::string_view rest(at_, Left());
    *field = fills_.TakeExpected(rest);
    if (*field != nullptr) {
      at_ += (*field)->packed().size();
      if ((*field)->key_bytes() == 0) return PutKey((*field)->name());
      out_.AppendOf((*field)->key(), (*field)->key_bytes());
      return true;
    }
    std::string_view name;
    if (!KeyText(&name)) return false;
    if (name.starts_with('_')) return Fail("a key that begins with _");
    *field = fills_.Take(rest.substr(0, rest.size() - Left()), name.size());
    return PutKey(name);
  }

  bool PutKey(std::string_view name) {
    out_.AppendJsonString(name);
    out_.Push(':');
    return true;
  }

  bool KeyText(std::string_view* name) {
    if (at_ == end_) return Fail(kCutOff);
    const auto tag = static_cast<std::uint8_t>(*at_);
    if (!IsText(tag)) return Other(kKey);
    ++at_;
    return Text(tag, name);
  }

  // Whether nil or an empty array comes next.
  [[nodiscard]] bool IsNothing() const noexcept {
    if (at_ == end_) return false;
    const auto tag = static_cast<std::uint8_t>(*at_);
    if (tag != kArray16 && tag != kArray32) return tag == kNil || tag == kFixArray;
    const std::size_t bytes = tag == kArray16 ? 2 : 4;
    return std::string_view(at_ + 1, Left() - 1).starts_with(std::string_view("\0\0\0\0", bytes));
  }

  bool Value() {
    if (at_ == end_) return Fail(kCutOff);
    const auto tag = static_cast<std::uint8_t>(*at_);
    if (IsText(tag)) {
      ++at_;
      std::string_view text;
      if (!Text(tag, &text)) return false;
      out_.AppendJsonString(text);
      return true;
    }
    if (tag < kFixMap || tag >= kNegative) return Integer(static_cast<std::int8_t>(tag), 1);
    std::uint64_t bits = 0;
    switch (tag) {
      case kNil: return Word("null");
      case kFalse: return Word("false");
      case kTrue: return Word("true");
      case kDouble:
        ++at_;
        if (!Bits(8, &bits)) return false;
        out_.AppendJsonNumber(std::bit_cast<double>(bits));
        return true;
      default: break;
    }
    if (tag >= kUnsigned8 && tag <= kSigned64) return Sized(tag);
    return Other(kValue);
  }

  // An integer of 1, 2, 4 or 8 bytes.
  bool Sized(std::uint8_t tag) {
    const bool is_signed = tag >= kSigned8;
    const std::size_t bytes = std::size_t{1} << (tag - (is_signed ? kSigned8 : kUnsigned8));
    ++at_;
    std::uint64_t bits = 0;
    if (!Bits(bytes, &bits)) return false;
    if (!is_signed) return Integer(bits, 0);
    const std::size_t above = 64 - 8 * bytes;
    return Integer(static_cast<std::int64_t>(bits << above) >> above, 0);
  }
  template <typename Number>
  bool Integer(Number value, std::size_t bytes) {
    at_ += bytes;
    if constexpr (sizeof value < sizeof(int)) {
      out_.AppendInteger(static_cast<int>(value));
    } else {
      out_.AppendInteger(value);
    }
    return true;
  }
  bool Word(std::string_view word) {
    ++at_;
    out_.Append(word);
    return true;
  }

  // Read by the library.
  bool Other(Place place) try {
    JsonVisitor visitor(place, &out_);
    std::size_t bytes = 0;
    const bool whole = msgpack::parse(at_, Left(), bytes, visitor);
    at_ += bytes;
    if (whole && visitor.fault() == nullptr) return true;
    return Fail(visitor.fault() != nullptr ? visitor.fault() : kCutOff);
  } catch (const std::exception&) {  // msgpack throws on sizes it cannot hold.
    return Fail("sizes that cannot be held");
  }

  // A big-endian number of 1 to 8 bytes.
  bool Bits(std::size_t bytes, std::uint64_t* value) {
    if (bytes > Left()) return Fail(kCutOff);
    std::uint64_t bits = 0;
    std::memcpy(&bits, at_, std::min(Left(), sizeof bits));
    *value = be64toh(bits) >> (8 * (sizeof bits - bytes));
    at_ += bytes;
    return true;
  }
  bool Text(std::uint8_t tag, std::string_view* text) {
    std::uint64_t bytes = tag & 31;
    if (tag >= kText8 && !Bits(std::size_t{1} << (tag - kText8), &bytes)) return false;
    if (bytes > Left()) return Fail(kCutOff);
    *text = {at_, static_cast<std::size_t>(bytes)};
    at_ += bytes;
    return true;
  }

  [[nodiscard]] std::size_t Left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  bool Fail(const char* what) {
    fault_ = what;
    return false;
  }

  const char* at_;
  const char* const end_;
  FillCounts& fills_;
  LineBuffer& out_;
  const char* fault_ = nullptr;
};

}  // namespace

FieldsRead AppendFields(std::string_view records, std::size_t offset, FillCounts* fills,
                        LineBuffer* out) {
  FieldWriter writer(records.substr(offset), fills, out);
  writer.Record();
  return {static_cast<std::size_t>(writer.at() - records.data()), writer.fault()};
}

}  // namespace thresh
