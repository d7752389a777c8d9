// CompareRecords(): what differs between expected and found records, for people.

#include <algorithm>
#include <deque>

#include <simdjson.h>

#include "lib/base/ascii_text.h"
#include "parser/json/document.h"
#include "parser/json/elements.h"
#include "parser/json/write.h"
#include "parser/recipe/recipe_test.h"

namespace thresh {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t kShown = 80;  // Bytes of a value.

// A JSON value's text, of a long one the part around byte `at`.
std::string Shown(element value, std::size_t at) {
  std::string text;
  json::AppendJson(value, &text);
  if (text.size() <= kShown) return text;
  const auto is_inside = [&](std::size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  std::size_t begin = at < kShown / 2 ? 0 : at - kShown / 2;
  std::size_t end = std::min(begin + kShown, text.size());
  while (is_inside(begin)) --begin;
  while (is_inside(end)) ++end;
  return (begin > 0 ? "…" : "") + text.substr(begin, end - begin) + (end < text.size() ? "…" : "");
}

std::size_t FirstDifference(element a, element b) {
  std::string x, y;
  json::AppendJson(a, &x);
  json::AppendJson(b, &y);
  const auto [at, other] = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
  return static_cast<std::size_t>(at - x.begin());
}

bool SameNumber(element a, element b) {
  if (a.type() == b.type() && a.type() != element_type::DOUBLE) {
    return simdjson::minify(a) == simdjson::minify(b);
  }
  double x = 0, y = 0;
  return a.get_double().get(x) == simdjson::SUCCESS && b.get_double().get(y) == simdjson::SUCCESS &&
         x == y;
}

class Comparison {
 public:
  explicit Comparison(std::vector<std::string>* differences) : differences_(differences) {}

  /// True if they are the same; notes each difference, under `path`.
  bool Same(element expected, element found, const std::string& path) {
    if (expected.is_object() && found.is_object()) return SameObject(expected, found, path);
    if (expected.is_array() && found.is_array()) return SameArray(expected, found, path);
    const bool same =
        expected.is_number() && found.is_number()
            ? SameNumber(expected, found)
            : expected.type() == found.type() &&
                  std::string(simdjson::minify(expected)) == std::string(simdjson::minify(found));
    if (!same) {
      const std::size_t at = FirstDifference(expected, found);
      Note(path, "expected " + Shown(expected, at) + ", found " + Shown(found, at));
    }
    return same;
  }

 private:
  bool SameObject(element expected, element found, const std::string& path) {
    bool same = true;
    const simdjson::dom::object there = json::ObjectOf(found);
    for (const auto& [key, value] : json::ObjectOf(expected)) {
      if (path.empty() && key.starts_with('_')) continue;
      if (const auto other = json::FindMember(there, key)) {
        same = Same(value, *other, Below(path, key)) && same;
      } else {
        same = Note(Below(path, key), "expected " + Shown(value, 0) + ", found no such field");
      }
    }
    for (const auto& [key, value] : there) {
      if (path.empty() && key.starts_with('_')) continue;
      if (json::FindMember(json::ObjectOf(expected), key)) continue;
      same = Note(Below(path, key), "expected no such field, found " + Shown(value, 0));
    }
    return same;
  }

  bool SameArray(element expected, element found, const std::string& path) {
    const simdjson::dom::array a = json::ArrayOf(expected), b = json::ArrayOf(found);
    bool same = true;
    auto there = b.begin();
    std::size_t index = 0;
    for (const element value : a) {
      if (there == b.end()) break;
      same = Same(value, *there, path + "[" + std::to_string(index++) + "]") && same;
      ++there;
    }
    if (json::CountOf(a) == json::CountOf(b)) return same;
    return Note(path, "expected " + std::to_string(json::CountOf(a)) + " values, found " +
                          std::to_string(json::CountOf(b)));
  }

  static std::string Below(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
  }
  bool Note(const std::string& path, const std::string& what) {
    if (differences_ != nullptr) differences_->push_back(path + ": " + what);
    return false;
  }

  std::vector<std::string>* differences_;
};

bool AreSame(element a, element b) {
  return Comparison(nullptr).Same(a, b, "");
}

// The records of one item, expected and found.
struct ItemRecords {
  std::vector<element> expected, found;
};

// Notes where the two lists part; one left out or added too much does not shift all others.
void CompareLists(const std::string& item, const ItemRecords& records,
                  std::vector<std::string>* differences) {
  constexpr std::size_t kLookAhead = 20;
  const auto& [expected, found] = records;
  if (expected.size() != found.size()) {
    differences->push_back(item + ": expected " + std::to_string(expected.size()) +
                           " records, found " + std::to_string(found.size()));
  }
  const auto next_same = [](element wanted, const std::vector<element>& in, std::size_t from) {
    for (std::size_t i = from; i < std::min(in.size(), from + kLookAhead); ++i) {
      if (AreSame(wanted, in[i])) return i - from;
    }
    return kLookAhead;
  };
  std::size_t e = 0, f = 0;
  while (e < expected.size() && f < found.size()) {
    const std::string name = item + " " + std::to_string(e + 1);
    if (AreSame(expected[e], found[f])) {
      ++e, ++f;
    } else if (const std::size_t extra = next_same(expected[e], found, f + 1);
               found.size() > expected.size() && extra < kLookAhead) {
      for (std::size_t i = 0; i <= extra; ++i) {
        differences->push_back(
            name + ": found one that is not expected before it: " + Shown(found[f++], 0));
      }
    } else if (const std::size_t lost = next_same(found[f], expected, e + 1);
               expected.size() > found.size() && lost < kLookAhead) {
      for (std::size_t i = 0; i <= lost; ++i, ++e) {
        differences->push_back(item + " " + std::to_string(e + 1) +
                               ": expected, not found: " + Shown(expected[e], 0));
      }
    } else {
      std::vector<std::string> of_this;
      Comparison(&of_this).Same(expected[e], found[f], "");
      for (const std::string& line : of_this) differences->push_back(name + ": " + line);
      ++e, ++f;
    }
  }
  for (; e < expected.size(); ++e) {
    differences->push_back(item + " " + std::to_string(e + 1) +
                           ": expected, not found: " + Shown(expected[e], 0));
  }
  for (; f < found.size(); ++f) {
    differences->push_back(item + ": found, not expected: " + Shown(found[f], 0));
  }
}

}  // namespace

std::vector<std::string> CompareRecords(std::string_view expected,
                                        const std::vector<FoundRecord>& found,
                                        const std::vector<std::string>& items) {
  std::vector<std::string> differences;
  std::vector<ItemRecords> by_item(items.size());
  const auto of = [&](std::string_view item) {
    const auto at = std::find(items.begin(), items.end(), item);
    return static_cast<std::size_t>(at - items.begin());
  };
  std::deque<json::Document> documents;
  std::size_t line = 0;
  while (!expected.empty()) {
    const std::size_t end = std::min(expected.find('\n'), expected.size());
    const std::string_view text = TrimBlanks(expected.substr(0, end), " \t\r\f\v");
    expected.remove_prefix(std::min(end + 1, expected.size()));
    ++line;
    if (text.empty()) continue;
    Result<element> value = documents.emplace_back().Parse(text);
    std::size_t index = items.size() == 1 ? 0 : items.size();
    if (value && value->is_object()) {
      const auto item = json::FindMember(json::ObjectOf(*value), "_item");
      if (item && item->is_string()) index = of(item->get_string().value_unsafe());
    }
    if (!value || !value->is_object()) {
      differences.push_back("line " + std::to_string(line) +
                            " of what is expected: expected a JSON object" +
                            (value ? "" : ": " + value.error().detail));
    } else if (index == items.size()) {
      differences.push_back("line " + std::to_string(line) +
                            " of what is expected: expected \"_item\" with the name of an item");
    } else {
      by_item[index].expected.push_back(*value);
    }
  }
  for (const FoundRecord& record : found) {
    const Result<element> value = documents.emplace_back().Parse(record.json);
    const std::size_t index = of(record.item);
    if (value && index < items.size()) by_item[index].found.push_back(*value);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    CompareLists(items[i], by_item[i], &differences);
  }
  return differences;
}

}  // namespace thresh
