#pragma once

// Options' rows -> what people read: the commented file, its reference, manual pages. No option is
// described anywhere else.

#include <string>
#include <string_view>
#include <vector>

#include "lib/config/option.h"

namespace thresh {

struct DaemonDocs {
  std::string_view name;   ///< As `thresh-sink`.
  std::string_view what;   ///< One sentence: what its process does.
  std::string_view about;  ///< Paragraphs of its manual page, parted by empty lines.
  OptionTable options;     ///< Their targets hold the defaults.
};

/// A key of a table that others read.
struct KeyDocs {
  std::string_view name;
  std::string_view value;  ///< TOML: the default, or an example where there is none.
  std::string_view help;
};

/// A table that may stand in the file several times: `[[host]]`.
struct TableDocs {
  std::string_view name;
  std::string_view about;  ///< One paragraph.
  std::vector<KeyDocs> keys;
};

struct ConfigDocs {
  std::vector<DaemonDocs> daemons;
  std::vector<TableDocs> tables;

  /// All options of the file, each once: those of all, then those of sections, in their order.
  [[nodiscard]] OptionTable Options() const;
};

/// thresh.toml: every key, commented out, with its default. Read as it is, it changes nothing.
[[nodiscard]] std::string ConfigFileText(const ConfigDocs& docs);

/// The same as tables in Markdown.
[[nodiscard]] std::string ConfigReference(const ConfigDocs& docs);

/// A manual page in roff: `thresh-sink.8`, or `thresh.toml.5`. Empty: there is none of that name.
[[nodiscard]] std::string ManPage(const ConfigDocs& docs, std::string_view page);

}  // namespace thresh
