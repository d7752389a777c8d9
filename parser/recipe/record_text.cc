#include "parser/recipe/record_text.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <variant>

#include "lib/text/json.h"
#include "parser/json/write.h"

namespace thresh {
namespace {

// Walks MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md).
class PackedReader {
 public:
  PackedReader(std::string_view packed, std::size_t at, std::string* out)
      : packed_(packed), at_(at), out_(*out) {}

  void Value() {
    if (at_ >= packed_.size()) return;
    const std::uint64_t tag = Bytes(1);
    if (tag < 0x80) {
      out_ += std::to_string(tag);
    } else if (tag >= 0xE0) {
      out_ += std::to_string(static_cast<std::int64_t>(tag) - 256);
    } else if (tag < 0x90) {
      Map(tag & 15);
    } else if (tag < 0xA0) {
      Array(tag & 15);
    } else if (tag < 0xC0) {
      AppendJsonString(Text(tag & 31), &out_);
    } else {
      Tagged(tag);
    }
  }

  /// The string here, if there is one.
  std::optional<std::string_view> TextHere() {
    const std::uint64_t tag = at_ < packed_.size() ? static_cast<unsigned char>(packed_[at_]) : 0;
    if (tag >= 0xA0 && tag < 0xC0) {
      ++at_;
      return Text(tag & 31);
    }
    if (tag < 0xD9 || tag > 0xDB) return std::nullopt;
    ++at_;
    return Text(Bytes(std::size_t{1} << (tag - 0xD9)));
  }

  std::optional<double> DoubleHere() {
    if (at_ >= packed_.size() || static_cast<unsigned char>(packed_[at_]) != 0xCB) {
      return std::nullopt;
    }
    ++at_;
    return std::bit_cast<double>(Bytes(8));
  }

  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::uint64_t Bytes(std::size_t count) {
    std::uint64_t value = 0;
    for (; count > 0 && at_ < packed_.size(); --count) {
      value = value << 8 | static_cast<unsigned char>(packed_[at_++]);
    }
    return value;
  }
  std::string_view Text(std::size_t size) {
    const std::string_view text = packed_.substr(at_, size);
    at_ += text.size();
    return text;
  }
  void Map(std::uint64_t count) {
    out_ += '{';
    for (std::uint64_t i = 0; i < count && at_ < packed_.size(); ++i) {
      if (i > 0) out_ += ',';
      Value();
      out_ += ':';
      Value();
    }
    out_ += '}';
  }
  void Array(std::uint64_t count) {
    out_ += '[';
    for (std::uint64_t i = 0; i < count && at_ < packed_.size(); ++i) {
      if (i > 0) out_ += ',';
      Value();
    }
    out_ += ']';
  }
  void Tagged(std::uint64_t tag) {
    const auto size = [this](std::uint64_t power) { return Bytes(std::size_t{1} << power); };
    switch (tag) {
      case 0xC2: out_ += "false"; break;
      case 0xC3: out_ += "true"; break;
      case 0xCB: AppendJsonNumber(std::bit_cast<double>(Bytes(8)), &out_); break;
      case 0xCC:
      case 0xCD:
      case 0xCE:
      case 0xCF: out_ += std::to_string(size(tag - 0xCC)); break;
      case 0xD0: out_ += std::to_string(static_cast<std::int8_t>(Bytes(1))); break;
      case 0xD1: out_ += std::to_string(static_cast<std::int16_t>(Bytes(2))); break;
      case 0xD2: out_ += std::to_string(static_cast<std::int32_t>(Bytes(4))); break;
      case 0xD3: out_ += std::to_string(static_cast<std::int64_t>(Bytes(8))); break;
      case 0xD9:
      case 0xDA:
      case 0xDB: AppendJsonString(Text(size(tag - 0xD9)), &out_); break;
      case 0xDC:
      case 0xDD: Array(size(tag - 0xDC + 1)); break;
      case 0xDE:
      case 0xDF: Map(size(tag - 0xDE + 1)); break;
      default: out_ += "null"; break;
    }
  }

  std::string_view packed_;
  std::size_t at_;
  std::string& out_;
};

}  // namespace

void AppendPacked(std::string_view text, std::string* out) {
  json::AppendMsgpackText(text, out);
}

void AppendPackedScalar(const Scalar& value, std::string* out) {
  struct Visitor {
    std::string* out;
    void operator()(const std::string& v) const { json::AppendMsgpackText(v, out); }
    void operator()(std::int64_t v) const { json::AppendMsgpackInteger(v, out); }
    void operator()(double v) const { json::AppendMsgpackDouble(v, out); }
    void operator()(bool v) const { json::AppendMsgpackBool(v, out); }
  };
  std::visit(Visitor{out}, value);
}

std::size_t AppendPackedAsJson(std::string_view packed, std::size_t at, std::string* out) {
  PackedReader reader(packed, at, out);
  reader.Value();
  return reader.at();
}

std::size_t AppendPackedAsText(std::string_view packed, std::size_t at, std::string* out) {
  PackedReader reader(packed, at, out);
  if (const auto text = reader.TextHere()) {
    out->append(*text);
  } else if (const auto number = reader.DoubleHere()) {
    AppendPlainNumber(*number, out);
  } else {
    reader.Value();
  }
  return reader.at();
}

std::optional<double> PackedDouble(std::string_view packed, std::size_t at) {
  std::string unused;
  return PackedReader(packed, at, &unused).DoubleHere();
}

}  // namespace thresh
