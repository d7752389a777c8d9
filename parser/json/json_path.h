#pragma once

// JsonPath: a compiled JSONPath query (RFC 9535), run on simdjson's DOM.
//
//   $.results[?@.rating >= 4].name
//
// All of the RFC: name, wildcard, index, slice and filter selectors, descendant segments,
// length() count() match() search() value(). Nodes come in the order the RFC lays down;
// members of an object in that of the document. Where an object names a member twice, a name
// finds the last, a wildcard all.
//
// Lifetime: self-contained after Compile; copies share nothing that changes. What it finds
// lives as long as the document, until its parser reads the next one.
// Threads: none; const use is free of side effects.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "lib/base/result.h"
#include "parser/json/json_path_program.h"
#include "parser/select/work_budget.h"

namespace thresh::json {

class JsonPath {
 public:
  /// Compiles `text` (UTF-8). On failure `error_offset`, if given, is the byte of `text`, from
  /// 0, that the error is about; text.size() for an unexpected end.
  /// Errors: kInvalid, for what is not well-formed or not well-typed (RFC 9535, 2.1).
  [[nodiscard]] static Result<JsonPath> Compile(std::string_view text,
                                                std::size_t* error_offset = nullptr);

  /// Appends to `found` the nodes that the query finds from `root`, which is what `$` stands
  /// for. A node comes once for each way that leads to it. No allocation but that of `found`,
  /// unless there are slices with a negative step or patterns from the document.
  void Select(simdjson::dom::element root, select::WorkBudget& work,
              std::vector<simdjson::dom::element>* found) const;

  /// What Select would find first; stops there.
  [[nodiscard]] std::optional<simdjson::dom::element> SelectFirst(simdjson::dom::element root,
                                                                  select::WorkBudget& work) const;

  /// True if it finds at most one node in any document: only names and indices, as `$.a.b[0]`.
  [[nodiscard]] bool singular() const noexcept { return program_.main.singular; }

  /// How many segments it has: 0 for `$`.
  [[nodiscard]] std::uint32_t steps() const noexcept { return program_.main.segments.count; }

  /// The name that a singular query asks for in its segment `step`, from 0: `b` of `$.a.b` or
  /// `$['a']['b']` in 1. Nullopt for an index and behind the end. A view into this.
  [[nodiscard]] std::optional<std::string_view> NameAt(std::uint32_t step) const noexcept;

  /// What a singular query finds from its segment `first` on, where `node` is what those before
  /// led to.
  [[nodiscard]] std::optional<simdjson::dom::element> FollowSteps(std::uint32_t first,
                                                                  simdjson::dom::element node,
                                                                  select::WorkBudget& work) const;

 private:
  path::Program program_;
};

}  // namespace thresh::json
