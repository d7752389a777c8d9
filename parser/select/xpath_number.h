#pragma once

// XPath's numbers (XPath 1.0, sections 3.5, 4.2 and 4.4): IEEE 754 doubles with a
// spelling of their own.

#include <string>
#include <string_view>

namespace thresh::select {

/// number() of a string: white space, `-`, digits with a point; anything else is NaN.
[[nodiscard]] double ParseXPathNumber(std::string_view text);

/// A Number token, also with an exponent, as libxml2 has it. REQUIRES: it is one.
[[nodiscard]] double XPathLiteralNumber(std::string_view digits);

/// string() of a number: no exponent, as many digits as tell it from its neighbours.
void AppendXPathNumber(double number, std::string* out);

/// round(): halves go towards positive infinity; -0.5 to 0 is negative zero.
[[nodiscard]] double XPathRound(double number);

}  // namespace thresh::select
