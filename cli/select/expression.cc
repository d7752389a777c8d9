#include "cli/select/expression.h"

#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "cli/page/point_out.h"
#include "lib/text/json.h"
#include "lib/text/text_place.h"
#include "lib/text/utf8.h"
#include "parser/html/ascii.h"
#include "parser/json/write.h"
#include "parser/select/work_budget.h"

namespace thresh {
namespace {

using html::NodeId;
using select::PseudoElement;

// A person waits for the answer, and can break off.
constexpr std::int64_t kSteps = 40 * select::WorkBudget::kDefaultSteps;

Error Fault(ExpressionKind kind, std::string_view text, std::size_t offset,
            const std::string& detail) {
  const TextPlace place = PlaceOf(text, offset);
  const std::string line = place.line > 1 ? "line " + std::to_string(place.line) + ", " : "";
  return {Errc::kInvalid, std::string(NameOf(kind)) + ", " + line + "column " +
                              std::to_string(place.column) + ": " + detail + "\n" +
                              PointOut(text, offset)};
}

bool HoldsUrl(std::string_view attribute) {
  static constexpr std::string_view kNames[]{"href",   "src",        "action",   "formaction",
                                             "poster", "data",       "cite",     "longdesc",
                                             "ping",   "background", "manifest", "xlink:href"};
  for (const std::string_view name : kNames) {
    if (name == attribute) return true;
  }
  return false;
}

// Nodes of one document to values.
class NodeValues {
 public:
  NodeValues(const Document& document, html::NameTable& names, const TakeOptions& options,
             const MatchFn& take)
      : tree_(document.tree()), take_(take) {
    if (options.base) base_ = document.BaseUrl(*options.base);
    switch (options.what) {
      case TakeOptions::What::kText: element_.kind = PseudoElement::Kind::kText; break;
      case TakeOptions::What::kHtml: element_.kind = PseudoElement::Kind::kHtml; break;
      case TakeOptions::What::kAttribute:
        element_ = {PseudoElement::Kind::kAttr, names.Intern(options.attribute),
                    names.Intern(html::Lowered(options.attribute))};
        break;
    }
  }

  /// What is taken of an element if nothing else is said.
  [[nodiscard]] const PseudoElement& element() const noexcept { return element_; }

  /// The same for a node of XPath's: an attribute gives its value, text itself.
  bool Take(const select::XPathNode& node) {
    const bool element =
        node.is_tree_node() && (node.node == html::kDocumentNode || tree_.IsElement(node.node));
    if (element) return Take(node.node, element_);
    value_.clear();
    select::AppendNodeText(tree_, node, &value_);
    if (base_ && node.is_attribute()) Resolve(select::QualifiedName(tree_, node));
    return take_({.text = value_});
  }

  /// False if no more matches are wanted; without the attribute there is no match.
  bool Take(NodeId node, const PseudoElement& pseudo) {
    value_.clear();
    if (!select::AppendPseudoValue(tree_, node, pseudo, &value_)) return true;
    if (base_ && pseudo.kind == PseudoElement::Kind::kAttr) Resolve(tree_.name(pseudo.name_lower));
    return take_({.text = value_});
  }

 private:
  void Resolve(std::string_view attribute) {
    if (!HoldsUrl(attribute)) return;
    if (Result<Url> url = Url::Parse(value_, *base_)) value_ = url->href();
  }

