#pragma once

// XmlParser: an XML document (UTF-8) -> html::Tree, by way of expat, for bodies
// that a recipe reads `as = "xml"`: feeds, sitemaps, XHTML.
//
// Names are atoms of the qualified names as written, case kept; every element is
// in Namespace::kXml, and Tree::xml() knows its namespace. A prefix that nothing
// declares is forgiven, as feeds have them: such a name is in no namespace.
// `xmlns` declarations stay in the tree as attributes. CDATA is text, adjacent text
// is one node. The DTD inside the document gives entities, default values and IDs;
// nothing outside of it is ever loaded.
//
// Threads: none. Lifetime: self-contained; the tree keeps no view of the document.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "parser/html/tree.h"

struct XML_ParserStruct;  // expat.h

namespace thresh::xml {

struct XmlLimits {
  std::uint32_t max_depth = 2000;        ///< Elements inside one another.
  std::uint32_t max_nodes = 10'000'000;  ///< Attributes count as well.
  std::uint32_t max_attributes = 1000;   ///< Of one tag.
  std::uint32_t max_entities = 1000;     ///< Declared; expat recurses into chains of them.
};

class XmlParser {
 public:
  explicit XmlParser(XmlLimits limits = {}) : limits_(limits) {}
  XmlParser(const XmlParser&) = delete;
  XmlParser& operator=(const XmlParser&) = delete;

  /// Replaces what is in `tree`. `utf8` is read as UTF-8, whatever encoding it
  /// declares. Errors: kInvalid if it is not well-formed, kTooLarge over a limit;
  /// the detail begins with `line L, column C: `. The tree is then empty.
  Result<> Parse(std::string_view utf8, html::Tree* tree);

 private:
  struct ParserFree {
    void operator()(XML_ParserStruct* parser) const noexcept;
  };
  struct OpenElement {
    html::NodeId node;
    std::uint32_t scope;    ///< Its nearest binding.
    std::size_t undo_size;  ///< Of undo_ before its declarations.
  };

  // C callbacks.
  static void OnStart(void* self, const char* name, const char** attributes) noexcept;
  static void OnEnd(void* self, const char* name) noexcept;
  static void OnText(void* self, const char* text, int size) noexcept;
  static void OnComment(void* self, const char* text) noexcept;
  static void OnInstruction(void* self, const char* target, const char* text) noexcept;
  static void OnDoctype(void* self, const char* name, const char* system_id, const char* public_id,
                        int has_internal_subset) noexcept;
  static void OnDoctypeEnd(void* self) noexcept;
  // NOLINTNEXTLINE(readability-function-size): expat's signature.
  static void OnEntity(void* self, const char* name, int is_parameter, const char* value, int size,
                       const char* base, const char* system_id, const char* public_id,
                       const char* notation) noexcept;

  void Prepare(html::Tree* tree);
  void Start(std::string_view name, const char** attributes);
  void AddAttributes(const char** attributes, html::NodeId element);
  void Declare(std::string_view prefix, std::string_view uri, std::uint32_t* scope);
  void End();
  void Comment(std::string_view text);
  void Instruction(std::string_view target, std::string_view text);
  void FlushText();
  /// The binding of the prefix of an element's name; kNoBinding if in no namespace.
  [[nodiscard]] std::uint32_t BindingOf(std::string_view name) const;
  /// False, and the parse ends, if one more node is too many.
  bool CountNode();
  void Refuse(const Error& error);
  [[nodiscard]] std::string Place() const;

  const XmlLimits limits_;
  std::unique_ptr<XML_ParserStruct, ParserFree> parser_;

  // While Parse() runs.
  html::Tree* tree_ = nullptr;
  html::XmlNames* names_ = nullptr;
  std::vector<OpenElement> open_;
  std::unordered_map<std::string_view, std::uint32_t> bound_;  ///< Prefix -> nearest binding.
  std::vector<std::pair<std::string_view, std::uint32_t>> undo_;
  std::string text_;
  std::uint32_t node_count_ = 0;
  std::uint32_t entity_count_ = 0;
  bool in_doctype_ = false;
  bool refused_ = false;
  Error refusal_;
};

}  // namespace thresh::xml
