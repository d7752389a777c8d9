#include "parser/json/write.h"

#include <bit>
#include <charconv>
#include <concepts>

#include "lib/text/json.h"
#include "parser/json/elements.h"

namespace thresh::json {
namespace {

using simdjson::dom::element_type;

// The tag, then `value` with the most significant byte first.
template <std::unsigned_integral T>
void Append(std::uint8_t tag, T value, std::string* out) {
  char bytes[1 + sizeof value];
  bytes[0] = static_cast<char>(tag);
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes[1 + i] = static_cast<char>(value >> 8 * (sizeof value - 1 - i));
  }
  out->append(bytes, sizeof bytes);
}

void AppendTag(unsigned tag, std::string* out) {
  out->push_back(static_cast<char>(tag));
}

template <typename T>
void AppendDigits(T value, std::string* out) {
  char digits[24];
  out->append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace

void AppendMsgpackNil(std::string* out) {
  AppendTag(0xC0, out);
}

void AppendMsgpackBool(bool value, std::string* out) {
  AppendTag(value ? 0xC3 : 0xC2, out);
}

void AppendMsgpackUnsigned(std::uint64_t value, std::string* out) {
  if (value < 0x80) {
    AppendTag(static_cast<unsigned>(value), out);
  } else if (value <= UINT8_MAX) {
    Append(0xCC, static_cast<std::uint8_t>(value), out);
  } else if (value <= UINT16_MAX) {
    Append(0xCD, static_cast<std::uint16_t>(value), out);
  } else if (value <= UINT32_MAX) {
    Append(0xCE, static_cast<std::uint32_t>(value), out);
  } else {
    Append(0xCF, value, out);
  }
}

void AppendMsgpackInteger(std::int64_t value, std::string* out) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0) {
    AppendMsgpackUnsigned(bits, out);
  } else if (value >= -32) {
    AppendTag(static_cast<unsigned>(bits & 0xFF), out);
  } else if (value >= INT8_MIN) {
    Append(0xD0, static_cast<std::uint8_t>(bits), out);
  } else if (value >= INT16_MIN) {
    Append(0xD1, static_cast<std::uint16_t>(bits), out);
  } else if (value >= INT32_MIN) {
    Append(0xD2, static_cast<std::uint32_t>(bits), out);
  } else {
    Append(0xD3, bits, out);
  }
}

void AppendMsgpackDouble(double value, std::string* out) {
  Append(0xCB, std::bit_cast<std::uint64_t>(value), out);
}

void AppendMsgpackText(std::string_view value, std::string* out) {
  const std::size_t size = value.size();
  if (size < 32) {
    AppendTag(0xA0 | static_cast<unsigned>(size), out);
  } else if (size <= UINT8_MAX) {
    Append(0xD9, static_cast<std::uint8_t>(size), out);
  } else if (size <= UINT16_MAX) {
    Append(0xDA, static_cast<std::uint16_t>(size), out);
  } else {
    Append(0xDB, static_cast<std::uint32_t>(size), out);
  }
  out->append(value);
}

void AppendMsgpackArray(std::size_t count, std::string* out) {
  if (count < 16) {
    AppendTag(0x90 | static_cast<unsigned>(count), out);
  } else if (count <= UINT16_MAX) {
    Append(0xDC, static_cast<std::uint16_t>(count), out);
  } else {
    Append(0xDD, static_cast<std::uint32_t>(count), out);
  }
}

void AppendMsgpackMap(std::size_t count, std::string* out) {
  if (count < 16) {
    AppendTag(0x80 | static_cast<unsigned>(count), out);
  } else if (count <= UINT16_MAX) {
    Append(0xDE, static_cast<std::uint16_t>(count), out);
  } else {
    Append(0xDF, static_cast<std::uint32_t>(count), out);
  }
}

void AppendMsgpack(element value, std::string* out) {
  switch (value.type()) {
    case element_type::NULL_VALUE: AppendMsgpackNil(out); break;
    case element_type::BOOL: AppendMsgpackBool(value.get_bool().value_unsafe(), out); break;
    case element_type::INT64: AppendMsgpackInteger(value.get_int64().value_unsafe(), out); break;
    case element_type::UINT64: AppendMsgpackUnsigned(value.get_uint64().value_unsafe(), out); break;
    case element_type::DOUBLE: AppendMsgpackDouble(value.get_double().value_unsafe(), out); break;
    case element_type::STRING: AppendMsgpackText(value.get_string().value_unsafe(), out); break;
    case element_type::ARRAY:
      AppendMsgpackArray(CountOf(ArrayOf(value)), out);
      for (const element item : ArrayOf(value)) AppendMsgpack(item, out);
      break;
    case element_type::OBJECT:
      AppendMsgpackMap(CountOf(ObjectOf(value)), out);
      for (const auto member : ObjectOf(value)) {
        AppendMsgpackText(member.key, out);
        AppendMsgpack(member.value, out);
      }
      break;
  }
}

namespace {

void AppendJsonArray(const simdjson::dom::array& array, std::string* out) {
  char before = '[';
  for (const element item : array) {
    out->push_back(before);
    AppendJson(item, out);
    before = ',';
  }
  out->append(before == '[' ? "[]" : "]");
}

void AppendJsonObject(const simdjson::dom::object& object, std::string* out) {
  char before = '{';
  for (const auto member : object) {
    out->push_back(before);
    AppendJsonString(member.key, out);
    out->push_back(':');
    AppendJson(member.value, out);
    before = ',';
  }
  out->append(before == '{' ? "{}" : "}");
}

}  // namespace

void AppendJson(element value, std::string* out) {
  switch (value.type()) {
    case element_type::NULL_VALUE: out->append("null"); break;
    case element_type::BOOL: out->append(value.get_bool().value_unsafe() ? "true" : "false"); break;
    case element_type::INT64: AppendDigits(value.get_int64().value_unsafe(), out); break;
    case element_type::UINT64: AppendDigits(value.get_uint64().value_unsafe(), out); break;
    case element_type::DOUBLE: AppendJsonNumber(value.get_double().value_unsafe(), out); break;
    case element_type::STRING: AppendJsonString(value.get_string().value_unsafe(), out); break;
    case element_type::ARRAY: AppendJsonArray(ArrayOf(value), out); break;
    case element_type::OBJECT: AppendJsonObject(ObjectOf(value), out); break;
  }
}

void AppendText(element value, std::string* out) {
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
    out->append(text);
  } else if (value.type() == element_type::DOUBLE) {
    AppendPlainNumber(value.get_double().value_unsafe(), out);
  } else {
    AppendJson(value, out);
  }
}

}  // namespace thresh::json
