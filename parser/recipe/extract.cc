#include "parser/recipe/extract.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <unordered_set>
#include <variant>

#define MSGPACK_NO_BOOST
#include <msgpack/pack.hpp>
#include <re2/re2.h>
#include <simdjson.h>

#include "lib/recipe/url_pattern.h"
#include "lib/text/json.h"
#include "lib/text/utf8.h"
#include "parser/recipe/convert.h"

namespace thresh {
namespace {

using html::NodeId;

// A single value; monostate is "found nothing".
using Value = std::variant<std::monostate, std::string, std::int64_t, double, bool>;

// What msgpack::packer writes to.
struct StringSink {
  std::string* out;
  void write(const char* bytes, std::size_t size) { out->append(bytes, size); }
};
using Packer = msgpack::packer<StringSink>;

void PackText(Packer& packer, std::string_view text) {
  packer.pack_str(static_cast<std::uint32_t>(text.size()));
  packer.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

void PackValue(Packer& packer, const Value& value) {
  struct Visitor {
    Packer& p;
    void operator()(std::monostate) const { p.pack_nil(); }
    void operator()(const std::string& v) const { PackText(p, v); }
    void operator()(std::int64_t v) const { p.pack_int64(v); }
    void operator()(double v) const { p.pack_double(v); }
    void operator()(bool v) const { v ? p.pack_true() : p.pack_false(); }
  };
  std::visit(Visitor{packer}, value);
}

std::string ValueAsJson(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(const std::string& v) const { return JsonString(v); }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const {
      std::string out;
      AppendJsonNumber(v, &out);
      return out;
    }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
  };
  return std::visit(Visitor{}, value);
}

Value FromScalar(const Scalar& scalar) {
  return std::visit([](const auto& v) { return Value(v); }, scalar);
}

// `<base href>`, the first that there is, resolved against the page's URL (WHATWG HTML 4.2.3).
Url BaseOf(const html::Tree& tree, const Url& page) {
  for (NodeId id = 0; id < tree.size(); ++id) {
    if (!tree.IsElement(id) || tree.node(id).name != html::Known("base")) continue;
    const auto href = tree.Find(tree.node(id), html::Known("href"));
    if (!href) continue;
    Result<Url> base = Url::Parse(*href, page);
    const bool usable = base && base->scheme() != "data" && base->scheme() != "javascript";
    return usable ? *base : page;
  }
  return page;
}

// One page's extraction: what all its items and links share.
class PageRun {
 public:
  PageRun(const PageInput& page, const html::Tree& tree, Url page_url)
      : page_(page), tree_(tree), base_(BaseOf(tree, page_url)) {}

  void RunItem(const ItemProgram& item, std::vector<FieldReport>* report) {
    if (!item.spec.match.empty() && !MatchesAny(item.spec.match, page_.url)) return;
    std::vector<NodeId> rows{html::kDocumentNode};
    if (item.rows) {
      rows.clear();
      item.rows->SelectAll(tree_, html::kDocumentNode, work_, &hits_);
      for (const select::Hit& hit : hits_) rows.push_back(hit.node);
    }
    reports_.clear();
    for (const FieldProgram& f : item.fields) reports_.push_back({item.spec.name, f.spec.name});
    ItemRows out{.item = item.spec.name};
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      if (PackRow(item, rows[row], row)) out.rows.push_back(row);
    }
    if (!out.rows.empty()) result_.rows.push_back(std::move(out));
    if (report != nullptr) report->insert(report->end(), reports_.begin(), reports_.end());
  }

  void RunFollow(const FollowProgram& follow, const select::PseudoElement& href) {
    if (!follow.spec.match.empty() && !MatchesAny(follow.spec.match, page_.url)) return;
    follow.css->SelectAll(tree_, html::kDocumentNode, work_, &hits_);
    for (const select::Hit& hit : hits_) {
      const auto value = follow.css->Value(tree_, hit, href);
      if (!value) continue;
      Result<Url> url = Url::Parse(*value, base_);
      if (!url || !url->is_http()) continue;
      std::string link = url->WithoutFragment().href();
      if (seen_links_.insert(link).second) result_.links.push_back(std::move(link));
    }
  }

  [[nodiscard]] bool exhausted() const noexcept { return work_.exhausted(); }
  [[nodiscard]] Extraction TakeResult() { return std::move(result_); }

 private:
  // Appends the row's record; or takes it back and notes why it was rejected.
  bool PackRow(const ItemProgram& item, NodeId scope, std::uint32_t row) {
    const std::size_t begin = result_.records.size();
    StringSink sink{&result_.records};
    Packer packer(sink);
    packer.pack_map(static_cast<std::uint32_t>(item.fields.size()));
    for (std::size_t i = 0; i < item.fields.size(); ++i) {
      const FieldProgram& field = item.fields[i];
      PackText(packer, field.spec.name);
      std::vector<Value> values = Evaluate(field, field.spec.page ? html::kDocumentNode : scope);
      Count(&reports_[i], values);
      if (values.empty() && field.spec.required) {
        result_.records.resize(begin);
        result_.rejected.push_back({item.spec.name, row, field.spec.name});
        return false;
      }
      PackField(packer, field, values);
    }
    return true;
  }

  static void Count(FieldReport* report, const std::vector<Value>& values) {
    ++report->rows;
    if (values.empty()) return;
    if (report->found++ == 0) report->first = ValueAsJson(values.front());
  }

