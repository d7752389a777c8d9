#pragma once

// Dead letters for people who look at one after another: the newest first, a bounded number at
// once; and what is kept of a letter's body.
//
// Threads: any; these calls read files.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/result.h"

namespace thresh {

struct LettersWanted {
  std::optional<std::uint64_t> before;  ///< Letters that begin before this offset; else the newest.
  std::size_t most = 50;
  std::string reason;  ///< Empty: any.
  std::string text;    ///< To be found in the line, as in the URL; empty: any.
};

/// `{"ok":true,"letters":[…],"before":n}`: the lines of `path`, the newest first, as they are.
/// `before` is null when the file's beginning was reached; there may be none though there are more:
/// a look reads some MiB at most.
/// Errors: kInvalid if the file cannot be read. A file that is not there is empty.
[[nodiscard]] Result<std::string> LettersJson(const std::string& path, const LettersWanted& wanted);

/// `{"ok":true,"bytes":n,"cut":false,"base64":"…"}`: the first 256 KiB of `name` in `folder`.
/// Errors: kInvalid for what is no body's name; kNotFound.
[[nodiscard]] Result<std::string> BodyJson(const std::string& folder, const std::string& name);

}  // namespace thresh
