// `thresh select EXPR [FILE]`: what a CSS selector, an XPath or a JSONPath expression finds, one
// JSON value a line.

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/page/document.h"
#include "cli/page/fetch_page.h"
#include "cli/page/output.h"
#include "cli/select/expression.h"
#include "lib/base/exit_codes.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

constexpr const char* kName = "select";

ExpressionKind KindFor(const SelectOptions& o) {
  if (o.css) return ExpressionKind::kCss;
  if (o.xpath) return ExpressionKind::kXPath;
  return o.json ? ExpressionKind::kJson : KindOf(o.expression);
}

Result<TakeOptions> TakeFor(const SelectOptions& o, ExpressionKind kind) {
  TakeOptions take;
  if (o.html) take.what = TakeOptions::What::kHtml;
  if (!o.attribute.empty()) take.what = TakeOptions::What::kAttribute;
  take.attribute = o.attribute;
  if (kind == ExpressionKind::kJson && (o.text || o.html || !o.attribute.empty())) {
    return Error{Errc::kInvalid, "--text, --html and --attr are for elements; " + o.expression +
                                     " is a JSONPath expression"};
  }
  if (o.base.empty()) return take;
  Result<Url> base = Url::Parse(o.base);
  if (!base) return Error{Errc::kInvalid, "--base: " + base.error().detail};
  take.base = std::move(*base);
  return take;
}

std::optional<BodyForm> FormFor(const SelectOptions& o, ExpressionKind kind) {
  if (o.as == "auto" && kind != ExpressionKind::kJson) return std::nullopt;
  return o.as == "auto" ? BodyForm::kJson : BodyFormOf(o.as);
}

void AppendLine(const Match& match, bool raw, std::string* out) {
  if (match.is_json || raw) {
    out->append(match.text);
  } else {
    AppendJsonString(match.text, out);
  }
  out->push_back('\n');
}

// The file's name goes before what is wrong with it.
int ComplainOf(const SelectOptions& o, const Error& error) {
  const bool named = !o.page.file.empty() && o.page.file != "-";
  return Complain(kName, kExitBadInput, (named ? o.page.file : "stdin") + ": " + error.detail);
}

int Print(const SelectOptions& o, const Expression& expression, const TakeOptions& take,
          Document& document, html::NameTable& names) {
  Output output(kName);
  std::uint64_t count = 0;
  std::string line;
  const auto print = [&](const Match& match) {
    ++count;
    if (o.count) return true;
    line.clear();
    AppendLine(match, o.raw, &line);
    return output.Write(line);
  };
  Result<> run = expression.Run(document, names, take, print);
  if (run && o.count) output.Write(std::to_string(count) + "\n");
  const int written = output.Finish(count > 0 ? kExitDone : kExitNothing);
  return run ? written : ComplainOf(o, run.error());
}

}  // namespace

int SelectCommand(const SelectOptions& o) {
  if (const std::string fault = CharsetFault(o.page.charset); !fault.empty()) {
    return Complain(kName, kExitUsage, fault);
  }
  const ExpressionKind kind = KindFor(o);
  const Result<TakeOptions> take = TakeFor(o, kind);
  if (!take) return Complain(kName, kExitUsage, take.error().detail);
  html::NameTable names;
  const Result<Expression> expression = Expression::Compile(kind, o.expression, names);
  if (!expression) {
    std::fprintf(stderr, "thresh select: %s", expression.error().detail.c_str());
    return kExitBadInput;
  }
  const std::optional<BodyForm> form = FormFor(o, kind);
  if (form && !expression->Fits(*form)) {
    return Complain(kName, kExitUsage,
                    std::string("a ") + NameOf(kind) + " finds nothing in " + NameOf(*form) +
                        (kind == ExpressionKind::kJson ? "; expected --as json or ndjson"
                                                       : "; expected --as html, xml or text"));
  }
  Result<std::string> bytes = ReadInput(o.page.file);
  if (!bytes) return Complain(kName, kExitBadInput, bytes.error().detail);
  Document document(names);
  const DocumentHints hints{.charset = o.page.charset, .form = form};
  if (Result<> loaded = document.Load(std::move(*bytes), hints); !loaded) {
    return ComplainOf(o, loaded.error());
  }
  return Print(o, *expression, *take, document, names);
}

}  // namespace thresh
