#pragma once

// Token: what the tokenizer has read last. One object is used again for all.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "parser/html/names.h"
#include "parser/html/tag_memo.h"
#include "parser/html/tree.h"

namespace thresh::html {

enum class TokenKind : std::uint8_t { kEnd, kText, kStartTag, kEndTag, kComment, kDoctype };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool self_closing = false;
  bool force_quirks = false;
  /// `text` is a view into the page, as are comments and values where nothing was decoded; if
  /// not, it is good until the next token only.
  bool in_page = false;
  bool has_nul = false;  ///< `text` has U+0000 in it, which the tree builder deals with.

  Atom name = kNoAtom;                ///< Of a tag, in lower case.
  std::string_view text;              ///< Of text and comments.
  std::vector<Attribute> attributes;  ///< Of a start tag; each name once. Good for the tree's life.
  /// The start tag has the attributes of an element that is in the tree already, and `attributes`
  /// is empty unless Tokenizer::ReadAttributesAgain() is called.
  const RepeatedTag* repeated = nullptr;
  RepeatedTag* to_place = nullptr;  ///< Who makes an element of the tag fills this in.

  [[nodiscard]] bool HasAttributes() const noexcept {
    return to_place != nullptr || repeated != nullptr || !attributes.empty();
  }

  std::optional<std::string_view> doctype_name;  ///< These three too.
  std::optional<std::string_view> public_id;
  std::optional<std::string_view> system_id;
};

}  // namespace thresh::html
