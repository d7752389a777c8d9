#include "cli/try_report.h"

#include <algorithm>
#include <cstdint>

#include "cli/numbers.h"
#include "cli/page/point_out.h"
#include "lib/recipe/url_pattern.h"

namespace thresh {
namespace {

constexpr std::size_t kValueWidth = 100;
constexpr std::size_t kLinkWidth = 2000;
constexpr std::size_t kShownRejected = 10;

class Report {
 public:
  Report(const Extraction& found, const std::vector<FieldReport>& fields)
      : found_(found), fields_(fields) {}

  void AddItem(const ItemSpec& item) {
    const std::size_t records = RecordsOf(item.name);
    const auto rejected = RejectedOf(item.name);
    const auto first = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const FieldReport& f) { return f.item == item.name; });
    // Without fields a row's object is the record.
    const std::size_t rows = first != fields_.end() ? first->rows : records + rejected.size();
    text_ += item.name + ": " + Amount(rows, "row") + ", " + Amount(records, "record");
    if (!item.key.empty() && rows > records + rejected.size()) {
      text_ += ", " + Amount(rows - records - rejected.size(), "repeat") + " by key";
    }
    text_ += '\n';
    AddFields(item.name);
    for (std::size_t i = 0; i < rejected.size() && i < kShownRejected; ++i) {
      const RejectedRow& row = *rejected[i];
      text_ += item.name + ": row " + std::to_string(row.row) + " rejected: required field \"" +
               std::string(row.field) + "\" found nothing\n";
    }
    if (rejected.size() > kShownRejected) {
      text_ +=
          item.name + ": " + Amount(rejected.size() - kShownRejected, "more row") + " rejected\n";
    }
  }

  void AddOtherPages(const ItemSpec& item) {
    text_ += item.name + ": not for this URL, by its match\n";
  }

  void AddLinks() {
    text_ += "links: " + std::to_string(found_.links.size()) + "\n";
    for (const FollowedLink& link : found_.links) {
      text_ += "  " + CutLine(LinkText(link), kLinkWidth);
      if (link.delay_ms > 0) text_ += "  after " + std::to_string(link.delay_ms) + " ms";
      if (link.root) text_ += "  as a job of its own";
      if (!link.recipe.empty()) text_ += "  -> " + std::string(link.recipe);
      text_ += '\n';
    }
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  [[nodiscard]] std::size_t RecordsOf(std::string_view item) const {
    std::size_t records = 0;
    for (const ItemRows& rows : found_.rows) records += rows.item == item ? rows.rows.size() : 0;
    return records;
  }

  [[nodiscard]] std::vector<const RejectedRow*> RejectedOf(std::string_view item) const {
    std::vector<const RejectedRow*> rejected;
    for (const RejectedRow& row : found_.rejected) {
      if (row.item == item) rejected.push_back(&row);
    }
    return rejected;
  }

  // A line a field, the columns under each other.
  void AddFields(std::string_view item) {
    std::size_t name_width = 0, count_width = 0;
    for (const FieldReport& field : fields_) {
      if (field.item != item) continue;
      name_width = std::max(name_width, field.field.size());
      count_width = std::max(count_width, CountOf(field).size());
    }
    for (const FieldReport& field : fields_) {
      if (field.item != item) continue;
      const std::string count = CountOf(field);
      text_ += "  " + field.field + std::string(name_width - field.field.size() + 2, ' ');
      text_ += std::string(count_width - count.size(), ' ') + count + "  ";
      text_ += ValueOf(field) + '\n';
    }
  }

  static std::string ValueOf(const FieldReport& field) {
    const std::string missed = CutLine(field.missed, kValueWidth);
    if (field.found == 0) return missed.empty() ? "found nothing" : missed;
    std::string value = CutLine(field.first, kValueWidth);
    if (field.found < field.rows && !missed.empty()) value += "; else " + missed;
    return value;
  }

  static std::string CountOf(const FieldReport& field) {
    return std::to_string(field.found) + "/" + std::to_string(field.rows);
  }

  const Extraction& found_;
  const std::vector<FieldReport>& fields_;
  std::string text_;
};

}  // namespace

std::string TryReport(const Recipe& recipe, std::string_view url, const Extraction& found,
                      const std::vector<FieldReport>& fields) {
  const AnswerVerdict& verdict = found.verdict;
  if (verdict.kind == AnswerVerdict::Kind::kRetry) {
    return verdict.detail + ": asked for again after " + std::to_string(verdict.after_ms) + " ms" +
           (verdict.whole_host ? ", and all of its host waits\n" : "\n");
  }
  if (verdict.kind == AnswerVerdict::Kind::kFail) {
    return verdict.detail + ": a dead letter, reason " + verdict.reason + "\n";
  }
  Report report(found, fields);
  for (const ItemSpec& item : recipe.items) {
    const bool for_this = item.match.empty() || MatchesAny(item.match, url);
    for_this ? report.AddItem(item) : report.AddOtherPages(item);
  }
  report.AddLinks();
  return report.text();
}

}  // namespace thresh
