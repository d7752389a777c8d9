#include "parser/recipe/page_run.h"

#include <algorithm>

#include "lib/recipe/url_pattern.h"
#include "parser/html/inert.h"
#include "parser/html/serialize.h"
#include "parser/json/elements.h"
#include "parser/json/write.h"
#include "parser/recipe/record_text.h"

namespace thresh {
namespace {

using html::NodeId;

constexpr std::size_t kMaxRecordBytes = 32 << 20;  // As much as a result may have.
constexpr std::size_t kKeptBytes = 8 << 20;
constexpr std::size_t kKeptDocuments = 64;

// `<base href>`, the first that there is, resolved against the page's URL (WHATWG HTML 4.2.3).
const Url* BaseOf(const html::Tree& tree, const Url& page, UrlPlace* place) {
  for (NodeId id = 0; id < tree.size(); ++id) {
    if (html::IsInert(tree, id)) {
      id = tree.End(id) - 1;
      continue;
    }
    if (!tree.IsElement(id) || tree.node(id).name != html::Known("base")) continue;
    if (tree.node(id).ns == html::Namespace::kSvg) continue;
    const auto href = tree.Find(tree.node(id), html::Known("href"));
    if (!href) continue;
    const Result<const Url*> base = place->Parse(*href, &page);
    const bool usable = base && (*base)->scheme() != "data" && (*base)->scheme() != "javascript";
    return usable ? *base : &page;
  }
  return &page;
}

void DropIfHuge(std::string* buffer) {
  if (buffer->capacity() > kKeptBytes) std::string().swap(*buffer);
  buffer->clear();
}

}  // namespace

PageRun::PageRun(html::NameTable& names) : body_(names), pipe_(names), linked_data_(names) {}

Result<> PageRun::Run(const Program& program, const PageInput& page,
                      std::vector<FieldReport>* report, Extraction* out) {
  program_ = &program;
  want_first_ = report != nullptr;
  Begin(page, out);
  const BodyRules rules{program.body.as, program.body.charset.text, program.reads_json,
                        page.max_body_bytes};
  if (Result<> read = body_.Read(page.body, page.headers, rules); !read) return read;
  page_scope_ = {};
  page_scope_.has_json = body_.is_json();
  if (body_.is_json()) page_scope_.json = body_.json();
  if (program.selectors.size() > 0) selectors_.Start(program.selectors, body_.tree(), work_);
  if (!PassesRules()) return failure_ ? Result<>(*failure_) : Ok{};
  if (program.respect_robots_tag) ReadRobotsTags();
  for (const ItemProgram& item : program.items) {
    if (no_index_) break;
    if (!item.match.empty() && !MatchesAny(item.match, page.url)) continue;
    if (Result<> done = RunItem(item); !done) return done;
    if (report != nullptr) AddReports(item, report);
  }
  for (const FollowProgram& follow : program.follows) {
    if (ok() && (follow.match.empty() || MatchesAny(follow.match, page.url))) RunFollow(follow);
  }
  if (ok() && work_.exhausted()) {
    Fail(Errc::kTooLarge, "the selectors' work on this page passed its limit", "parse_limit");
  }
  if (failure_) return *failure_;
  out->records = records_.view();
  return Ok{};
}

void PageRun::Begin(const PageInput& page, Extraction* out) {
  page_ = &page;
  out_ = out;
  records_.Clear(kKeptBytes);
  out->records = {};
  for (std::string* buffer : {&cache_, &scratch_, &text_, &joined_}) DropIfHuge(buffer);
  out->rows.clear();
  out->rejected.clear();
  out->links.clear();
  out->verdict = {};
  no_index_ = no_follow_ = false;
  out->fields.assign(program_->field_names.size(), {});
  cached_.assign(program_->field_names.size(), {});
  if (want_first_) {
    firsts_.assign(program_->field_names.size(), {});
    misses_.assign(program_->field_names.size(), {});
  }
  seen_links_.Clear();
  link_bytes_ = 0;
  work_ = select::WorkBudget();
  pipe_.Begin(*this, work_);
  failure_.reset();
  base_ = nullptr;
  base_known_ = linked_data_loaded_ = meta_read_ = false;
  meta_.reset();
  if (inside_.size() > kKeptDocuments) inside_.resize(kKeptDocuments);
  inside_used_ = 0;
  depth_ = 0;
}

const Url* PageRun::base() {
  if (!base_known_) {
    base_known_ = true;
    if (Result<const Url*> url = page_url_.Parse(page_->final_url)) {
      base_ = BaseOf(body_.tree(), **url, &base_url_);
    } else {
      Fail(Errc::kInvalid, url.error().detail, "parse");
    }
  }
  return base_;
}

void PageRun::Fail(Errc code, std::string detail, const char* reason) {
  if (!failure_) failure_ = Error{code, std::move(detail), reason};
}

bool PageRun::WithinLimits() {
  if (records_.size() > kMaxRecordBytes) {
    Fail(Errc::kTooLarge, "its records are over " + std::to_string(kMaxRecordBytes) + " bytes",
         "result_too_large");
  }
  return ok() && !work_.exhausted();
}

Result<> PageRun::RunItem(const ItemProgram& item) {
  std::vector<Scope>& rows = rows_[0];
  CollectRows(item.rows, page_scope_, &rows);
  for (std::size_t i = 0; rows.empty() && i < item.other_rows.size(); ++i) {
    CollectJsonRows(item.other_rows[i], page_scope_, &rows);
  }
  if (rows.size() < item.min_rows) {
    return Error{Errc::kInvalid,
                 item.name + ": expected at least " + std::to_string(item.min_rows) +
                     " rows, found " + std::to_string(rows.size()),
                 "min_rows"};
  }
  ItemRows& kept = out_->rows.Add();
  kept.item = item.name;
  kept.rows.clear();
  seen_keys_.Clear();
  for (std::uint32_t row = 0; row < rows.size() && WithinLimits(); ++row) {
    if (PackRow(item, rows[row], row)) kept.rows.push_back(row);
  }
  if (kept.rows.empty()) out_->rows.DropLast();
  if (failure_) return *failure_;
  return Ok{};
}

void PageRun::CollectRows(const std::optional<SourceProgram>& source, const Scope& scope,
                          std::vector<Scope>* rows) {
  rows->clear();
  if (!source) {
    rows->push_back(scope);
    return;
  }
  const auto add = [rows](select::XPathNode node) {
    Scope& row = rows->emplace_back();
    row.node = node;
  };
  if (source->kind == SourceKind::kCss && !source->json) {
    if (!scope.has_node || body_.is_json()) return;
    const NodeId from = source->whole_page ? html::kDocumentNode : scope.node.node;
    for (const select::Hit& hit : selectors_.All(source->css, from)) add({hit.node});
  } else if (source->kind == SourceKind::kXPath && !source->json) {
    if (!scope.has_node || body_.is_json()) return;
    source->xpath->SelectAll(body_.tree(), scope.node, work_, &nodes_);
    for (const select::XPathNode& node : nodes_) add(node);
  } else {
    CollectJsonRows(*source, scope, rows);
  }
}

void PageRun::CollectJsonRows(const SourceProgram& source, const Scope& scope,
                              std::vector<Scope>* rows) {
  const auto add = [rows](Element element) {
    Scope& row = rows->emplace_back();
    row.has_node = false;
    row.has_json = true;
    row.json = element;
  };
  objects_.clear();
  switch (source.kind) {
    case SourceKind::kJson:
      if (scope.has_json) source.json->Select(scope.json, work_, &objects_);
      break;
    case SourceKind::kJsonLd:
    case SourceKind::kMicrodata: {
      if (body_.is_json() || base() == nullptr) return;
      json::LinkedData& data = linked_data();
      if (source.kind == SourceKind::kJsonLd) {
        data.FindJsonLd(source.text, work_, &objects_);
      } else {
        data.FindMicrodata(source.text, work_, &objects_);
      }
      break;
    }
    default: {  // JSON in the texts of elements.
      if (!scope.has_node || body_.is_json()) return;
      nodes_.clear();
      if (source.kind == SourceKind::kXPath) {
        source.xpath->SelectAll(body_.tree(), scope.node, work_, &nodes_);
      } else {
        const NodeId from = source.whole_page ? html::kDocumentNode : scope.node.node;
        const select::CssSelector& css = program_->selectors.selector(source.css);
        for (const select::Hit& hit : selectors_.All(source.css, from)) {
          const select::PseudoElement& pseudo = css.pseudo(hit.branch);
          const bool text = pseudo.kind == select::PseudoElement::Kind::kNone ||
                            pseudo.kind == select::PseudoElement::Kind::kText;
          if (text) {
            nodes_.push_back({hit.node});
          } else if (const auto value =
                         css.ValueView(body_.tree(), hit, source.otherwise, &text_)) {
            if (auto root = JsonInside(*value, false)) source.json->Select(*root, work_, &objects_);
          }
        }
      }
      for (const select::XPathNode& node : nodes_) {
        bool stable = node.is_attribute();
        const std::string_view text = node.is_tree_node()
                                          ? RawText(node.node, &stable)
                                          : select::PlainStringValue(body_.tree(), node);
        if (auto root = JsonInside(text, stable)) source.json->Select(*root, work_, &objects_);
      }
    }
  }
  // A path may find the same value many times: what that takes of memory is paid for.
  constexpr std::int64_t kStepsOfRow = 32;
  if (!work_.Spend(kStepsOfRow * static_cast<std::int64_t>(objects_.size()))) return;
  for (const Element element : objects_) add(element);
}

bool PageRun::PackRow(const ItemProgram& item, const Scope& scope, std::uint32_t row) {
  const std::size_t begin = records_.size();
  missing_ = nullptr;
  if (item.fields.empty()) {
    PackObject(scope.json);
  } else {
    records_.PutMap(item.fields.size());
    if (!PackFields(item.fields, item.paths, scope)) {
      records_.Truncate(begin);
      if (missing_ != nullptr) {
        out_->rejected.push_back({item.name, row, program_->field_names[missing_->index].field});
      }
      return false;
    }
  }
  if (!item.key.empty() && IsRepeat(item)) {
    records_.Truncate(begin);
    return false;
  }
  return ok();
}

// The row's object as it stands; what begins with an underscore, which is kept for `_id` and the
// like, gets that at its end.
void PageRun::PackObject(Element value) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    records_.PutMap(1);
    records_.PutText("value");
    PackDom(value);
    return;
  }
  records_.PutMap(json::CountOf(object));
  for (const auto& [key, member] : object) {
    if (key.starts_with('_')) {
      const std::size_t bar = std::min(key.find_first_not_of('_'), key.size());
      text_.assign(key.substr(bar)).append(key.substr(0, bar));
      if (bar == key.size()) text_.insert(0, "value");
      records_.PutText(text_);
    } else {
      records_.PutText(key);
    }
    PackDom(member);
  }
}

