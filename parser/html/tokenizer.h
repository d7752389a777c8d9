#pragma once

// Tokenizer: page -> tokens, one a call (WHATWG HTML 13.2.5). It is pulled by the tree builder,
// which reads the token in place and sets the state in between; a test can drive it just so.
// Parse errors are passed over in silence: no caller acts on them.
//
// The states of the standard are places in the code here: what a page says most often (a run of
// text, a tag with quoted values) is a scan and a view; whatever needs a change (references, CR,
// NUL) goes a slower way into a copy.
//
// Threads: none. Lifetime: borrows the NameCache, and page and tree from Start() on.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "parser/html/end_tags.h"
#include "parser/html/name_cache.h"
#include "parser/html/tag_memo.h"
#include "parser/html/token.h"
#include "parser/html/tree.h"

namespace thresh::html {

class Tokenizer {
 public:
  enum class State : std::uint8_t { kData, kRcdata, kRawText, kScriptData, kPlaintext, kCdata };

  Tokenizer(NameCache& names, std::uint32_t max_attributes)
      : names_(names), max_attributes_(max_attributes) {}
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  /// From the start of `page`, in the data state. Decoded values are kept in `tree`.
  void Start(std::string_view page, Tree* tree);

  void set_state(State state) noexcept { state_ = state; }
  /// What closes raw text: the name of the last start tag, unless this says another.
  void set_last_start_tag(Atom name) noexcept { last_start_tag_ = name; }

  /// Reads the next token; kEnd at the end, again and again. `in_foreign`: the adjusted current
  /// node is no HTML element, so that CDATA sections are allowed.
  void Next(bool in_foreign);

  /// Whether the next token is this end tag, as far as one look at it tells.
  [[nodiscard]] bool IsNext(const EndTag& tag) const noexcept {
    if (end_ - at_ < kEndTagReach || at_[0] != '<' || at_[1] != '/') return false;
    std::uint64_t name;
    std::memcpy(&name, at_ + 2, sizeof name);
    return (name ^ tag.bytes) << tag.unused_bits == 0 && tag.size > 0 && state_ == State::kData;
  }
  /// Passes over it: no token. REQUIRES: IsNext(tag).
  void Skip(const EndTag& tag) noexcept { at_ += 2 + tag.size; }

  /// Fills in the attributes of a repeated start tag, which is none any more.
  /// REQUIRES: token().repeated is not null.
  void ReadAttributesAgain();

  [[nodiscard]] Token& token() noexcept { return token_; }
  [[nodiscard]] const Token& token() const noexcept { return token_; }
  /// A tag had more attributes than the limit; the page ends there.
  [[nodiscard]] bool has_too_many_attributes() const noexcept { return too_many_attributes_; }

 private:
  static constexpr std::ptrdiff_t kEndTagReach = 2 + end_tags::kMostBytes;
  enum class Read : std::uint8_t { kToken, kNothing, kIsText };

  void NextOther();
  void SetText(const char* begin, const char* end);
  void SetDecodedText(bool has_nul);
  /// The text from `begin` to `end`, whose first CR or NUL is at `broken`, into scratch_.
  void Normalise(const char* begin, const char* broken, const char* end, std::string_view nul);
  void ReadText();
  const char* AppendTextUntilTag(const char* at);

  // tokenizer_tags.cc
  Read ReadMarkup();
  void BeginTag(TokenKind kind) noexcept;
  Read ReadTag(const char* at, TokenKind kind);
  bool ReadUsualTag(const char* at, TokenKind kind);
  bool ReadRemembered(const char* at);
  [[gnu::noinline]] Read ReadAnyTag(const char* at, TokenKind kind);
  template <bool is_attribute>
  Atom ReadName(const char** at);
  template <bool is_attribute>
  Atom ReadNameBytewise(const char** at);
  bool ReadAttributes(const char* at);
  const char* ReadUsualAttribute(const char* at);
  const char* ReadAttribute(const char* at);
  const char* ReadAttributeValue(const char* at, std::string_view* value);
  const char* ReadUnquoted(const char* at, std::string_view* value);
  const char* ReadQuoted(const char* at, std::string_view* value);
  void AddAttribute(Atom name, std::string_view value);

  // tokenizer_markup.cc: what begins with `<!`, `<?` and broken `</`
  Read ReadDeclaration(const char* at);
  Read ReadComment(const char* at);
  Read ReadBogusComment(const char* at);
  void SetComment(const char* begin, const char* end);
  Read ReadCdata(const char* at);
  [[nodiscard]] std::string_view Decoded(const char* begin, const char* end);
  Read ReadDoctype(const char* at);
  const char* ReadDoctypeName(const char* at);
  const char* ReadDoctypeIds(const char* at);
  const char* ReadDoctypeId(const char* at, std::optional<std::string_view>* id);
  const char* ReadSystemId(const char* at);
  const char* BreakDoctype(const char* at);

  // tokenizer_raw.cc: inside <title>, <style>, <script> and their like
  bool ReadRaw();
  [[nodiscard]] bool IsEndTag(const char* at) const;
  [[nodiscard]] const char* FindEndTag(const char* at) const;
  [[nodiscard]] const char* FindScriptEnd(const char* at) const;
  void ReadRawText(const char* end);
  void ReadRcdata(const char* end);

  NameCache& names_;
  const std::uint32_t max_attributes_;
  Tree* tree_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  State state_ = State::kData;
  bool in_foreign_ = false;
  bool keeps_attributes_ = false;  ///< The tag being read is a start tag.
  bool too_many_attributes_ = false;
  Atom last_start_tag_ = kNoAtom;
  std::uint64_t names_seen_ = 0;  ///< A bit for each attribute name of the tag, by its atom.
  Token token_;
  std::string scratch_;
  TagMemo tags_;
  TagMemo::Entry* entry_ = nullptr;  ///< For the tag being read, if it has one ...
  std::size_t key_size_ = 0;         ///< ... and the size of its key.
  const char* tag_ = nullptr;        ///< The name of the last repeated tag.
};

}  // namespace thresh::html
