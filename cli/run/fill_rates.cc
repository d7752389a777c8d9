#include "cli/run/fill_rates.h"

#include <algorithm>
#include <cstdio>

#include <simdjson.h>

#include "cli/numbers.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr std::size_t kWidth = 100;
constexpr std::string_view kLabel = "  fields     ";

std::uint64_t NumberAt(const element& object, std::string_view key) {
  std::uint64_t number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : 0;
}

ItemFill ReadItem(const element& entry) {
  ItemFill item{.records = NumberAt(entry, "records")};
  std::string_view name;
  if (entry["item"].get(name) == simdjson::SUCCESS) item.item = name;
  simdjson::dom::object filled;
  if (entry["filled"].get(filled) != simdjson::SUCCESS) return item;
  for (const auto& [field, value] : filled) {
    std::uint64_t count = 0;
    if (value.get(count) == simdjson::SUCCESS) item.filled.emplace_back(std::string(field), count);
  }
  return item;
}

template <typename List, typename Name>
auto& EntryOf(List& list, Name member, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const auto& entry) { return entry.*member == name; });
  if (found != list.end()) return *found;
  auto& added = list.emplace_back();
  added.*member = name;
  return added;
}

void AddItem(const ItemFill& more, std::vector<ItemFill>* items) {
  ItemFill& item = EntryOf(*items, &ItemFill::item, more.item);
  item.records += more.records;
  using Field = std::pair<std::string, std::uint64_t>;
  for (const auto& [field, count] : more.filled) {
    EntryOf(item.filled, &Field::first, field).second += count;
  }
}

// Words one after another, in lines of kWidth under each other.
class Wrapped {
 public:
  void Add(const std::string& word) {
    if (line_.size() > kLabel.size() && line_.size() + 1 + word.size() > kWidth) EndLine();
    if (line_.size() > kLabel.size()) line_ += ' ';
    line_ += word;
  }
  void EndLine() {
    text_ += line_ + "\n";
    line_.assign(kLabel.size(), ' ');
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string line_{kLabel};
};

}  // namespace

Result<SinkFills> ParseSinkFills(std::string_view json) {
  simdjson::dom::parser parser;
  element status;
  simdjson::dom::array items;
  if (parser.parse(json.data(), json.size()).get(status) != simdjson::SUCCESS ||
      status["items"].get(items) != simdjson::SUCCESS) {
    return Error{Errc::kInvalid, "not a sink's status: " + std::string(json.substr(0, 100))};
  }
  SinkFills fills{.pid = NumberAt(status, "pid")};
  for (const element& entry : items) fills.items.push_back(ReadItem(entry));
  return fills;
}

void FillTotals::Take(SinkFills fills) {
  if (fills.pid != last_.pid) {
    for (const ItemFill& item : last_.items) AddItem(item, &gone_);
  }
  last_ = std::move(fills);
}

std::vector<ItemFill> FillTotals::Now() const {
  std::vector<ItemFill> now = gone_;
  for (const ItemFill& item : last_.items) AddItem(item, &now);
  return now;
}

std::string AsRate(std::uint64_t filled, std::uint64_t of) {
  if (filled == 0) return "0 %";
  if (filled == of) return "100 %";
  const double percent = 100.0 * static_cast<double>(filled) / static_cast<double>(of);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", std::clamp(percent, 0.1, 99.9));
  return text;
}

std::string FillLines(const std::vector<ItemFill>& items, std::uint64_t records) {
  Wrapped lines;
  std::uint64_t counted = 0;
  for (const ItemFill& item : items) {
    if (item.records == 0) continue;
    counted += item.records;
    lines.Add(item.item + " (" + WithThousands(item.records) + "):");
    for (std::size_t i = 0; i < item.filled.size(); ++i) {
      const auto& [field, filled] = item.filled[i];
      const char* const end = i + 1 < item.filled.size() ? "," : "";
      lines.Add(field + " " + AsRate(filled, item.records) + end);
    }
    lines.EndLine();
  }
  if (counted > 0 && counted < records) {
    lines.Add("not counted: " + Amount(records - counted, "record") +
              " of earlier runs, or of a sink that was killed");
    lines.EndLine();
  }
  return lines.text();
}

}  // namespace thresh
