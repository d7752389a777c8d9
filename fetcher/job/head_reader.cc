#include "fetcher/job/head_reader.h"

#include <algorithm>

#include "lib/base/ascii_text.h"

namespace thresh {
namespace {

constexpr std::size_t kUsualHeaders = 16;  // Of an answer.
constexpr std::string_view kDigits = "0123456789";

// Trailers may have any name, this one too: then no number follows.
bool IsStatusLine(std::string_view line) {
  if (!line.starts_with("HTTP/")) return false;
  const std::size_t blank = line.find_first_not_of("0123456789.", 5);
  const std::size_t status = line.find_first_not_of(' ', blank);
  return blank != 5 && status != blank && status != std::string_view::npos &&
         kDigits.find(line[status]) != std::string_view::npos;
}

std::string_view NextOf(std::string_view* list) {
  const std::size_t comma = list->find(',');
  const std::string_view item = TrimBlanks(list->substr(0, comma));
  list->remove_prefix(comma == std::string_view::npos ? list->size() : comma + 1);
  return item;
}

}  // namespace

HeadReader::Line HeadReader::Take(std::string_view line) {
  line = line.substr(0, line.find_last_not_of("\r\n") + 1);
  const bool begins = begun_ ? whole_ && IsStatusLine(line) : line.starts_with("HTTP/");
  if (begins) {
    headers_.clear();
    headers_.reserve(kUsualHeaders);
    begun_ = true;
    whole_ = may_fold_ = false;
    return Line::kStatus;
  }
  if (whole_) return Line::kTrailer;
  if (line.empty()) {
    whole_ = true;
    return Line::kEnd;
  }
  if (line.front() == ' ' || line.front() == '\t') {
    if (!may_fold_) return Line::kField;
    std::string& value = headers_.back().second;
    if (!value.empty()) value += ' ';
    value += TrimBlanks(line);
    return Line::kField;
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = TrimBlanks(line.substr(0, colon));
  may_fold_ = colon != std::string_view::npos && !name.empty();
  if (may_fold_) headers_.emplace_back(InLowerCase(name), TrimBlanks(line.substr(colon + 1)));
  return Line::kField;
}

HeaderList HeadReader::TakeHeaders() {
  begun_ = whole_ = may_fold_ = false;
  return std::exchange(headers_, {});
}

std::string LengthFault(const HeaderList& headers) {
  const auto has = [&](std::string_view name) {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& header) { return header.first == name; });
  };
  if (!has("content-length") || has("transfer-encoding")) return {};
  std::string all;
  for (const auto& [name, value] : headers) {
    if (name == "content-length") all += (all.empty() ? "" : ", ") + value;
  }
  std::string_view rest = all;
  const std::string_view first = NextOf(&rest);
  bool in_order = !first.empty() && first.find_first_not_of(kDigits) == std::string_view::npos;
  while (!rest.empty()) in_order = NextOf(&rest) == first && in_order;
  if (in_order) return {};
  return "Content-Length: " + all + ": expected one number";
}

}  // namespace thresh
