#pragma once

// Decimal: a number as it is written, with which recipes calculate. What a double cannot hold, such
// as an id of 17 digits or 19.99, stays what it was. Pure functions; no allocation.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thresh {

class Decimal {
 public:
  /// Reads `-12.50` or `5e3`: a minus, digits, a point, an exponent.
  /// Nullopt for anything else, and beyond 37 digits or 30 places on either side of the point.
  [[nodiscard]] static std::optional<Decimal> Read(std::string_view plain);
  /// The shortest decimal that is this double.
  [[nodiscard]] static std::optional<Decimal> Of(double value);

  /// Nullopt beyond 37 digits.
  [[nodiscard]] std::optional<Decimal> Times(const Decimal& other) const;
  /// To so many places behind the point; with -2 to hundreds. A half goes away from zero.
  [[nodiscard]] Decimal Rounded(int places) const;

  /// Without zeros that say nothing: `12.5`, `-0.5`, `0`.
  void AppendTo(std::string* out) const;

 private:
  __extension__ using Digits = unsigned __int128;

  bool negative_ = false;
  Digits digits_ = 0;
  int places_ = 0;  // Behind the point; negative: zeros to add.
};

}  // namespace thresh
