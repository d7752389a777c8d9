#include "parser/html/gumbo_parser.h"

#include <signal.h>

#include <cstring>
#include <functional>
#include <utility>

#include "lib/text/utf8.h"
#include "parser/html/ascii.h"
#include "parser/html/gumbo_guard.h"

namespace thresh::html {
namespace {

// What sigsetjmp returns in RunGumbo.
constexpr int kFirstReturn = 0;
constexpr int kOutOfMemory = 1;
constexpr int kAssertionFailed = 2;

// A signal handler has no other way to find its object. Set only while gumbo runs;
// an abort in another thread finds null there and kills the process as ever.
thread_local sigjmp_buf* running = nullptr;

class AbortCatcher {
 public:
  AbortCatcher(void (*handler)(int), sigjmp_buf* escape) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(SIGABRT, &action, &previous_);
    running = escape;
  }
  ~AbortCatcher() {
    running = nullptr;
    sigaction(SIGABRT, &previous_, nullptr);
  }
  AbortCatcher(const AbortCatcher&) = delete;
  AbortCatcher& operator=(const AbortCatcher&) = delete;

 private:
  struct sigaction previous_ {};
};

constexpr std::size_t kCommentOpening = 4;  // <!--

Error TooDeep(std::uint32_t max_depth) {
  return {Errc::kTooLarge, "elements nest more than " + std::to_string(max_depth) + " deep"};
}

bool IsText(const GumboNode& node) {
  return node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE ||
         node.type == GUMBO_NODE_CDATA;
}

const GumboNode& ChildAt(const GumboVector& children, unsigned i) {
  return *static_cast<const GumboNode*>(children.data[i]);
}

std::string_view Prefix(GumboAttributeNamespaceEnum ns) {
  switch (ns) {
    case GUMBO_ATTR_NAMESPACE_XLINK: return "xlink:";
    case GUMBO_ATTR_NAMESPACE_XML: return "xml:";
    case GUMBO_ATTR_NAMESPACE_XMLNS: return "xmlns:";
    default: return "";
  }
}

Namespace NamespaceOf(GumboNamespaceEnum ns) {
  switch (ns) {
    case GUMBO_NAMESPACE_SVG: return Namespace::kSvg;
    case GUMBO_NAMESPACE_MATHML: return Namespace::kMathMl;
    default: return Namespace::kHtml;
  }
}

}  // namespace

GumboParser::GumboParser(NameTable& names, ParseLimits limits) : limits_(limits) {
  for (int tag = 0; tag < GUMBO_TAG_UNKNOWN; ++tag) {
    tag_atoms_.push_back(names.Intern(gumbo_normalized_tagname(static_cast<GumboTag>(tag))));
  }
}

Result<> GumboParser::Parse(std::string_view page, Tree* tree) {
  tree->Clear();
  if (Result<> fit = CheckCostToGumbo(page, limits_.max_depth, limits_.max_attributes); !fit) {
    return fit;
  }
  page_ = page.data() == nullptr ? std::string_view("") : page;
  memory_.Clear();
  memory_used_bytes_ = 0;
  const Result<const GumboOutput*> output = RunGumbo(page_);
  // gumbo_destroy_output is left out on purpose: the arena takes everything back,
  // and gumbo would go down the tree by recursion.
  Result<> copied = output ? CopyTree(**output, tree) : output.error();
  memory_.Clear();
  if (!copied) tree->Clear();
  return copied;
}

// ---- C callbacks ----------------------------------------------------------------

// Only gumbo's C frames lie between here and RunGumbo, so the jumps skip no destructor.
void* GumboParser::Allocate(void* parser, std::size_t size) noexcept {
  auto* self = static_cast<GumboParser*>(parser);
  self->memory_used_bytes_ += size;
  if (self->memory_used_bytes_ > self->limits_.max_memory_bytes) {
    siglongjmp(self->escape_, kOutOfMemory);
  }
  return self->memory_.Allocate(size, alignof(std::max_align_t));
}

void GumboParser::Free(void*, void*) noexcept {}

void GumboParser::OnAbort(int) noexcept {
  if (running != nullptr) siglongjmp(*running, kAssertionFailed);
}

Result<const GumboOutput*> GumboParser::RunGumbo(std::string_view page) {
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = &Allocate;
  options.deallocator = &Free;
  options.userdata = this;
  options.max_errors = 0;
  const AbortCatcher catcher(&OnAbort, &escape_);
  switch (sigsetjmp(escape_, /*savemask=*/1)) {
    case kFirstReturn: return gumbo_parse_with_options(&options, page.data(), page.size());
    case kOutOfMemory:
      return Error{Errc::kTooLarge, "the page needs more than " +
                                        std::to_string(limits_.max_memory_bytes) +
                                        " bytes of memory to parse"};
    default: return Error{Errc::kInvalid, "the page makes an assertion of libgumbo fail"};
  }
}

// ---- gumbo's tree -> ours ---------------------------------------------------------

