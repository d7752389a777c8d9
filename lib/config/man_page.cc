// Manual pages: roff with the man macros (man(7)).

#include <algorithm>

#include "lib/config/config_docs.h"
#include "lib/config/start_options.h"

namespace thresh {
namespace {

// Text as roff has it: no character begins a request or an escape.
std::string Roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool begins_line = out.empty() || out.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '`' || c == '\'') {
      out += c == '`' ? "\\(ga" : "\\(aq";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return upper;
}

class Page {
 public:
  Page(std::string_view name, int section, std::string_view what) {
    text_ = ".TH \"" + Upper(name) + "\" \"" + std::to_string(section) +
            "\" \"\" \"thresh " THRESH_VERSION "\" \"thresh\"\n";
    Section("NAME");
    if (what.ends_with('.')) what.remove_suffix(1);
    text_ += Roff(name) + " \\- " + Roff(what) + "\n";
  }

  void Section(std::string_view title) { text_.append(".SH ").append(title).append("\n"); }
  void Part(std::string_view title) { text_.append(".SS \"").append(Roff(title)).append("\"\n"); }
  void Raw(std::string_view roff) { text_ += roff; }
  void Paragraphs(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find("\n\n"), text.size());
      text_.append(".PP\n").append(Roff(text.substr(0, end))).append("\n");
      text.remove_prefix(std::min(end + 2, text.size()));
    }
  }
  /// `term` is roff.
  void Item(std::string_view term, std::string_view text) {
    text_.append(".TP\n").append(term).append("\n").append(Roff(text)).append("\n");
  }
  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Bold(std::string_view text) {
  return "\\fB" + Roff(text) + "\\fR";
}

std::string OptionTerm(const Option& option) {
  std::string term;
  for (const std::string_view flag : FlagsOf(option)) {
    term += (term.empty() ? "" : ", ") + Bold(flag);
  }
  if (option.kind == OptionKind::kBool) return term;
  return term + " \\fI" + std::string(TypeName(option)) + "\\fR";
}

std::string OptionText(const Option& option) {
  std::string text(option.help);
  if (IsUnset(option)) text.append(" (default: ").append(option.unset).append(")");
  text += '.';
  const std::string value = TextOf(option);
  if (!value.empty() && option.kind != OptionKind::kBool) text += " Default: " + value + ".";
  if (IsList(option)) text += " May be given several times.";
  if (!option.key.empty()) text.append(" In the file: ").append(option.key).append(".");
  if (!option.environment.empty())
    text.append(" Environment: ").append(option.environment).append(".");
  return text;
}

std::string DaemonPage(const DaemonDocs& daemon) {
  Page page(daemon.name, 8, daemon.what);
  page.Section("SYNOPSIS");
  page.Raw(Bold(daemon.name) + " [\\fIoption\\fR ...]\n");
  page.Section("DESCRIPTION");
  page.Paragraphs(daemon.about);
  page.Section("OPTIONS");
  page.Paragraphs(
      "What the command line says goes over the environment, that over the file, and that over the "
      "defaults.");
  StartOptions start;
  for (const OptionTable& table : {daemon.options, StartOptionRows(start)}) {
    for (const Option& option : table) {
      if (option.flag.empty() || option.hidden) continue;
      page.Item(OptionTerm(option), OptionText(option));
    }
  }
  page.Item(Bold("--version"), "Print the version.");
  page.Item(Bold("-h") + ", " + Bold("--help"), "Print the options.");
  page.Section("SIGNALS");
  page.Item(
      Bold("SIGTERM") + ", " + Bold("SIGINT"),
      "What is under way may end, for some seconds; a second one ends all at once. Nothing is "
      "lost either way.");
  const bool reads_anew = std::any_of(daemon.options.begin(), daemon.options.end(),
                                      [](const Option& option) { return option.reload; });
  page.Item(
      Bold("SIGHUP"),
      !reads_anew
          ? "Nothing but a line in the log: its settings change with a restart."
          : "Reads the configuration anew. It is checked first: if something is wrong with it, "
            "that "
            "is logged (config.refused) and what was at work goes on. What only a restart can "
            "change is named in the log (config.needs_restart).");
  page.Section("EXIT STATUS");
  page.Item("0", "It ended when it was asked to; --check: nothing is wrong.");
  page.Item("64", "The command line is wrong.");
  page.Item("65", "The configuration, a recipe or the state cannot be used; --check: so it is.");
  page.Item("69", "Another process is at work in its folder, or there is nothing to join.");
  page.Item("70", "A fault inside, or a write that failed.");
  page.Item("73", "An output cannot be written.");
  page.Section("FILES");
  page.Item("/etc/thresh/thresh.toml", "The configuration, if --config names no other.");
  page.Section("SEE ALSO");
  page.Raw(".BR thresh.toml (5)\n");
  return page.Take();
}

