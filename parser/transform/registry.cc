#include "parser/transform/registry.h"

#include <array>

#include "parser/transform/functions.h"
#include "parser/transform/step.h"

namespace thresh {
namespace {

using Kind = ArgumentKind;
using Kinds = std::array<ArgumentKind, 2>;

constexpr TransformEntry Maps(TransformInfo info, Kinds kinds, std::uint8_t needed, MapText map) {
  return {info, kinds, needed, map, nullptr, nullptr, false};
}
constexpr TransformEntry Filters(TransformInfo info, Kinds kinds, std::uint8_t needed,
                                 MapText map) {
  return {info, kinds, needed, map, nullptr, nullptr, false, true};
}
constexpr TransformEntry Splits(TransformInfo info, Kinds kinds, std::uint8_t needed,
                                SplitText split) {
  return {info, kinds, needed, nullptr, split, nullptr, false};
}
constexpr TransformEntry Picks(TransformInfo info, Kinds kinds, std::uint8_t needed,
                               PickTexts pick) {
  return {info, kinds, needed, nullptr, nullptr, pick, false};
}
constexpr TransformEntry PicksOne(TransformInfo info, Kinds kinds, std::uint8_t needed,
                                  PickTexts pick) {
  return {info, kinds, needed, nullptr, nullptr, pick, true};
}
constexpr TransformEntry Slices(TransformInfo info, Kinds kinds, std::uint8_t needed) {
  return {info, kinds, needed, transforms::SliceText, nullptr, transforms::SliceTexts, false};
}

// clang-format off: one transform, one paragraph.
constexpr std::array kEntries{
    Maps({"absolute_url", "", "Resolves against the page's URL and its <base>.",
          R"("absolute_url")", R"(["../b?x"])", R"(["http://example.com/b?x"])"},
         {}, 0, transforms::AbsoluteUrl),
    Maps({"after", "text", "What stands behind the first `text`; all of it if there is none.",
          R"(["after", ": "])", R"(["Price: 5: 6"])", R"(["5: 6"])"},
         {Kind::kText}, 1, transforms::After),
    Maps({"append", "text", "Puts `text` behind.", R"(["append", " km"])", R"(["12"])",
          R"(["12 km"])"},
         {Kind::kText}, 1, transforms::Append),
    Maps({"base64_decode", "",
          "Decodes Base64, the kind for URLs too; what is none is nothing found.",
          R"("base64_decode")", R"(["aMOp"])", R"(["hé"])"},
         {}, 0, transforms::Base64Decode),
    Maps({"before", "text", "What stands before the first `text`; all of it if there is none.",
          R"(["before", " ("])", R"~(["Oslo (Norway)"])~", R"(["Oslo"])"},
         {Kind::kText}, 1, transforms::Before),
    PicksOne({"count", "", "How many there are.", R"(["count"])", R"(["a", "b", "b"])", R"(["3"])"},
             {}, 0, transforms::Count),
    Maps({"default", "text", "`text` in place of an empty one.", R"(["default", "none"])",
          R"(["", "x"])", R"(["none", "x"])"},
         {Kind::kText}, 1, transforms::Default),
    Maps({"digits", "", "Its digits 0 to 9, nothing else.", R"("digits")", R"(["(020) 123-456"])",
          R"(["020123456"])"},
         {}, 0, transforms::Digits),
    Filters({"drop", "pattern", "Leaves out what the regular expression finds something in.",
             R"(["drop", "^ad:"])", R"(["ad: x", "y"])", R"(["y"])"},
            {Kind::kRegex}, 1, transforms::Drop),
    Filters({"drop_empty", "", "Leaves out what is empty, or white space only.", R"("drop_empty")",
             R"(["a", " ", ""])", R"(["a"])"},
            {}, 0, transforms::DropEmpty),
    PicksOne({"first", "", "The first of several.", R"("first")", R"(["a", "b", "c"])", R"(["a"])"},
             {}, 0, transforms::First),
    Maps({"html_text", "", "The text of a piece of HTML, as ::text has it.", R"("html_text")",
          R"(["<p>Fish &amp;\n <b>chips</b>"])", R"(["Fish & chips"])"},
         {}, 0, transforms::HtmlText),
    PicksOne({"join", "text", "Several as one, with `text` between them.", R"(["join", ", "])",
              R"(["a", "b", "c"])", R"(["a, b, c"])"},
             {Kind::kText}, 1, transforms::Join),
    Maps({"json", "path", "Reads JSON: the first value that the JSONPath finds in it.",
          R"(["json", "$.a[1]"])", R"(["{\"a\": [4, 5.50]}"])", R"(["5.5"])"},
         {Kind::kJsonPath}, 1, transforms::Json),
    Filters({"keep", "pattern", "Leaves out what the regular expression finds nothing in.",
             R"(["keep", "\\d"])", R"(["a1", "b"])", R"(["a1"])"},
            {Kind::kRegex}, 1, transforms::Keep),
    PicksOne({"last", "", "The last of several.", R"("last")", R"(["a", "b", "c"])", R"(["c"])"},
             {}, 0, transforms::Last),
    Splits({"lines", "", "Its lines, trimmed, without the blank ones.", R"("lines")",
            R"(["a\n\n b\r\nc"])", R"(["a", "b", "c"])"},
           {}, 0, transforms::Lines),
    Maps({"lower", "", "In small letters.", R"("lower")", R"(["ÉCOLE Nr. 5"])",
          R"(["école nr. 5"])"},
         {}, 0, transforms::Lower),
    Maps({"multiply", "number", "Multiplies a number.", R"(["multiply", 0.01])", R"(["1999"])",
          R"(["19.99"])"},
         {Kind::kNumber}, 1, transforms::Multiply),
    PicksOne({"nth", "index", "The one at `index`, from 0; from -1 backwards from the end.",
              R"(["nth", 1])", R"(["a", "b", "c"])", R"(["b"])"},
             {Kind::kInteger}, 1, transforms::Nth),
    Maps({"number", "", "The first number in it, with a point before its fraction.", R"("number")",
          R"(["about 1.234,50 EUR or so"])", R"(["1234.5"])"},
         {}, 0, transforms::Number),
    Maps({"prepend", "text", "Puts `text` in front.", R"(["prepend", "#"])", R"(["12"])",
          R"(["#12"])"},
         {Kind::kText}, 1, transforms::Prepend),
    Maps({"query_param", "name", "The value of a parameter in a URL's query, decoded.",
          R"(["query_param", "q"])", R"(["/find?p=2&q=a+b%21#x"])", R"(["a b!"])"},
         {Kind::kText}, 1, transforms::QueryParam),
    Maps({"re", "pattern",
          "What the regular expression finds first: its group 1, or all of it without groups.",
          R"~(["re", "no\\. (\\d+)"])~", R"(["see no. 12 and no. 13"])", R"(["12"])"},
         {Kind::kRegex}, 1, transforms::Re),
    Splits({"re_all", "pattern", "All that the regular expression finds, as `re`.",
            R"(["re_all", "\\d+"])", R"(["12 of 30"])", R"(["12", "30"])"},
           {Kind::kRegex}, 1, transforms::ReAll),
    Maps({"re_replace", "pattern to",
          R"(Replaces all that the regular expression finds; `\1` in `to` is its group 1.)",
          R"~(["re_replace", "(\\d+)(st|nd|rd|th)", "\\1"])~", R"(["July 4th and 5th"])",
          R"(["July 4 and 5"])"},
         {Kind::kRegex, Kind::kRewrite}, 2, transforms::ReReplace),
    Maps({"replace", "from to", "Replaces each `from`.", R"(["replace", ",", ""])",
          R"(["1,234,567"])", R"(["1234567"])"},
         {Kind::kText, Kind::kText}, 2, transforms::Replace),
    Picks({"reverse", "", "Several in reverse order.", R"("reverse")", R"(["a", "b", "c"])",
           R"(["c", "b", "a"])"},
          {}, 0, transforms::Reverse),
    Maps({"round", "[digits]", "Rounds a number to so many digits behind the point, 0 if not said.",
          R"(["round", 1])", R"(["2.25", "7"])", R"(["2.3", "7"])"},
         {Kind::kInteger}, 0, transforms::Round),
    Slices({"slice", "begin [end]",
            "The characters from `begin` to before `end`, from 0, negative ones from the end; of "
            "pieces behind `split`: these pieces.",
            R"(["slice", 0, 3])", R"(["Ünited"])", R"(["Üni"])"},
           {Kind::kInteger, Kind::kInteger}, 1),
    Splits(
        {"split", "[text]", "The pieces between `text`; without it the words between white space.",
         R"(["split", ","])", R"(["a,b,,c"])", R"(["a", "b", "", "c"])"},
        {Kind::kText}, 0, transforms::Split),
    Maps({"squeeze", "", "Each run of white space as one space, none at the ends.", R"("squeeze")",
          R"(["  a \n b\u00a0 c "])", R"(["a b c"])"},
         {}, 0, transforms::Squeeze),
    Maps({"strip_prefix", "text", "Cuts `text` off the front, if it is there.",
          R"(["strip_prefix", "By "])", R"(["By Ann", "Bob"])", R"(["Ann", "Bob"])"},
         {Kind::kText}, 1, transforms::StripPrefix),
    Maps({"strip_suffix", "text", "Cuts `text` off the end, if it is there.",
          R"(["strip_suffix", " km"])", R"(["12 km", "13"])", R"(["12", "13"])"},
         {Kind::kText}, 1, transforms::StripSuffix),
    Maps({"strip_tags", "",
          "Without tags and comments, and without scripts and styles; all else as it stands.",
          R"("strip_tags")", R"(["<b class='>'>a</b> &amp; <!-- x -->b"])", R"(["a &amp; b"])"},
         {}, 0, transforms::StripTags),
    Maps({"trim", "", "Without white space at the ends; U+00A0 is some here.", R"("trim")",
          R"(["\u00a0 a b \n"])", R"(["a b"])"},
         {}, 0, transforms::Trim),
    Maps({"unescape", "", "Reads the character references of HTML.", R"("unescape")",
          R"(["Fish &amp; chips &#8364;5 &lt;b&gt;"])", R"(["Fish & chips €5 <b>"])"},
         {}, 0, transforms::Unescape),
    Picks({"unique", "", "Several without repeats; the first of each stays.", R"("unique")",
           R"(["b", "a", "b"])", R"(["b", "a"])"},
          {}, 0, transforms::Unique),
    Maps({"upper", "", "In capital letters.", R"("upper")", R"(["straße"])", R"(["STRASSE"])"}, {},
         0, transforms::Upper),
    Maps({"url_decode", "", "Reads %XX.", R"("url_decode")", R"(["caf%C3%A9%20%26"])",
          R"(["café &"])"},
         {}, 0, transforms::UrlDecode),
    Maps({"url_encode", "", "Writes all but letters, digits and - _ . ! ~ * ' ( ) as %XX.",
          R"("url_encode")", R"(["a&b é"])", R"(["a%26b%20%C3%A9"])"},
         {}, 0, transforms::UrlEncode),
};
// clang-format on

constexpr std::array kInfos = [] {
  std::array<TransformInfo, kEntries.size()> infos{};
  for (std::size_t i = 0; i < infos.size(); ++i) infos[i] = kEntries[i].info;
  return infos;
}();

}  // namespace

std::span<const TransformInfo> AllTransforms() {
  return kInfos;
}

std::span<const TransformEntry> AllEntries() {
  return kEntries;
}

}  // namespace thresh
