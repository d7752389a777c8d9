#include "lib/config/config_text.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lib/toml/nearest.h"
#include "lib/toml/table_reader.h"

namespace thresh {
namespace {

// `fetcher` and `lease_ms` of `fetcher.lease_ms`; of a key of all, an empty section.
std::pair<std::string_view, std::string_view> SectionAndName(std::string_view key) {
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {"", key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsEmptyText(const toml::node& node) {
  return node.is_string() && node.ref<std::string>().empty();
}

class ConfigReader {
 public:
  ConfigReader(std::span<const Option> options, std::span<const std::string_view> foreign,
               Faults& faults)
      : options_(options), foreign_(foreign), faults_(faults) {}

  void Read(const toml::table& root) {
    const std::vector<std::string_view> sections = Sections();
    for (const auto& [name, value] : root) {
      if (Contains(foreign_, name.str())) continue;
      if (Contains(sections, name.str())) {
        ReadSection(name.str(), value);
      } else {
        ReadKey("", name, value);
      }
    }
    CheckNeeds(root);
  }

 private:
  [[nodiscard]] std::vector<std::string_view> Sections() const {
    std::vector<std::string_view> sections;
    for (const Option& option : options_) {
      const std::string_view section = SectionAndName(option.key).first;
      if (!section.empty() && !Contains(sections, section)) sections.push_back(section);
    }
    return sections;
  }

  // A flag's name may be that of several daemons: it is one of the same section.
  [[nodiscard]] const Option* Needed(const Option& option) const {
    const std::string_view section = SectionAndName(option.key).first;
    for (const Option& other : options_) {
      const std::vector<std::string_view> flags = FlagsOf(other);
      if (!flags.empty() && flags[0] == option.needs &&
          SectionAndName(other.key).first == section) {
        return &other;
      }
    }
    return nullptr;
  }

  static const toml::node* Find(const toml::table& root, const Option& option) {
    const auto [section, name] = SectionAndName(option.key);
    const toml::node* table = section.empty() ? &root : root.get(section);
    return table != nullptr && table->is_table() ? table->as_table()->get(name) : nullptr;
  }

  void CheckNeeds(const toml::table& root) {
    for (const Option& option : options_) {
      if (option.key.empty() || option.needs.empty()) continue;
      const toml::node* given = Find(root, option);
      const Option* needed = Needed(option);
      if (given == nullptr || IsEmptyText(*given) || needed == nullptr) continue;
      const toml::node* beside = Find(root, *needed);
      if (beside != nullptr && !IsEmptyText(*beside)) continue;
      faults_.Add(given->source(), std::string(SectionAndName(option.key).second) + ": expected " +
                                       std::string(SectionAndName(needed->key).second) +
                                       " beside it, found none");
    }
  }

  void ReadSection(std::string_view section, const toml::node& value) {
    const toml::table* table = value.as_table();
    if (table == nullptr) {
      faults_.Add(value.source(), std::string(section) + ": expected a table, [" +
                                      std::string(section) + "], found " +
                                      std::string(KindName(value)));
      return;
    }
    for (const auto& [name, node] : *table) ReadKey(section, name, node);
  }

  void ReadKey(std::string_view section, const toml::key& name, const toml::node& node) {
    for (const Option& option : options_) {
      if (option.key.empty() || SectionAndName(option.key) != std::pair(section, name.str())) {
        continue;
      }
      ReadValue(option, name.str(), node);
      return;
    }
    faults_.Add(name.source(), Unknown(section, name.str(), node.is_table()));
  }

  // What is unknown here may be known elsewhere.
  [[nodiscard]] std::string Unknown(std::string_view section, std::string_view name,
                                    bool is_table) const {
    std::vector<std::string_view> here, elsewhere;
    for (const Option& option : options_) {
      if (option.key.empty()) continue;
      const auto [of, known] = SectionAndName(option.key);
      if (of == section) here.push_back(known);
      if (of != section && known == name) elsewhere.push_back(of);
    }
    std::string where = section.empty() ? "the file" : "[" + std::string(section) + "]";
    std::string text = "unknown key \"" + std::string(name) + "\" in " + where;
    if (section.empty() && is_table) {
      text = "unknown section [" + std::string(name) + "]";
      here = Sections();
      here.insert(here.end(), foreign_.begin(), foreign_.end());
    }
    if (!elsewhere.empty() && elsewhere[0].empty()) {
      return text + "; it stands before the first section";
    }
    if (!elsewhere.empty()) return text + "; it is one of [" + std::string(elsewhere[0]) + "]";
    text += DidYouMean(name, here) + " (expected one of ";
    for (std::size_t i = 0; i < here.size(); ++i)
      text += (i > 0 ? ", " : "") + std::string(here[i]);
    return text + ")";
  }

  void ReadValue(const Option& option, std::string_view name, const toml::node& node) {
    const auto refuse = [&](const toml::node& at, const std::string& detail) {
      faults_.Add(at.source(), std::string(name) + ": " + detail);
    };
    const auto unexpected = [&](const toml::node& at) {
      refuse(at, "expected " + Expected(option) + ", found " + std::string(KindName(at)));
    };
    if (IsList(option)) {
      ReadList(option, node, refuse, unexpected);
      return;
    }
    Result<OptionValue> value = Error{};
    const bool is_text =
        node.is_string() && option.kind != OptionKind::kBool && option.kind != OptionKind::kCount;
    if (is_text) {
      value = ParseValue(option, node.ref<std::string>());
    } else if (IsNumber(option) && node.is_integer()) {
      value = CheckNumber(option, node.ref<std::int64_t>());
    } else if (option.kind == OptionKind::kBool && node.is_boolean()) {
      value = OptionValue(node.ref<bool>());
    } else {
      return unexpected(node);
    }
    if (!value) return refuse(node, value.error().detail);
    SetValue(option, *value);
  }

  static void ReadList(const Option& option, const toml::node& node, const auto& refuse,
                       const auto& unexpected) {
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      return refuse(node, "expected an array of strings, found " + std::string(KindName(node)));
    }
    std::vector<std::string> elements;
    for (const toml::node& element : *array) {
      if (!element.is_string()) return unexpected(element);
      const std::string& text = element.ref<std::string>();
      if (const auto value = ParseValue(option, text); !value) {
        return refuse(element, value.error().detail);
      }
      elements.push_back(text);
    }
    SetValue(option, std::move(elements));
  }

  std::span<const Option> options_;
  std::span<const std::string_view> foreign_;
  Faults& faults_;
};

}  // namespace

void ReadConfigText(std::string_view text, std::string_view file, std::span<const Option> options,
                    std::span<const std::string_view> foreign, std::vector<TextFault>* faults) {
  Faults found(std::string(file), text);
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    found.Add(parsed.error().source(), parsed.error().description());
  } else {
    ConfigReader(options, foreign, found).Read(parsed.table());
  }
  for (TextFault& fault : found.Take()) faults->push_back(std::move(fault));
  SortFaults(faults);
}

}  // namespace thresh