Result<> GumboParser::CopyTree(const GumboOutput& output, Tree* tree) {
  const GumboDocument& document = output.document->v.document;
  tree->set_quirks(document.doc_type_quirks_mode == GUMBO_DOCTYPE_QUIRKS);
  CopyDoctype(document, tree);
  open_.assign(1, {&document.children, 0, kDocumentNode});
  while (!open_.empty()) {
    if (open_.back().next_child == open_.back().children->length) {
      open_.pop_back();
    } else {
      CopyNextChild(tree);
    }
    if (open_.size() > limits_.max_depth + std::size_t{1}) return TooDeep(limits_.max_depth);
  }
  return Ok{};
}

void GumboParser::CopyNextChild(Tree* tree) {
  OpenNode& open = open_.back();
  const GumboNode& child = ChildAt(*open.children, open.next_child);
  if (IsText(child)) {
    open.next_child = CopyTextRun(*open.children, open.next_child, open.id, tree);
    return;
  }
  ++open.next_child;
  if (child.type == GUMBO_NODE_COMMENT) {
    const GumboText& comment = child.v.text;
    const bool has_opening = comment.original_text.length >= kCommentOpening;
    const char* const source = has_opening ? comment.original_text.data + kCommentOpening : nullptr;
    tree->AppendComment(open.id, TextOf(comment.text, source, tree));
    return;
  }
  const GumboElement& element = child.v.element;  // Also a <template>.
  const NodeId id = CopyElement(element, open.id, tree);
  open_.push_back({&element.children, 0, id});
}

// gumbo does not say where among the comments the doctype stood: it comes first.
void GumboParser::CopyDoctype(const GumboDocument& document, Tree* tree) {
  if (!document.has_doctype) return;
  const auto keep = [tree](const char* text) {
    return text == nullptr ? std::string_view() : tree->Keep(text);
  };
  tree->AppendDoctype(keep(document.name), keep(document.public_identifier),
                      keep(document.system_identifier));
}

NodeId GumboParser::CopyElement(const GumboElement& element, NodeId parent, Tree* tree) {
  const NodeId id =
      tree->AppendElement(parent, NameOf(element, tree), NamespaceOf(element.tag_namespace));
  for (unsigned i = 0; i < element.attributes.length; ++i) {
    const auto& attribute = *static_cast<const GumboAttribute*>(element.attributes.data[i]);
    std::string_view name = attribute.name;
    if (const std::string_view prefix = Prefix(attribute.attr_namespace);
        !prefix.empty() && name != "xmlns") {
      name = scratch_.assign(prefix).append(name);
    }
    const char* source = attribute.original_value.data;
    if (source != nullptr && attribute.original_value.length > 0 &&
        (*source == '"' || *source == '\'')) {
      ++source;
    }
    tree->AddAttribute(tree->NameFromPage(name), TextOf(attribute.value, source, tree));
  }
  return id;
}

// Foster parenting leaves text nodes side by side where the standard has one.
unsigned GumboParser::CopyTextRun(const GumboVector& siblings, unsigned first, NodeId parent,
                                  Tree* tree) {
  unsigned end = first + 1;
  while (end < siblings.length && IsText(ChildAt(siblings, end))) ++end;
  if (end == first + 1) {
    const GumboText& text = ChildAt(siblings, first).v.text;
    tree->AppendText(parent, TextOf(text.text, text.original_text.data, tree));
    return end;
  }
  scratch_.clear();
  for (unsigned i = first; i < end; ++i) scratch_.append(ChildAt(siblings, i).v.text.text);
  tree->AppendText(parent, tree->Keep(scratch_));
  return end;
}

// A view into the page if its bytes at `source` are what gumbo decoded, else a copy.
std::string_view GumboParser::TextOf(const char* decoded, const char* source, Tree* tree) const {
  const std::string_view text(decoded);
  const char* const page_end = page_.data() + page_.size();
  const std::less_equal<const char*> at_most;
  const bool inside = source != nullptr && at_most(page_.data(), source) &&
                      at_most(source, page_end) &&
                      text.size() <= static_cast<std::size_t>(page_end - source);
  if (inside && std::memcmp(source, text.data(), text.size()) == 0) return {source, text.size()};
  return tree->Keep(text);
}

Atom GumboParser::NameOf(const GumboElement& element, Tree* tree) {
  if (element.tag != GUMBO_TAG_UNKNOWN && element.tag_namespace != GUMBO_NAMESPACE_SVG) {
    return tag_atoms_[element.tag];
  }
  GumboStringPiece piece = element.original_tag;
  if (piece.data != nullptr) gumbo_tag_from_original_text(&piece);
  if (piece.data == nullptr || piece.length == 0) {
    return element.tag == GUMBO_TAG_UNKNOWN ? tree->NameFromPage("unknown")
                                            : tag_atoms_[element.tag];
  }
  if (element.tag_namespace == GUMBO_NAMESPACE_SVG) {
    const char* const svg_name = gumbo_normalize_svg_tagname(&piece);
    if (svg_name != nullptr) return tree->NameFromPage(svg_name);
    if (element.tag != GUMBO_TAG_UNKNOWN) return tag_atoms_[element.tag];
  }
  scratch_ = Lowered({piece.data, piece.length});
  for (std::size_t nul = 0; (nul = scratch_.find('\0', nul)) != std::string::npos;) {
    scratch_.replace(nul, 1, "\xEF\xBF\xBD");
  }
  return tree->NameFromPage(IsUtf8(scratch_) ? scratch_ : RepairUtf8(scratch_));
}

}  // namespace thresh::html
