#include "lib/config/config_source.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "lib/base/log.h"
#include "lib/config/config_text.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

// A value out of texts that were given for it. Errors: as ParseValue().
Result<OptionValue> ValueOfTexts(const Option& option, const std::vector<std::string>& texts) {
  if (!IsList(option)) return ParseValue(option, texts.back());
  for (const std::string& text : texts) {
    if (auto value = ParseValue(option, text); !value) return value;
  }
  return OptionValue(texts);
}

std::vector<std::string> PartedByColons(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (colon > 0) parts.emplace_back(text.substr(0, colon));
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return parts;
}

// By the first name of its flag; `options.size()`: there is none.
std::size_t IndexOf(std::span<const Option> options, std::string_view flag) {
  const auto found = std::find_if(options.begin(), options.end(), [flag](const Option& option) {
    const std::vector<std::string_view> flags = FlagsOf(option);
    return !flags.empty() && flags[0] == flag;
  });
  return static_cast<std::size_t>(found - options.begin());
}

bool IsOf(std::span<const Option> options, std::string_view key) {
  return std::any_of(options.begin(), options.end(),
                     [key](const Option& option) { return option.key == key; });
}

}  // namespace

ConfigFile ConfigSource::Read(std::span<const Option> own, const ConfigPlan& plan,
                              std::vector<TextFault>* faults) const {
  ConfigFile file{.path = file_};
  std::vector<OptionValue> defaults;
  for (const Option& option : own) defaults.push_back(ValueOf(option));
  Result<std::string> text =
      file_.empty() ? Result<std::string>(std::string()) : ReadWholeFile(file_);
  if (text) {
    file.text = std::move(*text);
    std::vector<Option> all(own.begin(), own.end());
    for (const Option& option : plan.others) {
      if (!IsOf(own, option.key)) all.push_back(option);
    }
    ReadConfigText(file.text, file_, all, plan.foreign, faults);
  } else if (may_lack_ && text.error().code == Errc::kNotFound) {
    file.path.clear();
  } else {
    faults->push_back(MakeFault("--config", text.error().detail));
  }
  DropExcluded(own, defaults);
  for (const Option& option : own) {
    ReadEnvironment(option, faults);
    ReadCommandLine(option);
  }
  return file;
}

// What the command line says goes over what cannot be beside it.
void ConfigSource::DropExcluded(std::span<const Option> own,
                                const std::vector<OptionValue>& defaults) const {
  for (const Option& option : own) {
    const std::vector<std::string_view> flags = FlagsOf(option);
    if (flags.empty() || !given_.contains(flags[0])) continue;
    for (const std::string_view excluded : ExcludedBy(option)) {
      const std::size_t other = IndexOf(own, excluded);
      if (other < own.size()) SetValue(own[other], defaults[other]);
    }
  }
}

void ConfigSource::ReadEnvironment(const Option& option, std::vector<TextFault>* faults) const {
  if (option.environment.empty()) return;
  const std::string name(option.environment);
  const char* text = std::getenv(name.c_str());
  if (text == nullptr || *text == '\0') return;
  const std::vector<std::string> texts =
      IsList(option) ? PartedByColons(text) : std::vector<std::string>{text};
  if (const auto value = ValueOfTexts(option, texts)) {
    SetValue(option, *value);
  } else {
    faults->push_back(MakeFault("$" + name, value.error().detail));
  }
}

// Values were checked when the command line was parsed.
void ConfigSource::ReadCommandLine(const Option& option) const {
  const std::vector<std::string_view> flags = FlagsOf(option);
  auto given = flags.empty() ? given_.end() : given_.find(flags[0]);
  if (given == given_.end() && !option.follows.empty()) {
    given = given_.find(option.follows);
  }
  if (given == given_.end()) return;
  if (const auto value = ValueOfTexts(option, given->second)) SetValue(option, *value);
}

std::vector<ConfigChange> SettleReload(std::span<const Option> now,
                                       std::span<const Option> wanted) {
  std::vector<ConfigChange> changes;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].key.empty() || ValueOf(now[i]) == ValueOf(wanted[i])) continue;
    changes.push_back(
        {std::string(wanted[i].key), TextOf(now[i]), TextOf(wanted[i]), !wanted[i].reload});
    if (!wanted[i].reload) SetValue(wanted[i], ValueOf(now[i]));
  }
  return changes;
}

void LogChanges(const std::vector<ConfigChange>& changes) {
  for (const ConfigChange& change : changes) {
    if (change.needs_restart) {
      log::Warn("config.needs_restart", {{"key", change.key},
                                         {"now", change.now},
                                         {"wanted", change.wanted},
                                         {"why", "it cannot change while the process runs"}});
    } else {
      log::Info("config.changed",
                {{"key", change.key}, {"from", change.now}, {"to", change.wanted}});
    }
  }
}

void LogRefused(const std::vector<TextFault>& faults) {
  for (const TextFault& fault : faults) {
    log::Error("config.refused", {{"file", fault.file.empty() ? "?" : fault.file},
                                  {"line", fault.line},
                                  {"column", fault.column},
                                  {"why", fault.detail.empty() ? fault.text : fault.detail},
                                  {"next", "the settings before go on to hold"}});
  }
}

}  // namespace thresh
