#pragma once

// StartRows: the rows of a `[[start]]`, one at a time, each as a JSON object: of a CSV file (RFC
// 4180; the first row has the names), of a file with a JSON object a line, or of the recipe.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/recipe/recipe.h"

namespace thresh {

class StartRows {
 public:
  /// A file's path is from `folder`. Without rows there is one, empty.
  /// Errors: kNotFound, kInvalid.
  [[nodiscard]] static Result<StartRows> Open(const StartSpec& start, const std::string& folder);

  /// The next row's text. nullopt after the last, or where failure() tells of a broken row.
  [[nodiscard]] std::optional<std::string> Next();

  /// Where the last row is from, as `terms.csv:17`.
  [[nodiscard]] std::string place() const;
  /// Why the rows could not be read to their end; empty if all went well.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  enum class Kind { kInline, kCsv, kJsonLines };

  [[nodiscard]] std::optional<std::string> NextOfCsv();
  [[nodiscard]] std::optional<std::string> NextOfJsonLines();
  [[nodiscard]] bool ReadFields(std::vector<std::string>* fields);
  [[nodiscard]] bool ReadHeading();
  [[nodiscard]] int NextByte();
  [[nodiscard]] int Peek();
  void Fail(const std::string& why);

  Kind kind_ = Kind::kInline;
  std::vector<std::string> rows_;  ///< Of kInline.
  std::size_t next_row_ = 0;
  std::string path_;
  UniqueFd file_;
  std::string buffer_;
  std::size_t at_ = 0;
  char comma_ = ',';
  std::uint64_t line_ = 1, row_line_ = 1;
  std::vector<std::string> names_;  ///< Of kCsv.
  std::string failure_;
};

}  // namespace thresh
