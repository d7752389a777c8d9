#pragma once

// GumboParser: page bytes (UTF-8) -> Tree, by way of libgumbo.
//
// gumbo neither bounds its memory nor checks for its end, so it allocates from an
// arena of ours that breaks off the parse at a limit. And some pages of a few bytes
// make one of its assertions fail: Parse() catches the SIGABRT of this thread while
// gumbo runs, drops the arena and says so. Scripting counts as off: the content of
// <noscript> is elements.
//
// Threads: none. Lifetime: borrows the NameTable.

#include <setjmp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gumbo.h>

#include "lib/base/result.h"
#include "parser/html/arena.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"

namespace thresh::html {

struct ParseLimits {
  std::uint32_t max_depth = 2000;                         ///< Elements inside one another.
  std::uint32_t max_attributes = 1000;                    ///< Of one tag.
  std::size_t max_memory_bytes = std::size_t{256} << 20;  ///< gumbo's own, while it parses.
};

class GumboParser {
 public:
  explicit GumboParser(NameTable& names, ParseLimits limits = {});
  GumboParser(const GumboParser&) = delete;
  GumboParser& operator=(const GumboParser&) = delete;

  /// Replaces what is in `tree`, which then holds views into `page`: `page` must
  /// stay unchanged as long as the tree is read. Broken UTF-8 becomes U+FFFD.
  /// REQUIRES: `tree` was made with the same NameTable.
  /// Errors: kTooLarge over a limit; kInvalid for a page that gumbo cannot parse.
  /// The tree is then empty.
  Result<> Parse(std::string_view page, Tree* tree);

 private:
  struct OpenNode {
    const GumboVector* children;
    unsigned next_child;
    NodeId id;
  };

  // C callbacks.
  static void* Allocate(void* parser, std::size_t size) noexcept;
  static void Free(void* parser, void* block) noexcept;
  static void OnAbort(int signal) noexcept;

  Result<const GumboOutput*> RunGumbo(std::string_view page);
  Result<> CopyTree(const GumboOutput& output, Tree* tree);
  void CopyNextChild(Tree* tree);
  void CopyDoctype(const GumboDocument& document, Tree* tree);
  NodeId CopyElement(const GumboElement& element, NodeId parent, Tree* tree);
  unsigned CopyTextRun(const GumboVector& siblings, unsigned first, NodeId parent, Tree* tree);
  std::string_view TextOf(const char* decoded, const char* source, Tree* tree) const;
  Atom NameOf(const GumboElement& element, Tree* tree);

  const ParseLimits limits_;
  std::vector<Atom> tag_atoms_;  ///< By GumboTag.
  std::string_view page_;        ///< While Parse() runs.
  Arena memory_;
  std::size_t memory_used_bytes_ = 0;
  sigjmp_buf escape_{};  ///< Out of gumbo, with a code of gumbo_parser.cc.
  std::vector<OpenNode> open_;
  std::string scratch_;
};

}  // namespace thresh::html
