// Transforms that cut or change one text.

#include <re2/re2.h>
#include <unicode/ucasemap.h>

#include "lib/text/utf8.h"
#include "parser/transform/ascii.h"
#include "parser/transform/functions.h"
#include "parser/transform/spaces.h"
#include "parser/transform/tools.h"

namespace thresh::transforms {
namespace {

// With ICU's rules for letters beyond ASCII, and no language's own.
template <typename IcuFunction, typename AsciiFunction>
bool MapCase(std::string_view in, PipeMemory& memory, IcuFunction icu, AsciiFunction ascii,
             std::string_view* out) {
  std::string& mapped = memory.Scratch();
  bool is_ascii = true;
  for (const char c : in) is_ascii = is_ascii && static_cast<unsigned char>(c) < 0x80;
  if (is_ascii || memory.tools().case_map == nullptr) {
    mapped.assign(in);
    for (char& c : mapped) c = ascii(c);
  } else {
    constexpr std::size_t kMost = 64 << 20;
    if (in.size() > kMost) return false;
    mapped.resize(in.size() * 3 + 8);  // As much as a letter can grow.
    UErrorCode error = U_ZERO_ERROR;
    const std::int32_t size =
        icu(memory.tools().case_map, mapped.data(), static_cast<std::int32_t>(mapped.size()),
            in.data(), static_cast<std::int32_t>(in.size()), &error);
    if (U_FAILURE(error)) return false;
    mapped.resize(static_cast<std::size_t>(size));
  }
  *out = memory.Keep(mapped);
  return true;
}

// The byte at which the character `index` begins; counted from the end if negative.
std::size_t ByteOf(std::string_view text, std::int64_t index) {
  const auto begins = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
  };
  if (index >= 0) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
      if (begins(at) && index-- == 0) break;
    }
    return at;
  }
  std::size_t at = text.size();
  while (at > 0 && index < 0) {
    if (begins(--at)) ++index;
  }
  return at;
}

}  // namespace

bool Trim(const Step&, std::string_view in, PipeMemory&, std::string_view* out) {
  while (const std::size_t n = SpaceBefore(in)) in.remove_prefix(n);
  while (const std::size_t n = SpaceBehind(in)) in.remove_suffix(n);
  *out = in;
  return true;
}

bool Squeeze(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  Trim(step, in, memory, &in);
  std::string& squeezed = memory.Scratch();
  for (std::size_t at = 0; at < in.size();) {
    std::size_t spaces = 0;
    while (const std::size_t n = SpaceBefore(in.substr(at + spaces))) spaces += n;
    if (spaces > 0) {
      squeezed.push_back(' ');
      at += spaces;
    } else {
      squeezed.push_back(in[at++]);
    }
  }
  *out = squeezed == in ? in : memory.Keep(squeezed);
  return true;
}

bool Lower(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  return MapCase(in, memory, &ucasemap_utf8ToLower, &ToAsciiLower, out);
}

bool Upper(const Step&, std::string_view in, PipeMemory& memory, std::string_view* out) {
  const auto ascii = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; };
  return MapCase(in, memory, &ucasemap_utf8ToUpper, ascii, out);
}

bool Replace(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  const std::string_view from = step.text[0];
  const std::string_view to = step.text[1];
  *out = in;
  std::size_t found = from.empty() ? std::string_view::npos : in.find(from);
  if (found == std::string_view::npos) return true;
  std::string& replaced = memory.Scratch();
  std::size_t done = 0;
  while (found != std::string_view::npos && memory.work().Spend(1)) {
    replaced.append(in, done, found - done).append(to);
    if (!memory.work().Spend(static_cast<std::int64_t>(to.size() / 2))) return false;
    done = found + from.size();
    found = in.find(from, done);
  }
  replaced.append(in.substr(done));
  *out = memory.Keep(replaced);
  return true;
}

bool ReReplace(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  std::string& replaced = memory.Scratch();
  replaced.assign(in);
  const int count = re2::RE2::GlobalReplace(&replaced, *step.re, step.text[1]);
  *out = count == 0 ? in : memory.Keep(replaced);
  return true;
}

bool Re(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  re2::StringPiece groups[2];
  const int wanted = step.re->NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!step.re->Match(in, 0, in.size(), re2::RE2::UNANCHORED, groups, wanted)) return false;
  const re2::StringPiece& group = groups[wanted - 1];
  if (group.data() == nullptr) return false;
  *out = {group.data(), group.size()};
  return true;
}

bool StripPrefix(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  if (in.starts_with(step.text[0])) in.remove_prefix(step.text[0].size());
  *out = in;
  return true;
}

bool StripSuffix(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  if (in.ends_with(step.text[0])) in.remove_suffix(step.text[0].size());
  *out = in;
  return true;
}

bool Prepend(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  *out = memory.Keep(memory.Scratch().append(step.text[0]).append(in));
  return true;
}

bool Append(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  *out = memory.Keep(memory.Scratch().append(in).append(step.text[0]));
  return true;
}

bool Before(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  *out = in.substr(0, in.find(step.text[0]));
  return true;
}

bool After(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  const std::size_t found = in.find(step.text[0]);
  *out = found == std::string_view::npos ? in : in.substr(found + step.text[0].size());
  return true;
}

bool Default(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  *out = in.empty() ? std::string_view(step.text[0]) : in;
  return true;
}

bool Keep(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  *out = in;
  return re2::RE2::PartialMatch(in, *step.re);
}

bool Drop(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  *out = in;
  return !re2::RE2::PartialMatch(in, *step.re);
}

bool DropEmpty(const Step& step, std::string_view in, PipeMemory& memory, std::string_view* out) {
  *out = in;
  std::string_view trimmed;
  return Trim(step, in, memory, &trimmed) && !trimmed.empty();
}

bool SliceText(const Step& step, std::string_view in, PipeMemory&, std::string_view* out) {
  const std::size_t begin = ByteOf(in, step.integer[0].value_or(0));
  const std::size_t end = step.integer[1] ? ByteOf(in, *step.integer[1]) : in.size();
  *out = begin < end ? in.substr(begin, end - begin) : std::string_view();
  return true;
}

}  // namespace thresh::transforms
