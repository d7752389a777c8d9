// `thresh html [FILE]`: the tree that a page is parsed to, as html5lib's tests write it.

#include <string>
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

}  // namespace

int HtmlCommand(const HtmlOptions& options) {
  if (const std::string fault = CharsetFault(options.page.charset); !fault.empty()) {
    return Complain(kName, kExitUsage, fault);
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
