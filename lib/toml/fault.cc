#include "lib/toml/fault.h"

#include <algorithm>
#include <utility>

namespace thresh {
namespace {

std::string InOneLine(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

TextFault MakeFault(std::string_view file, std::uint32_t line, std::uint32_t column,
                    std::string_view detail) {
  TextFault fault{line, column, std::string(file), std::string(file), InOneLine(detail)};
  fault.text.append(":").append(std::to_string(line)).append(":");
  fault.text.append(std::to_string(column)).append(": ").append(fault.detail);
  return fault;
}

TextFault MakeFault(std::string_view origin, std::string_view detail) {
  TextFault fault{0, 0, std::string(origin), std::string(origin), InOneLine(detail)};
  fault.text.append(": ").append(fault.detail);
  return fault;
}

void SortFaults(std::vector<TextFault>* faults) {
  std::stable_sort(faults->begin(), faults->end(), [](const TextFault& a, const TextFault& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
}

Error AsError(std::vector<TextFault> faults) {
  SortFaults(&faults);
  Error error{Errc::kInvalid, ""};
  for (const TextFault& fault : faults) {
    if (!error.detail.empty()) error.detail += "\n";
    error.detail += fault.text;
  }
  return error;
}

}  // namespace thresh
