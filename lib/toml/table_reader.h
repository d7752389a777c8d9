#pragma once

// TableReader: typed access to one table of a TOML document. Each fault is noted with its
// place and reading goes on, so that its author sees all of them at once.
//
// Included by .cc files and the headers that only they include: toml++ is large.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "lib/toml/fault.h"
#include "lib/toml/place.h"

namespace thresh {

/// Collects the faults of one file.
class Faults {
 public:
  /// REQUIRES: `document` outlives it.
  Faults(std::string file, std::string_view document)
      : file_(std::move(file)), document_(document) {}

  void Add(const toml::source_region& where, std::string_view detail);
  /// At the first character of a string.
  void AddAt(const Located& where, std::string_view detail) { AddWithin(where, 0, detail); }

  /// At a byte of a string.
  void AddWithin(const Located& where, std::size_t offset, std::string_view detail);

  [[nodiscard]] std::vector<TextFault> Take() { return std::move(faults_); }

 private:
  void Note(TextPlace place, std::string_view detail);

  std::string file_;
  std::string_view document_;
  std::vector<TextFault> faults_;
};

/// The words of a text parted by single spaces.
[[nodiscard]] std::vector<std::string_view> Words(std::string_view text);

class TableReader {
 public:
  /// `what` names the table in messages, as `[fetch]`.
  TableReader(const toml::table& table, std::string what, Faults& faults)
      : table_(table), what_(std::move(what)), faults_(faults) {}

  /// Notes a fault for each key that is not among `known`, names parted by spaces, with the nearest
  /// of them.
  void CheckKeys(std::string_view known);

  std::optional<Located> String(std::string_view key);
  std::vector<std::string> Strings(std::string_view key);
  /// The same with their places.
  std::vector<Located> LocatedStrings(std::string_view key);
  /// A string out of `names`; nullopt with a fault that has the nearest one. The index in `names`.
  std::optional<std::size_t> Choice(std::string_view key, std::span<const std::string_view> names);
  std::optional<bool> Bool(std::string_view key);
  /// A whole number of at least `least`.
  std::optional<std::int64_t> Integer(std::string_view key, std::int64_t least);
  std::optional<Scalar> ScalarValue(std::string_view key);
  const toml::table* Table(std::string_view key);
  /// The tables of `[[key]]`.
  std::vector<const toml::table*> Tables(std::string_view key);
  /// Keys and their values in the order of the file.
  std::vector<std::pair<std::string, const toml::node*>> InOrder();

  [[nodiscard]] const std::string& what() const noexcept { return what_; }
  [[nodiscard]] const toml::node* Get(std::string_view key) const { return table_.get(key); }
  [[nodiscard]] bool Has(std::string_view key) const { return table_.contains(key); }
  /// A fault at the table's own place, or at `key`'s if it has that.
  void Fault(std::string_view key, std::string_view detail);
  /// A fault at an element of the array `key`. REQUIRES: Strings(key) gave it.
  void ElementFault(std::string_view key, std::size_t index, std::string_view detail);

 private:
  const toml::table& table_;
  std::string what_;
  Faults& faults_;
};

/// Where a value of TOML stands; the text is empty.
[[nodiscard]] Located PlaceOf(const toml::source_region& where);

/// A TOML string's text and place.
[[nodiscard]] Located LocatedString(const toml::node& node);

/// A string's, number's or boolean's value; nullopt for all else.
[[nodiscard]] std::optional<Scalar> ScalarOf(const toml::node& node);

/// `a string`, `an array`: what a person would call the value.
[[nodiscard]] std::string_view KindName(const toml::node& node);

}  // namespace thresh
