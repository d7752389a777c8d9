#pragma once

// JSON values, from simdjson's DOM, to MessagePack and to JSON text. Integers keep all 64
// bits. All functions append to `out`; they recurse as deep as the value nests, which its
// parser has bounded.

#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace thresh::json {

/// MessagePack in the shortest form: integers as int or uint, doubles as float64, objects as
/// maps in document order, members named twice included.
void AppendMsgpack(simdjson::dom::element value, std::string* out);

/// Compact JSON on one line, with strings as AppendJsonString and doubles as AppendJsonNumber
/// (lib/text/json.h) write them.
void AppendJson(simdjson::dom::element value, std::string* out);

/// A value as text: a string as it is, a number without an exponent, all else as JSON.
void AppendText(simdjson::dom::element value, std::string* out);

// The pieces, for records that are put together from single values.
void AppendMsgpackNil(std::string* out);
void AppendMsgpackBool(bool value, std::string* out);
void AppendMsgpackInteger(std::int64_t value, std::string* out);
void AppendMsgpackUnsigned(std::uint64_t value, std::string* out);
void AppendMsgpackDouble(double value, std::string* out);
/// REQUIRES: below 4 GiB.
void AppendMsgpackText(std::string_view value, std::string* out);
/// The head of an array of `count` values, or a map of `count` pairs, that must follow.
/// REQUIRES: below 2^32.
void AppendMsgpackArray(std::size_t count, std::string* out);
void AppendMsgpackMap(std::size_t count, std::string* out);

}  // namespace thresh::json