  const html::Tree& tree_;
  const MatchFn& take_;
  PseudoElement element_;
  std::optional<Url> base_;
  std::string value_;
};

}  // namespace

ExpressionKind KindOf(std::string_view text) {
  while (!text.empty() && html::IsSpace(text.front())) text.remove_prefix(1);
  if (text.starts_with('$')) return ExpressionKind::kJson;
  const bool path = text.starts_with('/') || text.starts_with("./") || text.starts_with('(');
  return path ? ExpressionKind::kXPath : ExpressionKind::kCss;
}

const char* NameOf(ExpressionKind kind) {
  switch (kind) {
    case ExpressionKind::kCss: return "CSS selector";
    case ExpressionKind::kXPath: return "XPath";
    case ExpressionKind::kJson: break;
  }
  return "JSONPath";
}

Result<Expression> Expression::Compile(ExpressionKind kind, std::string_view text,
                                       html::NameTable& names) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = DecodeUtf8(text, at);
    if (!c.valid) return Fault(kind, text, at, "expected UTF-8, found another byte");
    at += c.length;
  }
  Expression expression(kind);
  std::size_t offset = 0;
  const auto keep = [&](auto compiled, auto* member) -> Result<> {
    if (!compiled) return Fault(kind, text, offset, compiled.error().detail);
    *member = std::move(*compiled);
    return Ok{};
  };
  Result<> kept = Ok{};
  switch (kind) {
    case ExpressionKind::kCss:
      kept = keep(select::CssSelector::Compile(text, names, &offset), &expression.css_);
      break;
    case ExpressionKind::kXPath:
      kept = keep(select::XPath::Compile(text, names, &offset), &expression.xpath_);
      break;
    case ExpressionKind::kJson:
      kept = keep(json::JsonPath::Compile(text, &offset), &expression.json_);
      break;
  }
  if (!kept) return kept.error();
  return expression;
}

bool Expression::Fits(BodyForm form) const noexcept {
  const bool json = form == BodyForm::kJson || form == BodyForm::kNdjson;
  return json == (kind_ == ExpressionKind::kJson);
}

Result<> Expression::Run(Document& document, html::NameTable& names, const TakeOptions& options,
                         const MatchFn& take) const {
  select::WorkBudget work(kSteps);
  Result<> run = Ok{};
  switch (kind_) {
    case ExpressionKind::kCss: RunCss(document, names, options, take, work); break;
    case ExpressionKind::kXPath: RunXPath(document, names, options, take, work); break;
    case ExpressionKind::kJson: run = RunJson(document, take, work); break;
  }
  if (run && work.exhausted()) {
    return Error{Errc::kTooLarge, "the expression's work on this page passed its limit"};
  }
  return run;
}

void Expression::RunCss(const Document& document, html::NameTable& names,
                        const TakeOptions& options, const MatchFn& take,
                        select::WorkBudget& work) const {
  NodeValues values(document, names, options, take);
  std::vector<select::Hit> hits;
  css_->SelectAll(document.tree(), html::kDocumentNode, work, &hits);
  if (work.exhausted()) return;  // Half of them are no answer.
  for (const select::Hit& hit : hits) {
    const PseudoElement& written = css_->pseudo(hit.branch);
    const bool silent = written.kind == PseudoElement::Kind::kNone;
    if (!values.Take(hit.node, silent ? values.element() : written)) return;
  }
}

void Expression::RunXPath(const Document& document, html::NameTable& names,
                          const TakeOptions& options, const MatchFn& take,
                          select::WorkBudget& work) const {
  const select::XPathValue value = xpath_->Evaluate(document.tree(), {}, work);
  if (work.exhausted()) return;
  if (const auto* nodes = std::get_if<std::vector<select::XPathNode>>(&value)) {
    NodeValues values(document, names, options, take);
    for (const select::XPathNode& node : *nodes) {
      if (!values.Take(node)) return;
    }
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    take({.text = *text});
  } else if (const auto* number = std::get_if<double>(&value)) {
    std::string written;
    const bool finite = std::isfinite(*number);
    finite ? AppendJsonNumber(*number, &written) : select::AppendXPathNumber(*number, &written);
    take({.is_json = finite, .text = written});
  } else {
    take({.is_json = true, .text = std::get<bool>(value) ? "true" : "false"});
  }
}

Result<> Expression::RunJson(Document& document, const MatchFn& take,
                             select::WorkBudget& work) const {
  std::vector<simdjson::dom::element> found;
  std::string value;
  return document.ForEachRoot([&](simdjson::dom::element root) {
    found.clear();
    json_->Select(root, work, &found);
    if (work.exhausted()) return false;
    for (const simdjson::dom::element match : found) {
      value.clear();
      const bool is_text = match.is_string();
      if (is_text) {
        value = match.get_string().value_unsafe();
      } else {
        json::AppendJson(match, &value);
      }
      if (!take({.is_json = !is_text, .text = value})) return false;
    }
    return true;
  });
}

}  // namespace thresh
