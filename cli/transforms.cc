// `thresh transforms [NAME]`: what may stand in a `pipe` of a recipe.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/page/output.h"
#include "lib/base/exit_codes.h"
#include "lib/text/json.h"
#include "lib/text/utf8.h"
#include "lib/toml/nearest.h"
#include "parser/transform/registry.h"

namespace thresh {
namespace {

constexpr const char* kName = "transforms";
constexpr std::size_t kColumns = 4;

using Row = std::array<std::string, kColumns>;

std::size_t WidthOf(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size(); ++width) at += DecodeUtf8(text, at).length;
  return width;
}

Row RowOf(const TransformInfo& info) {
  std::string example(info.call);
  example.append(": ").append(info.input).append(" -> ").append(info.output);
  return {std::string(info.name), std::string(info.arguments), std::string(info.sentence),
          std::move(example)};
}

std::string TableOf(const std::vector<const TransformInfo*>& infos) {
  std::vector<Row> rows{{"NAME", "ARGUMENTS", "WHAT IT DOES", "EXAMPLE"}};
  for (const TransformInfo* info : infos) rows.push_back(RowOf(*info));
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], WidthOf(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      text += row[i];
      if (i + 1 < kColumns) text.append(widths[i] - WidthOf(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string JsonOf(const std::vector<const TransformInfo*>& infos) {
  std::string text;
  for (const TransformInfo* info : infos) {
    text += "{\"name\":" + JsonString(info->name) + ",\"arguments\":" + JsonString(info->arguments);
    text += ",\"sentence\":" + JsonString(info->sentence) + ",\"call\":" + JsonString(info->call);
    text.append(",\"input\":").append(info->input).append(",\"output\":").append(info->output);
    text += "}\n";
  }
  return text;
}

}  // namespace

int TransformsCommand(const TransformsOptions& options) {
  std::vector<const TransformInfo*> infos;
  std::vector<std::string_view> names;
  for (const TransformInfo& info : AllTransforms()) {
    names.push_back(info.name);
    if (options.name.empty() || options.name == info.name) infos.push_back(&info);
  }
  if (infos.empty()) {
    return Complain(
        kName, kExitUsage,
        "there is no transform \"" + options.name + "\"" + DidYouMean(options.name, names));
  }
  Output output(kName);
  output.Write(options.json ? JsonOf(infos) : TableOf(infos));
  return output.Finish(kExitDone);
}

}  // namespace thresh