  static void PackField(Packer& packer, const FieldProgram& field,
                        const std::vector<Value>& values) {
    if (values.empty() && field.spec.default_value) {
      PackValue(packer, FromScalar(*field.spec.default_value));
    } else if (field.spec.many) {
      packer.pack_array(static_cast<std::uint32_t>(values.size()));
      for (const Value& v : values) PackValue(packer, v);
    } else {
      PackValue(packer, values.empty() ? Value() : values.front());
    }
  }

  // Source, then re, then type, for each match; empty if nothing came of it.
  std::vector<Value> Evaluate(const FieldProgram& field, NodeId scope) {
    std::vector<Value> values;
    const bool all = field.spec.many || field.spec.join.has_value();
    for (std::string& text : Source(field, scope, all)) {
      if (field.re && !ApplyRegex(*field.re, &text)) continue;
      Value value = Convert(field.spec, std::move(text));
      if (!std::holds_alternative<std::monostate>(value)) values.push_back(std::move(value));
    }
    if (field.spec.source == FieldSource::kConst) values = {FromScalar(*field.spec.constant)};
    if (field.spec.join && !values.empty()) values = {Join(values, *field.spec.join)};
    return values;
  }

  static Value Join(const std::vector<Value>& values, const std::string& between) {
    std::string joined;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) joined += between;
      const auto* text = std::get_if<std::string>(&values[i]);
      joined += text != nullptr ? *text : ValueAsJson(values[i]);
    }
    return joined;
  }

  std::vector<std::string> Source(const FieldProgram& field, NodeId scope, bool all) {
    switch (field.spec.source) {
      case FieldSource::kCss: return CssValues(field, scope, all);
      case FieldSource::kUrl: return {std::string(page_.final_url)};
      case FieldSource::kStatus: return {std::to_string(page_.status)};
      case FieldSource::kHeader: return HeaderValues(field.spec.selector.text);
      case FieldSource::kMeta: return MetaValues(field.spec.selector.text);
      case FieldSource::kConst: break;
    }
    return {};
  }

  std::vector<std::string> CssValues(const FieldProgram& field, NodeId scope, bool all) {
    std::vector<std::string> texts;
    if (all) {
      field.css->SelectAll(tree_, scope, work_, &hits_);
    } else {
      hits_.clear();
      if (auto hit = field.css->SelectFirst(tree_, scope, work_)) hits_.push_back(*hit);
    }
    for (const select::Hit& hit : hits_) {
      if (auto text = field.css->Value(tree_, hit, field.otherwise)) texts.push_back(*text);
    }
    return texts;
  }

  std::vector<std::string> HeaderValues(std::string_view wanted) const {
    std::vector<std::string> texts;
    for (const auto& [name, value] : page_.headers) {
      const bool same = name.size() == wanted.size() &&
                        std::equal(name.begin(), name.end(), wanted.begin(), [](char a, char b) {
                          return a == std::tolower(static_cast<unsigned char>(b));
                        });
      if (same) texts.push_back(RepairUtf8(value));
    }
    return texts;
  }

  std::vector<std::string> MetaValues(const std::string& key) const {
    if (page_.meta.empty()) return {};
    simdjson::dom::parser parser;
    simdjson::dom::element value;
    if (parser.parse(page_.meta.data(), page_.meta.size())[key].get(value) != simdjson::SUCCESS) {
      return {};
    }
    if (value.is_null()) return {};
    if (std::string_view text; value.get(text) == simdjson::SUCCESS) return {std::string(text)};
    return {simdjson::minify(value)};
  }

  static bool ApplyRegex(const re2::RE2& re, std::string* text) {
    re2::StringPiece groups[2];
    const int wanted = re.NumberOfCapturingGroups() > 0 ? 2 : 1;
    if (!re.Match(*text, 0, text->size(), RE2::UNANCHORED, groups, wanted)) return false;
    *text = std::string(groups[wanted - 1]);
    return true;
  }

  [[nodiscard]] Value Convert(const FieldSpec& spec, std::string text) const {
    const auto value = [](auto optional) { return optional ? Value(*optional) : Value(); };
    switch (spec.type) {
      case FieldType::kText:
      case FieldType::kHtml: return text;
      case FieldType::kNumber: return value(ToNumber(text));
      case FieldType::kInteger: return value(ToInteger(text));
      case FieldType::kBool: return value(ToBool(text));
      case FieldType::kDate: return value(ToDate(text, spec.date_formats));
      case FieldType::kUrl: {
        Result<Url> url = Url::Parse(text, base_);
        return url ? Value(url->href()) : Value();
      }
    }
    return {};
  }

  const PageInput& page_;
  const html::Tree& tree_;
  const Url base_;
  select::WorkBudget work_;
  std::vector<select::Hit> hits_;
  std::vector<FieldReport> reports_;
  std::unordered_set<std::string> seen_links_;
  Extraction result_;
};

}  // namespace

Extractor::Extractor() : tree_(names_), parser_(names_) {}

Result<Extraction> Extractor::Extract(const Program& program, const PageInput& page,
                                      std::vector<FieldReport>* report) {
  Result<Url> page_url = Url::Parse(page.final_url);
  if (!page_url) return page_url.error();
  std::string_view body = page.body;
  if (!IsUtf8(body)) body = repaired_ = RepairUtf8(body);
  if (Result<> parsed = parser_.Parse(body, &tree_); !parsed) return parsed.error();
  PageRun run(page, tree_, std::move(*page_url));
  for (const ItemProgram& item : program.items) run.RunItem(item, report);
  for (const FollowProgram& follow : program.follows) run.RunFollow(follow, program.href);
  if (run.exhausted()) {
    return Error{Errc::kTooLarge, "the selectors' work on this page passed its limit"};
  }
  return run.TakeResult();
}

}  // namespace thresh
