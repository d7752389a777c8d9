#pragma once

// The text of a configuration file -> the values of options.
//
// Keys before the first `[section]` are those of all; a section has those of its daemon, or of
// several. Some tables are of other readers, who are handed the text: they are passed over here.

#include <span>
#include <string_view>
#include <vector>

#include "lib/config/option.h"
#include "lib/toml/fault.h"

namespace thresh {

/// Sets the targets of `options` to what `text` says; all of its faults are noted, and what has one
/// stays as it was. `options`: all that may stand in the file. `foreign`: keys of other readers.
/// `file` is used in messages only.
void ReadConfigText(std::string_view text, std::string_view file, std::span<const Option> options,
                    std::span<const std::string_view> foreign, std::vector<TextFault>* faults);

}  // namespace thresh
