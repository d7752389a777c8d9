#include "cli/page/json_outline.h"

#include "lib/text/json.h"
#include "parser/json/write.h"

namespace thresh {
namespace {

using simdjson::dom::element;

class Outline {
 public:
  Outline(std::size_t max_lines, std::string* out) : left_(max_lines), out_(*out) {}

  // Recursion is bounded by the parser's depth.
  bool Add(element value, const std::string& before, const char* after) {
    if (value.is_object() && value.get_object().value_unsafe().size() > 0) {
      if (!Line(before + "{")) return false;
      std::size_t at = 0;
      const simdjson::dom::object object = value.get_object().value_unsafe();
      for (const auto& [key, member] : object) {
        const char* const end = ++at < object.size() ? "," : "";
        if (!AddInside(member, JsonString(key) + ": ", end)) return false;
      }
      return Line(std::string("}") + after);
    }
    if (value.is_array() && value.get_array().value_unsafe().size() > 0) {
      if (!Line(before + "[")) return false;
      std::size_t at = 0;
      const simdjson::dom::array array = value.get_array().value_unsafe();
      for (const element entry : array) {
        if (!AddInside(entry, "", ++at < array.size() ? "," : "")) return false;
      }
      return Line(std::string("]") + after);
    }
    std::string line = before;
    json::AppendJson(value, &line);
    return Line(line + after);
  }

 private:
  bool AddInside(element value, const std::string& before, const char* after) {
    indent_ += 2;
    const bool whole = Add(value, before, after);
    indent_ -= 2;
    return whole;
  }

  bool Line(const std::string& text) {
    if (left_ == 0) return false;
    --left_;
    out_.append(indent_, ' ').append(text).push_back('\n');
    return true;
  }

  std::size_t left_;
  std::size_t indent_ = 0;
  std::string& out_;
};

}  // namespace

bool AppendJsonOutline(element value, std::size_t max_lines, std::string* out) {
  return Outline(max_lines, out).Add(value, "", "");
}

}  // namespace thresh
