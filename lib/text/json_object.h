#pragma once

// JsonObject: writes one JSON object (RFC 8259, 4) into a string, key by key. Its end is written
// when it goes.

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/text/json.h"

namespace thresh {

class JsonObject {
 public:
  explicit JsonObject(std::string* out) : out_(*out) { out_.push_back('{'); }
  ~JsonObject() { out_.push_back('}'); }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  /// The value is to be appended to what it returns.
  std::string* Key(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    AppendJsonString(name, &out_);
    out_.push_back(':');
    return &out_;
  }
  void Number(std::string_view name, std::integral auto value) {
    *Key(name) += std::to_string(value);
  }
  void Real(std::string_view name, double value) { AppendJsonNumber(value, Key(name)); }
  void Text(std::string_view name, std::string_view value) { AppendJsonString(value, Key(name)); }
  /// Null if it is empty.
  void TextOrNull(std::string_view name, std::string_view value) {
    if (value.empty()) {
      Null(name);
    } else {
      Text(name, value);
    }
  }
  void Bool(std::string_view name, bool value) { *Key(name) += value ? "true" : "false"; }
  void Null(std::string_view name) { *Key(name) += "null"; }
  void Counts(std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
    JsonObject inner(Key(name));
    for (const auto& [key, count] : counts) inner.Number(key, count);
  }
  /// A list; `write(element, out)` appends each element.
  template <typename Elements, typename Write>
  void List(std::string_view name, const Elements& elements, Write write) {
    std::string* list = Key(name);
    list->push_back('[');
    bool first = true;
    for (const auto& element : elements) {
      if (!first) list->push_back(',');
      first = false;
      write(element, list);
    }
    list->push_back(']');
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace thresh
