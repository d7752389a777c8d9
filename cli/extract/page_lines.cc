#include "cli/extract/page_lines.h"

#include <cstring>

namespace thresh {
namespace {

void Put(std::uint64_t number, std::string* out) {
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

void Put(std::string_view text, std::string* out) {
  Put(text.size(), out);
  out->append(text);
}

std::uint64_t TakeNumber(std::string_view* bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes->data(), sizeof number);
  bytes->remove_prefix(sizeof number);
  return number;
}

std::string TakeText(std::string_view* bytes) {
  const auto size = static_cast<std::size_t>(TakeNumber(bytes));
  std::string text(bytes->substr(0, size));
  bytes->remove_prefix(size);
  return text;
}

// All numbers of `counts`, in one order.
template <typename Counts, typename Take>
void ForEach(Counts& counts, const Take& take) {
  for (auto* number : {&counts.pages, &counts.records, &counts.dead, &counts.rejected,
                       &counts.passed_over, &counts.replaced}) {
    take(*number);
  }
}

}  // namespace

void ExtractCounts::Add(const ExtractCounts& more) {
  pages += more.pages;
  records += more.records;
  dead += more.dead;
  rejected += more.rejected;
  passed_over += more.passed_over;
  replaced += more.replaced;
}

std::string PageLines::Encode() const {
  std::string out;
  Put(number, &out);
  Put((is_last ? 1U : 0U) + (is_damage ? 2U : 0U) + (is_inside ? 4U : 0U), &out);
  Put(said, &out);
  ForEach(counts, [&](std::uint64_t count) { Put(count, &out); });
  Put(lines.size(), &out);
  for (const auto& [name, text] : lines) {
    Put(name, &out);
    Put(text, &out);
  }
  return out;
}

PageLines PageLines::Decode(std::string_view bytes) {
  PageLines page{.number = TakeNumber(&bytes)};
  const std::uint64_t flags = TakeNumber(&bytes);
  page.is_last = (flags & 1) != 0;
  page.is_damage = (flags & 2) != 0;
  page.is_inside = (flags & 4) != 0;
  page.said = TakeText(&bytes);
  ForEach(page.counts, [&](std::uint64_t& count) { count = TakeNumber(&bytes); });
  for (std::uint64_t left = TakeNumber(&bytes); left > 0; --left) {
    std::string name = TakeText(&bytes);
    page.lines.emplace_back(std::move(name), TakeText(&bytes));
  }
  return page;
}

}  // namespace thresh
