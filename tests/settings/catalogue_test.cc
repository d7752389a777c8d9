// The tables of the daemons, and all that is made of them: one file, one reference, manuals.

#include "settings/catalogue.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "lib/config/config_text.h"
#include "lib/recipe/fetch_keys.h"

using namespace thresh;

namespace {

// With every key that is commented out put in force.
std::string Uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)#([a-z_]+ = |\\[\\[)"), "$1$2");
}

std::vector<std::string> FaultsOf(const Catalogue& catalogue, const std::string& text) {
  std::vector<TextFault> faults;
  const std::vector<std::string_view> foreign{"host"};
  ReadConfigText(text, "thresh.toml", catalogue.docs().Options(), foreign, &faults);
  std::vector<std::string> texts;
  for (const TextFault& fault : faults) texts.push_back(fault.text);
  return texts;
}

std::string ReadDocs(const std::string& name) {
  std::ifstream file(std::string(THRESH_SOURCE_DIR) + "/docs/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_SUITE("Catalogue") {
  TEST_CASE("each option has a flag or a key, help without a dot, and a name of its own") {
    const Catalogue catalogue;
    for (const DaemonDocs& daemon : catalogue.docs().daemons) {
      std::set<std::string> keys, flags;
      for (const Option& option : daemon.options) {
        INFO(daemon.name, " ", option.key, " ", option.flag);
        CHECK_FALSE((option.key.empty() && option.flag.empty()));
        CHECK_FALSE(option.help.empty());
        CHECK_FALSE(option.help.ends_with("."));
        if (!option.key.empty()) CHECK(keys.emplace(option.key).second);
        for (const auto flag : FlagsOf(option)) CHECK(flags.emplace(flag).second);
        CHECK((IsNumber(option) || option.kind == OptionKind::kBool || IsList(option) ||
               ParseValue(option, TextOf(option)).ok()));
      }
    }
  }

  TEST_CASE("a key that several daemons have is the same for all") {
    const Catalogue catalogue;
    for (const DaemonDocs& daemon : catalogue.docs().daemons) {
      for (const Option& option : daemon.options) {
        for (const Option& other : catalogue.docs().Options()) {
          if (option.key.empty() || other.key != option.key) continue;
          CHECK(TextOf(option) == TextOf(other));
          CHECK(option.kind == other.kind);
        }
      }
    }
  }

  TEST_CASE("keys carry their unit") {
    const Catalogue catalogue;
    for (const Option& option : catalogue.docs().Options()) {
      INFO(option.key);
      const auto ends = [&](std::string_view unit) { return option.key.ends_with(unit); };
      if (option.kind == OptionKind::kBytes) CHECK(ends("_bytes"));
      if (option.kind == OptionKind::kMilliseconds) CHECK(ends("_ms"));
      if (option.kind == OptionKind::kSeconds) CHECK(ends("_seconds"));
    }
  }
}

TEST_SUITE("ConfigFileText") {
  TEST_CASE("as it is, it changes nothing; with all keys in force, neither") {
    const Catalogue catalogue;
    const std::string text = ConfigFileText(catalogue.docs());
    CHECK(FaultsOf(catalogue, text).empty());
    const Catalogue read;
    CHECK(FaultsOf(read, Uncommented(text)).empty());
    const OptionTable before = Catalogue().docs().Options(), after = read.docs().Options();
    for (std::size_t i = 0; i < after.size(); ++i) {
      const Catalogue fresh;
      CHECK(TextOf(after[i]) == TextOf(fresh.docs().Options()[i]));
    }
  }

  TEST_CASE("every key is in it, once, commented out") {
    const Catalogue catalogue;
    const std::string text = ConfigFileText(catalogue.docs());
    for (const Option& option : catalogue.docs().Options()) {
      const std::string name(option.key.substr(option.key.find('.') + 1));
      CHECK_MESSAGE(text.find("\n#" + name + " = ") != std::string::npos, name);
    }
    for (const FetchKey& key : FetchKeys()) {
      CHECK(text.find("\n#" + std::string(key.name) + " = ") != std::string::npos);
    }
    CHECK(text.find("\n#[[host]]\n") != std::string::npos);
    const auto sections = std::regex("\n\\[([a-z]+)\\]");
    CHECK(std::distance(std::sregex_iterator(text.begin(), text.end(), sections),
                        std::sregex_iterator()) == 5);
  }

  TEST_CASE("lines are no longer than people like") {
    std::istringstream lines(ConfigFileText(Catalogue().docs()));
    for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(line.size() <= 100, line);
  }
}

TEST_SUITE("The documentation") {
  TEST_CASE("docs/configuration.md has the reference as the tables give it") {
    const std::string text = ReadDocs("configuration.md");
    CHECK_MESSAGE(
        text.find(ConfigReference(Catalogue().docs())) != std::string::npos,
        "put the output of `thresh-fetcher --print-reference` into docs/configuration.md");
  }

  TEST_CASE("docs/recipes.md and docs/politeness.md know every key of [fetch]") {
    const std::string text = ReadDocs("recipes.md");
    for (const FetchKey& key : FetchKeys()) {
      CHECK_MESSAGE(text.find("`" + std::string(key.name) + "`") != std::string::npos, key.name);
    }
  }

  TEST_CASE("there is a manual page for each daemon and for the file, with all of theirs") {
    const Catalogue catalogue;
    for (const DaemonDocs& daemon : catalogue.docs().daemons) {
      const std::string page = ManPage(catalogue.docs(), std::string(daemon.name) + ".8");
      CHECK(page.starts_with(".TH \""));
      for (const Option& option : daemon.options) {
        for (const auto flag : FlagsOf(option)) {
          const std::string roff = std::regex_replace(std::string(flag), std::regex("-"), "\\-");
          CHECK_MESSAGE(page.find(roff) != std::string::npos, flag);
        }
      }
    }
    const std::string page = ManPage(catalogue.docs(), "thresh.toml.5");
    for (const FetchKey& key : FetchKeys()) CHECK(page.find(key.name) != std::string::npos);
    CHECK(ManPage(catalogue.docs(), "nothing.8").empty());
  }
}
