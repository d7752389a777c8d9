// PageRun: where values come from, and what is done to their texts.

#include <algorithm>
#include <charconv>
#include <cmath>

#include <re2/re2.h>

#include "lib/text/json.h"
#include "lib/text/utf8.h"
#include "parser/html/serialize.h"
#include "parser/json/elements.h"
#include "parser/json/write.h"
#include "parser/recipe/page_run.h"
#include "parser/select/text.h"

namespace thresh {
namespace {

using html::NodeId;
using select::PseudoElement;
using select::XPathNode;

// JSON texts inside the page. Each keeps some 3 KB until the page is done: that must not be a
// hostile page's 100,000 times.
constexpr std::size_t kDocumentsSearched = 64;
constexpr std::size_t kStepsOfDocument = 1000;

// Group 1, or the whole match if there is no group. False if nothing matches.
bool ApplyRegex(const re2::RE2& re, std::string_view* text) {
  re2::StringPiece groups[2];
  const int wanted = re.NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!re.Match(*text, 0, text->size(), re2::RE2::UNANCHORED, groups, wanted)) return false;
  const re2::StringPiece& group = groups[wanted - 1];
  *text =
      group.data() == nullptr ? std::string_view() : std::string_view(group.data(), group.size());
  return true;
}

}  // namespace

// Whether the text of an element is first of all JSON.
bool PageRun::ReadsJson(const Taking& taking) {
  if (taking.source.json) return true;
  if (taking.source.re != nullptr) return false;
  if (!taking.source.pipe.empty()) return taking.source.pipe.reads_json();
  if (taking.re != nullptr) return false;
  if (!taking.pipe.empty()) return taking.pipe.reads_json();
  return taking.field != nullptr && taking.field->type == FieldType::kJson;
}

std::size_t PageRun::TakeSource(Taking& taking, const Scope& scope) {
  const SourceProgram& source = taking.source;
  if (taking.piped) {
    texts_.clear();
    pipe_.Clear();
  }
  switch (source.kind) {
    case SourceKind::kConst:
      if (taking.field != nullptr) records_.Append(source.packed);
      return 1;
    case SourceKind::kCss: TakeCss(taking, scope); break;
    case SourceKind::kXPath: TakeXPath(taking, scope); break;
    case SourceKind::kJson:
      if (!scope.has_json) break;
      if (source.path != SourceProgram::kNoPath) {
        TakeOne(taking, paths_found_[depth_][source.path]);
      } else {
        TakePath(taking, *source.json, scope.json);
      }
      break;
    case SourceKind::kJsonLd:
    case SourceKind::kMicrodata: TakeLinkedData(taking); break;
    case SourceKind::kMeta: TakeMeta(taking); break;
    case SourceKind::kUrl: TakeText(taking, page_->final_url); break;
    case SourceKind::kStatus:
      scratch_ = std::to_string(page_->status);
      TakeText(taking, scratch_);
      break;
    case SourceKind::kHeader:
      for (const auto& [name, value] : page_->headers) {
        if (name != source.text) continue;
        if (!IsUtf8(value)) scratch_ = RepairUtf8(value);
        if (!TakeText(taking, IsUtf8(value) ? value : std::string_view(scratch_))) break;
      }
      break;
  }
  if (taking.piped) FinishPipe(taking);
  return taking.found;
}

void PageRun::TakeCss(Taking& taking, const Scope& scope) {
  const SourceProgram& source = taking.source;
  if (body_.is_json() || !scope.has_node || !scope.node.is_tree_node()) return;
  const NodeId from = source.whole_page ? html::kDocumentNode : scope.node.node;
  if (from != html::kDocumentNode && !body_.tree().IsElement(from)) return;
  const select::CssSelector& css = program_->selectors.selector(source.css);
  const auto take = [&](const select::Hit& hit) {
    if (taking.follow != nullptr && IsNofollow(hit.node)) return true;
    const PseudoElement& own = css.pseudo(hit.branch);
    const bool is_text =
        own.kind == PseudoElement::Kind::kNone || own.kind == PseudoElement::Kind::kText;
    if (is_text && ReadsJson(taking)) {  // As it stands: white space may be within strings.
      bool stable = false;
      const std::string_view raw = RawText(hit.node, &stable);
      return source.json ? TakeJsonInside(taking, raw, stable) : TakeText(taking, raw);
    }
    const auto value = css.ValueView(body_.tree(), hit, source.otherwise, &scratch_);
    return !value || TakeText(taking, *value);
  };
  if (!taking.all && !source.json) {
    if (const auto hit = selectors_.First(source.css, from)) take(*hit);
    return;
  }
  for (const select::Hit& hit : selectors_.All(source.css, from)) {
    if (!take(hit)) return;
  }
}

