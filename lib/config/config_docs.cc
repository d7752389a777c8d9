#include "lib/config/config_docs.h"

#include <algorithm>

namespace thresh {
namespace {

constexpr std::string_view kHead =
    "# Configuration of thresh's daemons: /etc/thresh/thresh.toml, or --config FILE.\n"
    "#\n"
    "# Every key is here with its default, commented out: as it is, this file changes nothing.\n"
    "# The command line goes over what stands here. `--check` says what is wrong with it, and\n"
    "# systemctl reload (SIGHUP) makes the daemons read it again: keys marked with * change then,\n"
    "# the others, and all of parsers, with a restart. Bytes may have a unit (\"64MiB\"), times\n"
    "# too (\"15s\", \"6h\"), but not in [[host]]: as in recipes, those are numbers.\n";
constexpr std::size_t kWidth = 96;

std::string_view SectionOf(std::string_view key) {
  const std::size_t dot = key.find('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string_view NameIn(std::string_view key) {
  const std::size_t dot = key.find('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

// What a section is for, by the daemon whose name ends in it.
std::string SectionTitle(const ConfigDocs& docs, std::string_view section) {
  for (const DaemonDocs& daemon : docs.daemons) {
    if (daemon.name.ends_with("-" + std::string(section))) {
      return std::string(daemon.name) + ": " + std::string(daemon.what);
    }
  }
  return "Of all daemons.";
}

std::string HelpOf(const Option& option) {
  std::string help(option.help);
  if (!option.unset.empty()) help.append("; \"\": ").append(option.unset);
  return help + '.';
}

// Comment lines of at most kWidth characters.
void AppendComment(std::string_view text, std::string* out) {
  std::string line = "#";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (line.size() > 1 && line.size() + 1 + end > kWidth) {
      out->append(line).append("\n");
      line = "#";
    }
    line.append(" ").append(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out->append(line).append("\n");
}

void AppendKey(std::string_view name, std::string_view value, std::string_view help,
               std::string* out) {
  AppendComment(help, out);
  out->append("#").append(name).append(" = ").append(value).append("\n");
}

void AppendTable(const TableDocs& table, std::string* out) {
  out->append("\n");
  AppendComment(table.about, out);
  out->append("#[[").append(table.name).append("]]\n");
  for (const KeyDocs& key : table.keys) {
    AppendKey(key.name, key.value, std::string(key.help) + '.', out);
  }
}

// A cell of a table in Markdown.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

void AppendRow(const Option& option, std::string* out) {
  std::string how(FlagsOf(option).empty() ? "" : "`" + std::string(FlagsOf(option)[0]) + "`");
  if (!option.environment.empty()) {
    how.append(how.empty() ? "" : ", ").append("`$").append(option.environment).append("`");
  }
  std::string help = HelpOf(option);
  help.pop_back();
  out->append("| `").append(NameIn(option.key)).append("` | `").append(Cell(TomlOf(option)));
  out->append("` | ").append(Cell(help)).append(" | ").append(how).append(" | ");
  out->append(option.reload ? "yes" : "").append(" |\n");
}

}  // namespace

OptionTable ConfigDocs::Options() const {
  OptionTable all;
  std::vector<std::string_view> sections;
  for (const DaemonDocs& daemon : daemons) {
    for (const Option& option : daemon.options) {
      const bool known = std::any_of(all.begin(), all.end(), [&option](const Option& other) {
        return other.key == option.key;
      });
      if (option.key.empty() || known) continue;
      all.push_back(option);
      const std::string_view section = SectionOf(option.key);
      if (std::find(sections.begin(), sections.end(), section) == sections.end()) {
        sections.push_back(section);
      }
    }
  }
  // TOML has the keys without a section first.
  const auto rank = [&sections](const Option& option) {
    const std::string_view section = SectionOf(option.key);
    return section.empty()
               ? -1
               : std::find(sections.begin(), sections.end(), section) - sections.begin();
  };
  std::stable_sort(all.begin(), all.end(),
                   [&rank](const Option& a, const Option& b) { return rank(a) < rank(b); });
  return all;
}

std::string ConfigFileText(const ConfigDocs& docs) {
  std::string text(kHead);
  std::string_view section;
  for (const Option& option : docs.Options()) {
    text += '\n';
    if (SectionOf(option.key) != section) {
      section = SectionOf(option.key);
      AppendComment(SectionTitle(docs, section), &text);
      text.append("[").append(section).append("]\n");
    }
    AppendKey(NameIn(option.key), TomlOf(option), (option.reload ? "* " : "") + HelpOf(option),
              &text);
  }
  for (const TableDocs& table : docs.tables) AppendTable(table, &text);
  return text;
}

std::string ConfigReference(const ConfigDocs& docs) {
  std::string text;
  std::string_view section = "none yet";
  for (const Option& option : docs.Options()) {
    if (SectionOf(option.key) != section) {
      section = SectionOf(option.key);
      text += text.empty() ? "" : "\n";
      text += section.empty() ? "### Before the first section\n"
                              : "### `[" + std::string(section) + "]`\n";
      text += SectionTitle(docs, section);
      text += "\n\n| key | default | meaning | also | SIGHUP |\n|---|---|---|---|---|\n";
    }
    AppendRow(option, &text);
  }
  for (const TableDocs& table : docs.tables) {
    text.append("\n### `[[").append(table.name).append("]]`\n").append(table.about);
    text.append("\n\n| key | default, or example | meaning |\n|---|---|---|\n");
    for (const KeyDocs& key : table.keys) {
      text.append("| `").append(key.name).append("` | `").append(Cell(key.value));
      text.append("` | ").append(Cell(key.help)).append(" |\n");
    }
  }
  return text;
}

}  // namespace thresh
