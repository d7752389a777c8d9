#pragma once

// For .cc files of the command line only: includes CLI11.

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

namespace thresh {

struct PlaceOptions;

/// A check for numbers of which there has to be one at least.
inline CLI::Validator FromOne() {
  const auto fault = [](const std::string& text) {
    const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
    const bool is_fit = is_number && text.find_first_not_of('0') != text.npos;
    return is_fit ? "" : "expected a whole number from 1, found \"" + text + '"';
  };
  return CLI::Validator(fault, "from 1");
}

/// CLI11 takes the word `[a,b]` for two, unless something stands behind it: words of that form get
/// a character more, that their options take away again.
constexpr char kShield = '\x1F';
[[nodiscard]] inline std::string WithoutShield(std::string word) {
  if (word.ends_with(kShield)) word.pop_back();
  return word;
}

/// The commands of a program, each with the options that it fills and what runs it.
class CommandSet {
 public:
  explicit CommandSet(CLI::App& app)
      : app_(app), chosen_(std::make_shared<std::function<int()>>()) {
    app_.require_subcommand(1);
  }

  /// `describe` adds the command to the program; `run` returns its exit status.
  template <class Options>
  void Add(CLI::App* (*describe)(CLI::App&, Options&), int (*run)(const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* const command = describe(app_, *options);
    for (CLI::Option* option : command->get_options()) {
      if (option->get_items_expected_max() > 0) option->transform(&WithoutShield);
    }
    command->final_callback(
        [chosen = chosen_, options, run] { *chosen = [options, run] { return run(*options); }; });
  }

  /// Commands of two words, that begin with this one.
  [[nodiscard]] CommandSet AddGroup(const std::string& name, const std::string& what) {
    CommandSet group(*app_.add_subcommand(name, what));
    group.chosen_ = chosen_;
    return group;
  }

  /// Runs what the line asked for. To be called after it was parsed.
  [[nodiscard]] int Run() const { return (*chosen_)(); }

 private:
  CLI::App& app_;
  std::shared_ptr<std::function<int()>> chosen_;
};

/// The options that say which daemons, or whose files, are meant.
void AddPlace(CLI::App* command, PlaceOptions& place);

/// Those that `thresh` runs by itself: nothing here may need libcurl or RocksDB.
void AddCrawlCommands(CommandSet& commands);
void AddPageCommands(CommandSet& commands);
void AddMeasureCommands(CommandSet& commands);

}  // namespace thresh
