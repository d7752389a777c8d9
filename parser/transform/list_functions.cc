// Transforms that make several texts of one, or fewer of several.

#include <algorithm>

#include <re2/re2.h>

#include "parser/html/arena.h"
#include "parser/transform/ascii.h"
#include "parser/transform/functions.h"
#include "parser/transform/spaces.h"
#include "parser/transform/tools.h"

namespace thresh::transforms {
namespace {

// Where `index` is among `size`, counted from the end if negative; clamped to [0, size].
std::size_t Clamp(std::int64_t index, std::size_t size) {
  const auto signed_size = static_cast<std::int64_t>(size);
  if (index < 0) index += signed_size;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, signed_size));
}

void SplitAtSpaces(std::string_view in, Texts* out) {
  for (std::size_t at = 0; at < in.size();) {
    while (const std::size_t n = SpaceBefore(in.substr(at))) at += n;
    const std::size_t begin = at;
    while (at < in.size() && SpaceBefore(in.substr(at)) == 0) ++at;
    if (at > begin) out->push_back(in.substr(begin, at - begin));
  }
}

}  // namespace

void Split(const Step& step, std::string_view in, PipeMemory& memory, Texts* out) {
  const std::string_view by = step.text[0];
  if (by.empty()) return SplitAtSpaces(in, out);
  while (memory.work().Spend(1)) {
    const std::size_t found = in.find(by);
    out->push_back(in.substr(0, found));
    if (found == std::string_view::npos) return;
    in.remove_prefix(found + by.size());
  }
}

void Lines(const Step&, std::string_view in, PipeMemory& memory, Texts* out) {
  while (!in.empty() && memory.work().Spend(1)) {
    const std::size_t end = std::min(in.find_first_of("\r\n"), in.size());
    std::string_view line = TrimSpaces(in.substr(0, end));
    if (!line.empty()) out->push_back(line);
    in.remove_prefix(std::min(end + 1, in.size()));
  }
}

void ReAll(const Step& step, std::string_view in, PipeMemory& memory, Texts* out) {
  const int wanted = step.re->NumberOfCapturingGroups() > 0 ? 2 : 1;
  re2::StringPiece groups[2];
  std::size_t at = 0;
  while (at <= in.size() && memory.work().Spend(1) &&
         step.re->Match(in, at, in.size(), re2::RE2::UNANCHORED, groups, wanted)) {
    const re2::StringPiece& group = groups[wanted - 1];
    if (group.data() != nullptr) out->push_back({group.data(), group.size()});
    const auto end = static_cast<std::size_t>(groups[0].data() + groups[0].size() - in.data());
    at = groups[0].empty() ? end + 1 : end;
  }
}

void First(const Step&, PipeMemory&, Texts* texts) {
  if (texts->size() > 1) texts->resize(1);
}

void Last(const Step&, PipeMemory&, Texts* texts) {
  if (texts->size() > 1) texts->erase(texts->begin(), texts->end() - 1);
}

void Nth(const Step& step, PipeMemory&, Texts* texts) {
  const std::int64_t index = *step.integer[0];
  const auto size = static_cast<std::int64_t>(texts->size());
  const std::int64_t at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) return texts->clear();
  (*texts)[0] = (*texts)[static_cast<std::size_t>(at)];
  texts->resize(1);
}

void SliceTexts(const Step& step, PipeMemory&, Texts* texts) {
  const std::size_t begin = Clamp(step.integer[0].value_or(0), texts->size());
  const std::size_t end = step.integer[1] ? Clamp(*step.integer[1], texts->size()) : texts->size();
  if (begin >= end) return texts->clear();
  std::copy(texts->begin() + static_cast<std::ptrdiff_t>(begin),
            texts->begin() + static_cast<std::ptrdiff_t>(end), texts->begin());
  texts->resize(end - begin);
}

void Join(const Step& step, PipeMemory& memory, Texts* texts) {
  if (texts->size() < 2) return;
  std::string& joined = memory.Scratch();
  for (std::size_t i = 0; i < texts->size(); ++i) {
    if (i > 0) joined += step.text[0];
    joined += (*texts)[i];
  }
  texts->assign(1, memory.Keep(joined));
}

void Unique(const Step&, PipeMemory& memory, Texts* texts) {
  // Sorted by text, then by place: of equal ones the first stays.
  std::vector<std::uint32_t>& order = memory.tools().order;
  order.resize(texts->size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  if (!memory.work().Spend(static_cast<std::int64_t>(order.size()))) return;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int compared = (*texts)[a].compare((*texts)[b]);
    return compared != 0 ? compared < 0 : a < b;
  });
  const auto same = [&](std::uint32_t a, std::uint32_t b) { return (*texts)[a] == (*texts)[b]; };
  order.erase(std::unique(order.begin(), order.end(), same), order.end());
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) (*texts)[i] = (*texts)[order[i]];
  texts->resize(order.size());
}

void Reverse(const Step&, PipeMemory&, Texts* texts) {
  std::reverse(texts->begin(), texts->end());
}

void Count(const Step&, PipeMemory& memory, Texts* texts) {
  const std::string count = std::to_string(texts->size());
  texts->assign(1, memory.Keep(count));
}

}  // namespace thresh::transforms
