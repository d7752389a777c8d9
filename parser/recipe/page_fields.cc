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

}  // namespace

// ---- Records --------------------------------------------------------------------

bool PageRun::PackFields(const std::vector<FieldProgram>& fields, const json::JsonPathSet& paths,
                         const Scope& scope) {
  if (scope.has_json && paths.size() > 0) {
    paths.SelectFirsts(scope.json, work_, &paths_found_[depth_]);
  }
  std::string& records = out_->records;
  const bool top = depth_ == 0;
  if (top) value_ends_.resize(2 * fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldProgram& field = fields[i];
    records.append(field.packed_name);
    const std::size_t begin = records.size();
    if (!(field.page ? PackPageField(field) : PackField(field, scope)) || !WithinLimits()) {
      return false;
    }
    if (top) {
      value_ends_[2 * i] = begin;
      value_ends_[2 * i + 1] = records.size();
    }
  }
  return true;
}

// A field of the page has one value for all rows.
bool PageRun::PackPageField(const FieldProgram& field) {
  Cached& cached = cached_[field.index];
  std::string& records = out_->records;
  if (!cached.known) {
    const std::size_t begin = records.size();
    const std::uint64_t found_before = out_->fields[field.index].found;
    if (!PackField(field, page_scope_)) return false;
    cached = {true, out_->fields[field.index].found > found_before, cache_.size(),
              records.size() - begin};
    cache_.append(records, begin, cached.size);
    return true;
  }
  records.append(cache_, cached.begin, cached.size);
  Count(field, records.size() - cached.size, cached.found);
  return true;
}

bool PageRun::PackField(const FieldProgram& field, const Scope& scope) {
  const std::size_t begin = out_->records.size();
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
  missing_ = &field;
  return false;
}

std::size_t PageRun::PackValues(const FieldProgram& field, const Scope& scope) {
  std::string& records = out_->records;
  const std::size_t head = records.size();
  if (field.many) records.push_back('\x90');
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
    records.resize(head);
    records.append(field.packed_default);
  } else if (field.many) {
    SetArrayCount(head, found, &records);
  } else if (found == 0) {
    json::AppendMsgpackNil(&records);
  } else if (field.join) {
    JoinValues(field, head);
  }
  return found;
}

// The values from `head` on become one string.
void PageRun::JoinValues(const FieldProgram& field, std::size_t head) {
  std::string& records = out_->records;
  joined_.clear();
  for (std::size_t at = head; at < records.size();) {
    if (at > head) joined_ += *field.join;
    at = AppendPackedAsText(records, at, &joined_);
  }
  records.resize(head);
  AppendPacked(joined_, &records);
}

// Nullopt if a record inside lacks a required field: then the row does.
std::optional<std::size_t> PageRun::PackNested(const FieldProgram& field, const Scope& scope) {
  std::string& records = out_->records;
  std::vector<Scope>& rows = rows_[depth_ + 1];
  CollectRows(field.rows, scope, &rows);
  const std::size_t count = field.many ? rows.size() : std::min<std::size_t>(rows.size(), 1);
  if (field.many) {
    json::AppendMsgpackArray(count, &records);
  } else if (count == 0) {
    json::AppendMsgpackNil(&records);
  }
  ++depth_;
  bool whole = true;
  for (std::size_t i = 0; i < count && whole; ++i) {
    const Scope row = rows[i];
    json::AppendMsgpackMap(field.fields.size(), &records);
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
  const std::string& records = out_->records;
  const auto head = static_cast<unsigned char>(records[begin]);
  const std::size_t array_head = head < 0xDC ? 1 : head == 0xDC ? 3 : 5;
  const bool array = field.many && !field.nested;
  AppendPackedAsJson(records, begin + (array ? array_head : 0), &firsts_[field.index]);
}

// ---- Values ---------------------------------------------------------------------

// False, with nothing appended, for a text that does not say a value of the field's type.
bool PageRun::PackText(const FieldProgram& field, std::string_view text) {
  std::string& records = out_->records;
  switch (field.type) {
    case FieldType::kAsFound:
    case FieldType::kText:
    case FieldType::kHtml: AppendPacked(text, &records); return true;
    case FieldType::kNumber:
      if (const auto number = ToNumber(text)) {
        json::AppendMsgpackDouble(*number, &records);
        return true;
      }
      return false;
    case FieldType::kInteger:
      if (const auto integer = ToInteger(text)) {
        json::AppendMsgpackInteger(*integer, &records);
        return true;
      }
      return false;
    case FieldType::kBool:
      if (const auto boolean = ToBool(text)) {
        json::AppendMsgpackBool(*boolean, &records);
        return true;
      }
      return false;
    case FieldType::kDate: {
      DateText buffer;
      const auto date = ToDate(text, field.formats, &buffer);
      if (date) AppendPacked(*date, &records);
      return date.has_value();
    }
    case FieldType::kUrl: {
      const Url* const from = base();
      if (from == nullptr) return false;
      const Result<Url> url = Url::Parse(text, *from);
      if (url) AppendPacked(url->href(), &records);
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
  std::string& records = out_->records;
  switch (field.type) {
    case FieldType::kAsFound:
    case FieldType::kJson: return PackDom(value);
    case FieldType::kNumber:
      if (value.is_number()) return PackDom(value);
      break;
    case FieldType::kInteger: {
      if (value.type() == element_type::INT64 || value.type() == element_type::UINT64) {
        return PackDom(value);
      }
      double number = 0;
      if (value.type() != element_type::DOUBLE) break;
      constexpr double kExact = 9007199254740992;  // 2^53: all whole numbers up to it are exact.
      if (value.get(number) != simdjson::SUCCESS || number != std::trunc(number) ||
          std::fabs(number) > kExact) {
        return false;
      }
      json::AppendMsgpackInteger(static_cast<std::int64_t>(number), &records);
      return true;
    }
    case FieldType::kBool:
      if (value.is_bool()) return PackDom(value);
      break;
    case FieldType::kText:
    case FieldType::kHtml:
    case FieldType::kDate:
    case FieldType::kUrl: break;
  }
  if (value.is_bool() && field.type == FieldType::kNumber) return false;
  return PackText(field, TextOf(value));
}

bool PageRun::PackDom(Element value) {
  const bool container = value.is_array() || value.is_object();
  if (container && !IsWithin(value, kMaxJsonDepth)) {
    Fail(Errc::kTooLarge,
         "JSON nested over " + std::to_string(kMaxJsonDepth) + " deep cannot be in a record",
         "parse_limit");
    return false;
  }
  json::AppendMsgpack(value, &out_->records);
  return true;
}

}  // namespace thresh
