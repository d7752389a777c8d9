// `thresh html [FILE]`: the tree that a page is parsed to, as html5lib's tests write it.

#include <string>
#include <string_view>
#include <utility>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/page/document.h"
#include "cli/page/fetch_page.h"
#include "cli/page/output.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

constexpr const char* kName = "html";

// An element's name, with `svg` or `math` before it for those of foreign content.
bool IsContext(std::string_view fragment) {
  const std::size_t space = fragment.find(' ');
  if (space == std::string_view::npos) return true;
  const std::string_view name = fragment.substr(space + 1);
  const bool foreign = fragment.substr(0, space) == "svg" || fragment.substr(0, space) == "math";
  return foreign && !name.empty() && name.find(' ') == std::string_view::npos;
}

}  // namespace

int HtmlCommand(const HtmlOptions& options) {
  if (const std::string fault = CharsetFault(options.page.charset); !fault.empty()) {
    return Complain(kName, kExitUsage, fault);
  }
  if (!IsContext(options.fragment)) {
    return Complain(
        kName, kExitUsage,
        "--fragment: expected an element as div, \"svg path\" or \"math mi\", found \"" +
            options.fragment + "\"");
  }
  Result<std::string> bytes = ReadInput(options.page.file);
  if (!bytes) return Complain(kName, kExitBadInput, bytes.error().detail);
  html::NameTable names;
  Document document(names);
  const DocumentHints hints{
      .charset = options.page.charset, .form = BodyForm::kHtml, .fragment = options.fragment};
  if (Result<> loaded = document.Load(std::move(*bytes), hints); !loaded) {
    return Complain(kName, kExitBadInput, loaded.error().detail);
  }
  Output output(kName);
  output.Write(document.Dump());
  return output.Finish(kExitDone);
}

}  // namespace thresh