void AddKeys(const ConfigDocs& docs, Page& page) {
  std::string section;
  for (const Option& option : docs.Options()) {
    const std::string key(option.key);
    const std::size_t dot = key.find('.');
    const std::string of = dot == std::string::npos ? "" : key.substr(0, dot);
    if (of != section) {
      section = of;
      page.Part("[" + section + "]");
    }
    std::string text(option.help);
    if (!option.unset.empty()) text.append("; \"\": ").append(option.unset);
    text += ". Default: " + TomlOf(option) + ". Expected: " + Expected(option) + ".";
    if (option.reload) text += " A SIGHUP changes it.";
    page.Item(Bold(dot == std::string::npos ? key : key.substr(dot + 1)), text);
  }
}

std::string FilePage(const ConfigDocs& docs) {
  Page page("thresh.toml", 5, "configuration of the daemons of thresh");
  page.Section("SYNOPSIS");
  page.Raw("/etc/thresh/thresh.toml\n");
  page.Section("DESCRIPTION");
  std::string daemons;
  for (const DaemonDocs& daemon : docs.daemons) {
    daemons += (daemons.empty() ? "" : ", ") + std::string(daemon.name);
  }
  page.Paragraphs(
      "A file in TOML for " + daemons +
      ": keys of all before the first section, and a section for each. All keys may be "
      "left out; unknown ones are errors. Options of the command line go over it.\n\n"
      "Bytes are numbers, or strings with a unit: B, KiB, MiB, GiB, TiB, kB, MB, GB, TB. "
      "Times are numbers in the unit of the key's name, or strings with ms, s, m, h, d "
      "or w. In [[host]] both are numbers, as in recipes.\n\n"
      "With --check a daemon says what is wrong with the file, as FILE:LINE:COLUMN: "
      "TEXT; with --print-config it prints one with all keys and their defaults.");
  page.Section("KEYS");
  AddKeys(docs, page);
  for (const TableDocs& table : docs.tables) {
    page.Part("[[" + std::string(table.name) + "]]");
    page.Paragraphs(table.about);
    for (const KeyDocs& key : table.keys) {
      page.Item(Bold(key.name), std::string(key.help) + ". As in: " + std::string(key.name) +
                                    " = " + std::string(key.value));
    }
  }
  page.Section("SEE ALSO");
  std::string also;
  for (const DaemonDocs& daemon : docs.daemons) {
    also +=
        ".BR " + Roff(daemon.name) + " (8)" + (&daemon == &docs.daemons.back() ? "" : ",") + "\n";
  }
  page.Raw(also);
  return page.Take();
}

}  // namespace

std::string ManPage(const ConfigDocs& docs, std::string_view page) {
  if (page == "thresh.toml.5") return FilePage(docs);
  for (const DaemonDocs& daemon : docs.daemons) {
    if (page == std::string(daemon.name) + ".8") return DaemonPage(daemon);
  }
  return {};
}

}  // namespace thresh