void PageRun::TakeXPath(Taking& taking, const Scope& scope) {
  const SourceProgram& source = taking.source;
  if (body_.is_json() || !scope.has_node) return;
  const html::Tree& tree = body_.tree();
  const auto take = [&](const XPathNode& node) {
    if (taking.follow != nullptr && IsNofollow(node.node)) return true;
    if (node.is_tree_node() && ReadsJson(taking)) {
      bool stable = false;
      const std::string_view raw = RawText(node.node, &stable);
      return source.json ? TakeJsonInside(taking, raw, stable) : TakeText(taking, raw);
    }
    scratch_.clear();
    if (node.is_tree_node() && tree.IsElement(node.node)) {
      const auto value = select::PseudoView(tree, node.node, source.otherwise, &scratch_);
      return !value || TakeText(taking, *value);
    }
    select::AppendNodeText(tree, node, &scratch_);
    return TakeText(taking, scratch_);
  };
  if (!source.xpath->selects_nodes()) {
    return TakeScalar(taking, source.xpath->Evaluate(tree, scope.node, work_));
  }
  if (!taking.all && !source.json) {
    if (const auto node = source.xpath->SelectFirst(tree, scope.node, work_)) take(*node);
    return;
  }
  source.xpath->SelectAll(tree, scope.node, work_, &nodes_);
  for (const XPathNode& node : nodes_) {
    if (!take(node)) return;
  }
}

// A number or a truth value stays one, unless the recipe has it made text first.
void PageRun::TakeScalar(Taking& taking, const select::XPathValue& value) {
  const bool plain = taking.field != nullptr && taking.field->type == FieldType::kAsFound &&
                     !taking.piped && taking.re == nullptr && taking.source.re == nullptr;
  if (const auto* text = std::get_if<std::string>(&value)) {
    TakeText(taking, *text);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    if (!plain) {
      TakeText(taking, *truth ? "true" : "false");
      return;
    }
    records_.PutBool(*truth);
    ++taking.found;
  } else if (const auto* number = std::get_if<double>(&value); number && std::isfinite(*number)) {
    if (!plain) {
      scratch_.clear();
      AppendPlainNumber(*number, &scratch_);
      TakeText(taking, scratch_);
      return;
    }
    if (*number == std::trunc(*number) && std::fabs(*number) < 1e15) {
      records_.PutInteger(static_cast<std::int64_t>(*number));
    } else {
      records_.PutDouble(*number);
    }
    ++taking.found;
  }
}

void PageRun::TakeLinkedData(Taking& taking) {
  if (body_.is_json() || base() == nullptr) return;
  objects_.clear();
  if (taking.source.kind == SourceKind::kJsonLd) {
    linked_data().FindJsonLd(taking.source.text, work_, &objects_);
  } else {
    linked_data().FindMicrodata(taking.source.text, work_, &objects_);
  }
  for (const Element object : objects_) {
    if (!taking.source.json) {
      if (!TakeElement(taking, object)) return;
      continue;
    }
    const std::size_t before = taking.found + texts_.size();
    TakePath(taking, *taking.source.json, object);
    if (!taking.all && taking.found + texts_.size() > before) return;
  }
}

void PageRun::TakeMeta(Taking& taking) {
  if (const auto value = Meta(taking.source.text)) TakeElement(taking, *value);
}

void PageRun::TakePath(Taking& taking, const json::JsonPath& path, Element root) {
  if (path.singular()) {
    TakeOne(taking, path.SelectFirst(root, work_));
    return;
  }
  if (!taking.all) {
    if (const auto found = path.SelectFirst(root, work_)) TakeElement(taking, *found);
    return;
  }
  elements_.clear();
  path.Select(root, work_, &elements_);
  for (const Element element : elements_) {
    if (!TakeElement(taking, element)) return;
  }
}

// What a path finds that finds one value at most.
void PageRun::TakeOne(Taking& taking, const std::optional<Element>& found) {
  if (!found) return;
  if (!taking.several || !found->is_array()) {
    TakeElement(taking, *found);
    return;
  }
  for (const Element item : json::ArrayOf(*found)) {  // Of an array, many means its values.
    if (!TakeElement(taking, item)) return;
  }
}

// Returns whether more is wanted. A null is nothing found.
bool PageRun::TakeElement(Taking& taking, Element value) {
  if (value.is_null()) return taking.all;
  const bool as_text = taking.piped || taking.re != nullptr || taking.source.re != nullptr ||
                       taking.field == nullptr;
  if (as_text) {
    taking.typed = !value.is_string();
    const bool more = TakeText(taking, TextOf(value));
    taking.typed = false;
    return more;
  }
  if (PackElement(*taking.field, value)) {
    ++taking.found;
  } else if (want_first_) {
    Miss(taking.field, TextOf(value), OtherThan(taking.field->type));
  }
  return taking.all && WithinLimits();
}

