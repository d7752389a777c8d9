#pragma once

// The functions behind the table of registry.cc, one a transform: what each does is said there.
// Private to the room.

#include <string_view>
#include <vector>

#include "parser/transform/step.h"

namespace thresh::transforms {

using Texts = std::vector<std::string_view>;

// text_functions.cc
bool Trim(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Squeeze(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Lower(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Upper(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Replace(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool ReReplace(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Re(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool StripPrefix(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool StripSuffix(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Prepend(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Append(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Before(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool After(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Default(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Keep(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Drop(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool DropEmpty(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool SliceText(const Step&, std::string_view in, PipeMemory&, std::string_view* out);

// list_functions.cc
void Split(const Step&, std::string_view in, PipeMemory&, Texts* out);
void Lines(const Step&, std::string_view in, PipeMemory&, Texts* out);
void ReAll(const Step&, std::string_view in, PipeMemory&, Texts* out);
void First(const Step&, PipeMemory&, Texts* texts);
void Last(const Step&, PipeMemory&, Texts* texts);
void Nth(const Step&, PipeMemory&, Texts* texts);
void SliceTexts(const Step&, PipeMemory&, Texts* texts);
void Join(const Step&, PipeMemory&, Texts* texts);
void Unique(const Step&, PipeMemory&, Texts* texts);
void Reverse(const Step&, PipeMemory&, Texts* texts);
void Count(const Step&, PipeMemory&, Texts* texts);

// value_functions.cc
bool Digits(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Number(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Multiply(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Round(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool AbsoluteUrl(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool QueryParam(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool UrlDecode(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool UrlEncode(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Base64Decode(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Json(const Step&, std::string_view in, PipeMemory&, std::string_view* out);

// markup_functions.cc
bool StripTags(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool Unescape(const Step&, std::string_view in, PipeMemory&, std::string_view* out);
bool HtmlText(const Step&, std::string_view in, PipeMemory&, std::string_view* out);

}  // namespace thresh::transforms
