// PageRun: fields. What is found becomes MessagePack at the end of the records.

#include <cmath>

#include "lib/text/json.h"
#include "parser/json/elements.h"
#include "parser/json/write.h"
#include "parser/recipe/page_run.h"
#include "parser/recipe/record_text.h"
#include "parser/transform/boolean.h"
#include "parser/transform/number.h"

namespace thresh {
namespace {

using simdjson::dom::element_type;

constexpr int kMaxJsonDepth = 48;  // With the records around it below what a sink reads.

constexpr std::size_t kBigValue = 1 << 16;

bool IsWithin(simdjson::dom::element value, int depth) {
  if (value.is_array()) {
    if (depth == 0) return false;
    for (const simdjson::dom::element item : json::ArrayOf(value)) {
      if (!IsWithin(item, depth - 1)) return false;
    }
  } else if (value.is_object()) {
    if (depth == 0) return false;
    for (const auto& member : json::ObjectOf(value)) {
      if (!IsWithin(member.value, depth - 1)) return false;
    }
  }
  return true;
}

// A value that has none inside it. False, with nothing put, for an array, an object and null. Flat:
// simdjson's accessors, a few instructions each, would be calls.
[[gnu::flatten]] inline bool PutScalar(simdjson::dom::element value, RecordBuffer& records) {
  switch (value.type()) {
    case element_type::STRING: records.PutText(value.get_string().value_unsafe()); return true;
    case element_type::INT64: records.PutInteger(value.get_int64().value_unsafe()); return true;
    case element_type::UINT64: records.PutUnsigned(value.get_uint64().value_unsafe()); return true;
    case element_type::DOUBLE: records.PutDouble(value.get_double().value_unsafe()); return true;
    case element_type::BOOL: records.PutBool(value.get_bool().value_unsafe()); return true;
    case element_type::NULL_VALUE:
    case element_type::ARRAY:
    case element_type::OBJECT: break;
  }
  return false;
}

// Whether a value of this type is its own value of the field's.
bool IsTaken(FieldType field, element_type value) {
  switch (field) {
    case FieldType::kAsFound: return true;
    case FieldType::kNumber:
      return value == element_type::DOUBLE || value == element_type::INT64 ||
             value == element_type::UINT64;
    default: return false;
  }
}

}  // namespace

// ---- Records --------------------------------------------------------------------

// For a report, fields behind a missing one are looked at as well.
bool PageRun::PackFields(const std::vector<FieldProgram>& fields, const json::JsonPathSet& paths,
                         const Scope& scope) {
  bool whole = true;
  if (scope.has_json && paths.size() > 0) {
    paths.SelectFirsts(scope.json, work_, &paths_found_[depth_]);
  }
  const bool top = depth_ == 0;
  if (top) value_ends_.resize(2 * fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldProgram& field = fields[i];
    records_.Append(field.packed_name);
    const std::size_t begin = records_.size();
    const bool packed = field.plain_json && scope.has_json ? PackPlain(field)
                        : field.page                       ? PackPageField(field)
                                                           : PackField(field, scope);
    whole = whole && packed;
    if (!packed && !want_first_) return false;
    if (!field.plain_json && !WithinLimits()) return false;
    if (top) {
      value_ends_[2 * i] = begin;
      value_ends_[2 * i + 1] = records_.size();
    }
  }
  return whole;
}

// A JSON row's field that is a value as it stands, the usual one: what PackField() does, in short.
bool PageRun::PackPlain(const FieldProgram& field) {
  const std::size_t begin = records_.size();
  for (const SourceProgram& source : field.sources) {
    const std::optional<Element>& found = paths_found_[depth_][source.path];
    if (!found) continue;
    if (!IsTaken(field.type, found->type()) || !PutScalar(*found, records_)) {
      if (found->is_null()) continue;
      if (!PackElement(field, *found)) {
        if (want_first_) Miss(&field, TextOf(*found), OtherThan(field.type));
        continue;
      }
    }
    Count(field, begin, true);
    return records_.size() - begin < kBigValue ? ok() : WithinLimits();
  }
  Count(field, begin, false);
  if (field.required) {
    if (missing_ == nullptr) missing_ = &field;
    return false;
  }
  if (field.packed_default.empty()) {
    records_.PutNil();
  } else {
    records_.Append(field.packed_default);
  }
  return true;
}

// A field of the page has one value for all rows.
bool PageRun::PackPageField(const FieldProgram& field) {
  Cached& cached = cached_[field.index];
  if (!cached.known) {
    const std::size_t begin = records_.size();
    const std::uint64_t found_before = out_->fields[field.index].found;
    if (!PackField(field, page_scope_)) return false;
    cached = {true, out_->fields[field.index].found > found_before, cache_.size(),
              records_.size() - begin};
    cache_.append(records_.view().substr(begin, cached.size));
    return true;
  }
  records_.Append(std::string_view(cache_).substr(cached.begin, cached.size));
  Count(field, records_.size() - cached.size, cached.found);
  return true;
}

bool PageRun::PackField(const FieldProgram& field, const Scope& scope) {
  const std::size_t begin = records_.size();
  std::size_t found = 0;
  if (field.nested) {
    const auto nested = PackNested(field, scope);
    if (!nested) return false;
    found = *nested;
  } else {
    found = PackValues(field, scope);
  }
  Count(field, begin, found > 0);
  if (found > 0 || !field.required) return true;
  if (missing_ == nullptr) missing_ = &field;
  return false;
}

std::size_t PageRun::PackValues(const FieldProgram& field, const Scope& scope) {
  const std::size_t head = records_.size();
  if (field.many) records_.PutArray(0);
  std::size_t found = 0;
  for (const SourceProgram& source : field.sources) {
    const bool piped = !source.pipe.empty() || !field.pipe.empty();
    Taking taking{source,
                  field.re.get(),
                  field.pipe,
                  &field,
                  nullptr,
                  field.all || source.pipe.wants_all(),
                  field.many || field.join,
                  piped};
    found = TakeSource(taking, scope);
    if (found > 0) break;
  }
  if (found == 0 && !field.packed_default.empty()) {
    records_.Truncate(head);
    records_.Append(field.packed_default);
  } else if (field.many) {
    records_.SetArrayCount(head, found);
  } else if (found == 0) {
    records_.PutNil();
  } else if (field.join) {
    JoinValues(field, head);
  }
  return found;
}

// The values from `head` on become one string.
void PageRun::JoinValues(const FieldProgram& field, std::size_t head) {
  joined_.clear();
  for (std::size_t at = head; at < records_.size();) {
    if (at > head) joined_ += *field.join;
    at = AppendPackedAsText(records_.view(), at, &joined_);
  }
  records_.Truncate(head);
  records_.PutText(joined_);
}

// Nullopt if a record inside lacks a required field: then the row does.
std::optional<std::size_t> PageRun::PackNested(const FieldProgram& field, const Scope& scope) {
  std::vector<Scope>& rows = rows_[depth_ + 1];
  CollectRows(field.rows, scope, &rows);
  const std::size_t count = field.many ? rows.size() : std::min<std::size_t>(rows.size(), 1);
  if (field.many) {
    records_.PutArray(count);
  } else if (count == 0) {
    records_.PutNil();
  }
  ++depth_;
  bool whole = true;
  for (std::size_t i = 0; i < count && whole; ++i) {
    const Scope row = rows[i];
    records_.PutMap(field.fields.size());
    whole = PackFields(field.fields, field.paths, row);
  }
  --depth_;
  if (!whole) return std::nullopt;
  return count;
}

void PageRun::Count(const FieldProgram& field, std::size_t begin, bool found) {
  FieldCount& count = out_->fields[field.index];
  ++count.rows;
  if (!found) return;
  if (count.found++ > 0 || !want_first_) return;
  const auto head = static_cast<unsigned char>(records_.view()[begin]);
  const std::size_t array_head = head < 0xDC ? 1 : head == 0xDC ? 3 : 5;
  const bool array = field.many && !field.nested;
  AppendPackedAsJson(records_.view(), begin + (array ? array_head : 0), &firsts_[field.index]);
}

void PageRun::Miss(const FieldProgram* field, std::string_view text, std::string_view why) {
  if (!want_first_ || field == nullptr || !misses_[field->index].empty()) return;
  std::string& miss = misses_[field->index];
  miss = "found ";
  AppendJsonString(text, &miss);
  miss.append(", ").append(why);
}

std::string_view PageRun::OtherThan(FieldType type) {
  switch (type) {
    case FieldType::kNumber: return "which is no number";
    case FieldType::kInteger: return "which is no whole number";
    case FieldType::kBool: return "which is neither true nor false";
    case FieldType::kDate: return "which is no date of its formats";
    case FieldType::kUrl: return "which is no URL";
    case FieldType::kJson: return "which is no JSON";
    case FieldType::kAsFound:
    case FieldType::kText:
    case FieldType::kHtml: break;
  }
  return "which it does not take";
}

// ---- Values ---------------------------------------------------------------------

bool PageRun::PackInteger(std::string_view text) {
  if (const auto integer = ToInteger(text)) {
    records_.PutInteger(*integer);
    return true;
  }
  const auto large = ToUnsigned(text);
  if (large) records_.PutUnsigned(*large);
  return large.has_value();
}

// False, with nothing appended, for a text that does not say a value of the field's type.
bool PageRun::PackText(const FieldProgram& field, std::string_view text) {
  switch (field.type) {
    case FieldType::kAsFound:
    case FieldType::kText:
    case FieldType::kHtml: records_.PutText(text); return true;
    case FieldType::kNumber: {
      const auto number = ToNumber(text);
      if (!number) return false;
      // From here on a double does not hold each whole number.
      constexpr double kExactTo = 9007199254740992;
      if (std::fabs(*number) >= kExactTo && PackInteger(text)) return true;
      records_.PutDouble(*number);
      return true;
    }
    case FieldType::kInteger: return PackInteger(text);
    case FieldType::kBool:
      if (const auto boolean = ToBool(text)) {
        records_.PutBool(*boolean);
        return true;
      }
      return false;
    case FieldType::kDate: {
      DateText buffer;
      const auto date = ToDate(text, field.formats, &buffer);
      if (date) records_.PutText(*date);
      return date.has_value();
    }
    case FieldType::kUrl: {
      const Url* const from = base();
      if (from == nullptr) return false;
      const Result<const Url*> url = url_.Parse(text, from);
      if (url) records_.PutText((*url)->href());
      return url.ok();
    }
    case FieldType::kJson: {
      const auto root = JsonInside(text, false);
      return root && !root->is_null() && PackDom(*root);
    }
  }
  return false;
}

bool PageRun::PackElement(const FieldProgram& field, Element value) {
  const element_type type = value.type();
  const bool integer = type == element_type::INT64 || type == element_type::UINT64;
  switch (field.type) {
    case FieldType::kJson: {
      std::string_view text;  // An array or object in a string; a number in one may be an id.
      if (value.get(text) != simdjson::SUCCESS) return PackDom(value);
      const std::size_t begin = text.find_first_not_of(" \t\r\n");
      const bool nested =
          begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
      return (nested && PackText(field, text)) || PackDom(value);
    }
    case FieldType::kAsFound: return PackDom(value);
    case FieldType::kNumber:
      if (integer || type == element_type::DOUBLE) return PackDom(value);
      if (type == element_type::BOOL) return false;
      break;
    case FieldType::kInteger: {
      if (integer) return PackDom(value);
      double number = 0;
      if (type != element_type::DOUBLE || value.get(number) != simdjson::SUCCESS) break;
      constexpr double kTwoTo63 = 9223372036854775808.0;
      if (number != std::trunc(number) || number < -kTwoTo63 || number >= 2 * kTwoTo63)
        return false;
      if (number < kTwoTo63) {
        records_.PutInteger(static_cast<std::int64_t>(number));
      } else {
        records_.PutUnsigned(static_cast<std::uint64_t>(number));
      }
      return true;
    }
    case FieldType::kBool:
      if (type == element_type::BOOL) return PackDom(value);
      break;
    case FieldType::kText:
    case FieldType::kHtml:
    case FieldType::kDate:
    case FieldType::kUrl: break;
  }
  return PackText(field, TextOf(value));
}

bool PageRun::PackDom(Element value) {
  if (PutScalar(value, records_)) return true;
  if (value.is_null()) {
    records_.PutNil();
    return true;
  }
  if (!IsWithin(value, kMaxJsonDepth)) {
    Fail(Errc::kTooLarge,
         "JSON nested over " + std::to_string(kMaxJsonDepth) + " deep cannot be in a record",
         "parse_limit");
    return false;
  }
  joined_.clear();
  json::AppendMsgpack(value, &joined_);
  records_.Append(joined_);
  return true;
}

}  // namespace thresh