// By the packed values of its key fields; where all of them are null there is nothing to tell by.
bool PageRun::IsRepeat(const ItemProgram& item) {
  constexpr char kNil = '\xC0';
  text_.clear();
  bool all_null = true;
  for (const std::uint32_t field : item.key) {
    const std::size_t end = value_ends_[2 * field + 1];
    const std::size_t begin = value_ends_[2 * field];
    all_null = all_null && end - begin == 1 && records_.view()[begin] == kNil;
    text_.append(records_.view().substr(begin, end - begin));
  }
  return !all_null && !seen_keys_.Insert(HashBytes(text_));
}

void PageRun::AddReports(const ItemProgram& item, std::vector<FieldReport>* report) {
  AddReports(item.name, item.fields, report);
}

void PageRun::AddReports(const std::string& item, const std::vector<FieldProgram>& fields,
                         std::vector<FieldReport>* report) {
  for (const FieldProgram& field : fields) {
    const FieldCount& count = out_->fields[field.index];
    report->push_back({item, program_->field_names[field.index].field, count.rows, count.found,
                       std::move(firsts_[field.index]), std::move(misses_[field.index])});
    AddReports(item, field.fields, report);
  }
}

Extractor::Extractor() : run_(std::make_unique<PageRun>(names_)) {}
Extractor::~Extractor() = default;

Result<const Extraction*> Extractor::Extract(const Program& program, const PageInput& page,
                                             std::vector<FieldReport>* report) {
  if (Result<> done = run_->Run(program, page, report, &extraction_); !done) return done.error();
  return &extraction_;
}

}  // namespace thresh
