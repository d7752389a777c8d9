#include "lib/config/command_line.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

// What CLI11 puts the texts into.
struct Slot {
  CLI::Option* option = nullptr;
  std::string text;
  std::vector<std::string> texts;
  bool flag = false;
};

std::string HelpOf(const Option& option) {
  std::string help(option.help);
  if (IsUnset(option)) help.append(" (default: ").append(option.unset).append(")");
  if (!option.environment.empty()) help.append(" [$").append(option.environment).append("]");
  return help;
}

// With its choices, where it has some: `WORD:{on,off}`.
std::string TypeOf(const Option& option) {
  std::string type(TypeName(option));
  if (option.kind != OptionKind::kChoice) return type;
  std::string choices(option.choices);
  std::replace(choices.begin(), choices.end(), ' ', ',');
  return type + ":{" + choices + "}";
}

CLI::Option* Add(CLI::App& app, const Option& option, Slot& slot) {
  const std::string flag(option.flag);
  if (option.kind == OptionKind::kBool) return app.add_flag(flag, slot.flag, HelpOf(option));
  CLI::Option* added = IsList(option) ? app.add_option(flag, slot.texts, HelpOf(option))
                                      : app.add_option(flag, slot.text, HelpOf(option));
  added->type_name(TypeOf(option));
  if (!IsUnset(option)) added->default_str(TextOf(option));
  if (IsList(option)) added->allow_extra_args(false);
  added->check([&option](const std::string& text) {
    const auto value = ParseValue(option, text);
    return value ? std::string() : value.error().detail;
  });
  return added;
}

}  // namespace

CommandLine ParseCommandLine(std::string_view program, std::string_view what,
                             std::span<const Option> options, int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app{std::string(what), std::string(program)};
  app.set_version_flag("--version", std::string(program) + " " THRESH_VERSION);
  std::vector<Slot> slots(options.size());  // Not moved: CLI11 has their addresses.
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i].flag.empty()) continue;
    slots[i].option = Add(app, options[i], slots[i]);
    if (options[i].hidden) slots[i].option->group("");
  }
  for (std::size_t i = 0; i < options.size(); ++i) {
    for (const std::string_view other : ExcludedBy(options[i])) {
      slots[i].option->excludes(app.get_option(std::string(other)));
    }
    if (!options[i].needs.empty()) {
      slots[i].option->needs(app.get_option(std::string(options[i].needs)));
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    line.exit_status = app.exit(e) == 0 ? kExitDone : kExitUsage;
    return line;
  }
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (slots[i].option == nullptr || slots[i].option->count() == 0) continue;
    std::vector<std::string>& given = line.given[std::string(FlagsOf(options[i])[0])];
    if (options[i].kind == OptionKind::kBool) {
      given = {slots[i].flag ? "true" : "false"};
    } else {
      given = IsList(options[i]) ? std::move(slots[i].texts) : std::vector{slots[i].text};
    }
  }
  return line;
}

}  // namespace thresh
