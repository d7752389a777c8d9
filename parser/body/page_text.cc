#include "parser/body/page_text.h"

namespace thresh {
namespace {

// The header's value; if there are several, their list (RFC 9110, 5.3), which `*joined` holds.
std::string_view HeaderValue(const PageBytes& page, std::string_view wanted, std::string* joined) {
  std::string_view first;
  for (const auto& [name, value] : page.headers) {
    if (name != wanted) continue;
    if (first.empty()) {
      first = value;
      continue;
    }
    if (joined->empty()) *joined = first;
    joined->append(", ").append(value);
  }
  return joined->empty() ? first : *joined;
}

void DropIfHuge(std::string* buffer) {
  constexpr std::size_t kKeptBytes = 8 << 20;
  if (buffer->capacity() > kKeptBytes) std::string().swap(*buffer);
}

}  // namespace

Result<std::string_view> PageText(const PageBytes& page, PageBuffers* buffers) {
  DropIfHuge(&buffers->unpacked);
  DropIfHuge(&buffers->text);
  std::string codings;
  const std::string_view coding = HeaderValue(page, "content-encoding", &codings);
  Result<std::string_view> body =
      buffers->decoder.Decode(coding, page.body, page.max_bytes, &buffers->unpacked);
  if (!body) return body;
  std::string types;
  const std::string_view charset =
      SniffCharset(*body, {.content_type = HeaderValue(page, "content-type", &types),
                           .override_label = page.override_label,
                           .kind = page.kind});
  return DecodeText(*body, charset, &buffers->text);
}

}  // namespace thresh