bool PageRun::TakeText(Taking& taking, std::string_view text) {
  const SourceProgram& source = taking.source;
  if (source.json && !taking.inside &&
      (source.kind == SourceKind::kCss || source.kind == SourceKind::kXPath)) {
    return TakeJsonInside(taking, text, false);
  }
  if (!work_.Spend(static_cast<std::int64_t>(text.size() / 32))) return false;
  if (taking.piped) {
    texts_.push_back(pipe_.Keep(text));
    return taking.all;
  }
  if (source.re != nullptr || taking.re != nullptr) taking.typed = false;
  if ((source.re == nullptr || ApplyRegex(*source.re, &text)) &&
      (taking.re == nullptr || ApplyRegex(*taking.re, &text))) {
    Deliver(taking, text);
  } else {
    Miss(taking.field, text, "which `re` does not match");
  }
  return taking.all && WithinLimits();
}

bool PageRun::TakeJsonInside(Taking& taking, std::string_view text, bool stable) {
  const std::size_t before = taking.found + texts_.size();
  if (const auto root = JsonInside(text, stable)) {
    const json::JsonPath& path = *taking.source.json;
    Taking inside = taking;
    inside.inside = true;
    inside.typed = false;
    TakePath(inside, path, *root);
    taking.found = inside.found;
  } else {
    Miss(taking.field, text, OtherThan(FieldType::kJson));
  }
  return (taking.all || taking.found + texts_.size() == before) && WithinLimits();
}

void PageRun::FinishPipe(Taking& taking) {
  const auto filter = [this](const re2::RE2* re) {
    if (re == nullptr) return;
    std::size_t kept = 0;
    for (std::string_view text : texts_) {
      if (ApplyRegex(*re, &text)) texts_[kept++] = text;
    }
    texts_.resize(kept);
  };
  const std::string_view first = texts_.empty() ? std::string_view() : texts_.front();
  const bool any = !texts_.empty();
  filter(taking.source.re.get());
  taking.source.pipe.Run(pipe_, &texts_);
  filter(taking.re);
  taking.pipe.Run(pipe_, &texts_);
  if (any && texts_.empty()) Miss(taking.field, first, "of which `re` and `pipe` leave nothing");
  for (const std::string_view text : texts_) {
    Deliver(taking, text);
    if (!taking.several || !WithinLimits()) break;
  }
  texts_.clear();
}

bool PageRun::Deliver(Taking& taking, std::string_view text) {
  const bool taken = taking.field != nullptr ? PackText(*taking.field, text)
                                             : AddLink(*taking.follow, {text, taking.typed});
  taking.found += taken ? 1 : 0;
  if (!taken && taking.field != nullptr) Miss(taking.field, text, OtherThan(taking.field->type));
  return taken;
}

std::string_view PageRun::TextOf(Element value) {
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return text;
  scratch_.clear();
  json::AppendText(value, &scratch_);
  return scratch_;
}

std::string_view PageRun::RawText(NodeId node, bool* stable) {
  const html::Tree& tree = body_.tree();
  const html::Node& element = tree.node(node);
  if (element.type == html::NodeType::kComment) {
    *stable = true;
    return element.text;
  }
  const NodeId only = element.type == html::NodeType::kText ? node : element.first_child;
  *stable = only != html::kNoNode && tree.node(only).type == html::NodeType::kText &&
            (only == node || tree.node(only).next_sibling == html::kNoNode);
  if (*stable) return tree.node(only).text;
  text_.clear();
  select::AppendRawText(tree, node, &text_);
  return text_;
}

std::optional<PageRun::Element> PageRun::Meta(std::string_view key) {
  if (!meta_read_) {
    meta_read_ = true;
    if (!page_->meta.empty()) {
      if (Result<Element> meta = meta_document_.Parse(page_->meta)) meta_ = *meta;
    }
  }
  if (!meta_ || !meta_->is_object()) return std::nullopt;
  return json::FindMember(json::ObjectOf(*meta_), key);
}

std::optional<PageRun::Element> PageRun::JsonInside(std::string_view text, bool stable) {
  // The last ones: fields of a row ask one after another, and a page may have a million of them.
  const std::size_t oldest = inside_used_ - std::min(inside_used_, kDocumentsSearched);
  for (std::size_t i = inside_used_; stable && i > oldest; --i) {
    const Inside& known = *inside_[i - 1];
    if (known.text == text.data() && known.size == text.size()) return known.root;
  }
  const std::size_t steps = text.size() / 8 + kStepsOfDocument;
  if (!work_.Spend(static_cast<std::int64_t>(steps))) return std::nullopt;
  if (inside_used_ == inside_.size()) inside_.push_back(std::make_unique<Inside>());
  Inside& inside = *inside_[inside_used_++];
  inside.text = stable ? text.data() : nullptr;
  inside.size = text.size();
  inside.root.reset();
  if (Result<Element> root = inside.document.ParseOfPage(text)) inside.root = *root;
  return inside.root;
}

json::LinkedData& PageRun::linked_data() {
  if (!linked_data_loaded_) {
    linked_data_loaded_ = true;
    linked_data_.Load(body_.tree(), *base_);
  }
  return linked_data_;
}

}  // namespace thresh
