#pragma once

// Extractor: a page and a recipe's program become records and links. A function of its two
// inputs: nothing is kept from one page to the next but memory.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "parser/html/names.h"
#include "parser/recipe/program.h"
#include "parser/recipe/reused.h"

namespace thresh {

class PageRun;

struct PageInput {
  std::string_view url;        ///< Canonical, as asked for: what `match` looks at.
  std::string_view final_url;  ///< After redirects: what links resolve against.
  std::uint32_t status = 0;
  std::vector<std::pair<std::string_view, std::string_view>> headers;  ///< Names in lower case.
  std::string_view meta;  ///< A JSON object's text, or empty.
  std::string_view body;  ///< As the server sent it: packed, if its headers say so.
  std::size_t max_body_bytes = std::size_t{64} << 20;  ///< Unpacked.
};

struct ItemRows {
  std::string_view item;            ///< The program's.
  std::vector<std::uint32_t> rows;  ///< Index of each record among the page's rows.
};

struct RejectedRow {
  std::string_view item;
  std::uint32_t row = 0;
  std::string_view field;  ///< The required field that found nothing.
};

/// A header's name, in lower case, and its value.
struct RequestHeader {
  std::string_view name;
  std::string value;
};

struct FollowedLink {
  std::string url;          ///< Absolute, http or https, without fragment.
  std::string_view recipe;  ///< Who is to take it; empty: routed by `allow`.
  std::string_view method = "GET";
  Reused<RequestHeader> headers;
  std::string body;
  bool templated = false;  ///< URL, headers and body name secrets; see lib/recipe/secrets.h.
  std::uint64_t delay_ms = 0;
  bool root = false;  ///< It begins a job of its own.
};

/// A link for people, and in `[[tests]]`: the URL, or `POST URL BODY`.
[[nodiscard]] std::string LinkText(const FollowedLink& link);

/// What the recipe's rules say of an answer whose records do not count.
struct AnswerVerdict {
  enum class Kind { kTake, kRetry, kFail } kind = Kind::kTake;
  std::string reason;          ///< Of kFail: the value, fit for a dead letter's reason.
  std::string detail;          ///< One line for people.
  std::uint32_t after_ms = 0;  ///< Of kRetry, as what follows.
  std::uint32_t max_attempts = 0;
  bool whole_host = false;
};

/// In how many rows a field was looked for, and in how many it found something.
struct FieldCount {
  std::uint64_t rows = 0;
  std::uint64_t found = 0;
};

/// What one field of one item found on the page, for people who write recipes.
struct FieldReport {
  std::string item, field;
  std::size_t rows = 0;   ///< Rows looked at.
  std::size_t found = 0;  ///< Rows in which it found something.
  std::string first;      ///< The first value, as JSON.
  std::string missed;     ///< The first text that became no value, and why; or empty.
};

struct Extraction {
  AnswerVerdict verdict;     ///< Unless kTake, all below is empty.
  std::string_view records;  ///< MessagePack maps, one after another, in the order of `rows`.
  Reused<ItemRows> rows;
  std::vector<RejectedRow> rejected;
  Reused<FollowedLink> links;      ///< Each URL once.
  std::vector<FieldCount> fields;  ///< Of Program::field_names, one for one.
};

class Extractor {
 public:
  Extractor();
  ~Extractor();
  Extractor(const Extractor&) = delete;
  Extractor& operator=(const Extractor&) = delete;

  /// The table that programs for this extractor are compiled with.
  [[nodiscard]] html::NameTable& names() noexcept { return names_; }

  /// Extracts. What it gives lives until the next call, and as long as the program; `report`, if
  /// given, gets an entry for each field of the items that are for this page.
  /// Errors, with the page's reason of docs/outcomes.md where that is not told by the code:
  /// kTooLarge for a page over a limit; kInvalid for a body that cannot be read, and `min_rows`.
  [[nodiscard]] Result<const Extraction*> Extract(const Program& program, const PageInput& page,
                                                  std::vector<FieldReport>* report = nullptr);

 private:
  html::NameTable names_;
  Extraction extraction_;
  std::unique_ptr<PageRun> run_;
};

}  // namespace thresh
