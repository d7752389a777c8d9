#pragma once

// PageRun: the page at hand, while its program runs. Used again for the next one: it keeps memory,
// nothing else. Inside the room only.
//
//   page_run.cc     the page, items and rows
//   page_fields.cc  fields: what is found becomes MessagePack
//   page_sources.cc where values come from
//   page_links.cc   follow rules
//   page_requests.cc what links ask for: URLs, headers and bodies by template
//   page_rules.cc   retry_when, fail_when, robots tags

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "lib/recipe/fill_template.h"
#include "lib/url/url.h"
#include "lib/url/url_place.h"
#include "parser/json/document.h"
#include "parser/json/linked_data.h"
#include "parser/recipe/extract.h"
#include "parser/recipe/page_body.h"
#include "parser/recipe/record_buffer.h"
#include "parser/recipe/seen_set.h"
#include "parser/select/selector_set.h"
#include "parser/select/work_budget.h"
#include "parser/select/xpath.h"
#include "parser/transform/pipe.h"

namespace thresh {

class PageRun : private BaseUrl {
 public:
  explicit PageRun(html::NameTable& names);

  /// Replaces `out`. Errors: as Extractor::Extract().
  Result<> Run(const Program& program, const PageInput& page, std::vector<FieldReport>* report,
               Extraction* out);

 private:
  using Element = simdjson::dom::element;

  // What selectors start from: the page, or a row of it.
  struct Scope {
    select::XPathNode node;
    bool has_node = true;
    bool has_json = false;
    Element json;
  };

  // One source at work for a field or a follow rule: what is still to be done with what it finds.
  struct Taking {
    const SourceProgram& source;
    const re2::RE2* re;  ///< Of the field or rule, as all below.
    const Pipe& pipe;
    const FieldProgram* field;    ///< Null for links, ...
    const FollowProgram* follow;  ///< ... null for fields.
    bool all = false;             ///< All matches are wanted,
    bool several = false;         ///< and several values.
    bool piped = false;           ///< Texts are gathered for a pipe.
    bool inside = false;          ///< What is taken comes from JSON inside a text.
    bool typed = false;           ///< The text at hand is a JSON number, boolean, array or object.
    std::size_t found = 0;
  };

  using Found = TemplateValue;  // What a follow rule found.

  // A page field's value, made for its first row.
  struct Cached {
    bool known = false;
    bool found = false;
    std::size_t begin = 0, size = 0;  ///< In cache_.
  };

  // page_run.cc
  const Url* base() override;
  void Begin(const PageInput& page, Extraction* out);
  Result<> RunItem(const ItemProgram& item);
  void AddReports(const ItemProgram& item, std::vector<FieldReport>* report);
  void AddReports(const std::string& item, const std::vector<FieldProgram>& fields,
                  std::vector<FieldReport>* report);
  /// Replaces `rows`. Without `source`: the scope itself.
  void CollectRows(const std::optional<SourceProgram>& source, const Scope& scope,
                   std::vector<Scope>* rows);
  void CollectJsonRows(const SourceProgram& source, const Scope& scope, std::vector<Scope>* rows);
  bool PackRow(const ItemProgram& item, const Scope& scope, std::uint32_t row);
  void PackObject(Element object);
  [[nodiscard]] bool IsRepeat(const ItemProgram& item);
  [[nodiscard]] bool ok() const noexcept { return !failure_; }
  void Fail(Errc code, std::string detail, const char* reason);
  [[nodiscard]] bool WithinLimits();

  // page_fields.cc: values are appended to records_.
  bool PackFields(const std::vector<FieldProgram>& fields, const json::JsonPathSet& paths,
                  const Scope& scope);
  bool PackField(const FieldProgram& field, const Scope& scope);
  bool PackPlain(const FieldProgram& field);
  bool PackPageField(const FieldProgram& field);
  std::size_t PackValues(const FieldProgram& field, const Scope& scope);
  std::optional<std::size_t> PackNested(const FieldProgram& field, const Scope& scope);
  void JoinValues(const FieldProgram& field, std::size_t head);
  bool PackText(const FieldProgram& field, std::string_view text);
  bool PackInteger(std::string_view text);
  bool PackElement(const FieldProgram& field, Element value);
  bool PackDom(Element value);
  void Count(const FieldProgram& field, std::size_t begin, bool found);
  /// For reports: this text of the field's did not become a value of it.
  static std::string_view OtherThan(FieldType type);  ///< What PackText() does not take.
  void Miss(const FieldProgram* field, std::string_view text, std::string_view why);

  // page_sources.cc
  std::size_t TakeSource(Taking& taking, const Scope& scope);
  [[nodiscard]] static bool ReadsJson(const Taking& taking);
  void TakeCss(Taking& taking, const Scope& scope);
  void TakeXPath(Taking& taking, const Scope& scope);
  void TakeScalar(Taking& taking, const select::XPathValue& value);
  void TakeLinkedData(Taking& taking);
  void TakeMeta(Taking& taking);
  void TakePath(Taking& taking, const json::JsonPath& path, Element root);
  void TakeOne(Taking& taking, const std::optional<Element>& found);
  bool TakeElement(Taking& taking, Element value);
  bool TakeText(Taking& taking, std::string_view text);
  bool TakeJsonInside(Taking& taking, std::string_view text, bool stable);
  void FinishPipe(Taking& taking);
  bool Deliver(Taking& taking, std::string_view text);
  [[nodiscard]] std::string_view TextOf(Element value);
  [[nodiscard]] std::string_view RawText(html::NodeId node, bool* stable);
  [[nodiscard]] std::optional<Element> Meta(std::string_view key);
  /// The JSON that a text of the page is; kept while the page is at work. `stable`: the text
  /// stays where it is, so that it need not be read twice.
  [[nodiscard]] std::optional<Element> JsonInside(std::string_view text, bool stable);
  [[nodiscard]] json::LinkedData& linked_data();

  // page_links.cc
  void RunFollow(const FollowProgram& follow);
  void RunCount(const FollowProgram& follow);
  /// `value`: what was found; as a link if it is absolute or there is no template.
  bool AddLink(const FollowProgram& follow, Found value);
  [[nodiscard]] bool ResolveLink(const FollowProgram& follow, Found value, std::string* href);
  /// False if a value of `params` is not there.
  [[nodiscard]] bool PutParams(const FollowProgram& follow, Found value, std::string* href);

  // page_requests.cc
  /// The template's text, appended; false if one of its values is not there, or does not fit.
  bool Expand(const UrlTemplate& text, Found value, TemplateUse use, bool has_secrets,
              std::string* out);
  std::optional<TemplateValue> ValueOf(const UrlTemplate::Part& part, Found value);
  bool FillRequest(const FollowProgram& follow, Found value, FollowedLink* link);

  // page_rules.cc
  /// Fills in the verdict of the first rule that holds; false if there is one.
  bool PassesRules();
  [[nodiscard]] bool Holds(const RuleProgram& rule, std::string* value);
  void ReadRobotsTags();
  void ReadRobotsTag(std::string_view list);
  [[nodiscard]] bool IsNofollow(html::NodeId node) const;

  const Program* program_ = nullptr;
  const PageInput* page_ = nullptr;
  Extraction* out_ = nullptr;

  PageBody body_;
  RecordBuffer records_;
  select::WorkBudget work_;
  select::SelectorRun selectors_;
  PipeMemory pipe_;
  json::LinkedData linked_data_;
  bool linked_data_loaded_ = false;
  json::Document meta_document_;
  std::optional<Element> meta_;
  bool meta_read_ = false;
  UrlPlace page_url_, base_url_, url_;  ///< The last for whatever URL is at hand.
  const Url* base_ = nullptr;
  bool base_known_ = false;
  std::optional<Error> failure_;

  // JSON inside the page.
  struct Inside {
    json::Document document;
    const char* text = nullptr;  ///< Null if the text does not stay.
    std::size_t size = 0;
    std::optional<Element> root;
  };
  std::vector<std::unique_ptr<Inside>> inside_;
  std::size_t inside_used_ = 0;

  Scope page_scope_;
  std::array<std::vector<Scope>, 10> rows_;  ///< Of the item, and of each level of nested records.
  std::size_t depth_ = 0;
  std::array<std::vector<std::optional<Element>>, 10> paths_found_;  ///< By depth.
  std::vector<std::size_t> value_ends_;  ///< Of the item's fields in the record at hand.
  std::vector<Cached> cached_;
  std::string cache_;
  const FieldProgram* missing_ = nullptr;  ///< The required field that the row lacks.
  bool want_first_ = false;
  std::vector<std::string> firsts_, misses_;  ///< By field, for reports.

  std::vector<select::XPathNode> nodes_;
  std::vector<Element> objects_, elements_;
  std::vector<std::string_view> texts_;
  std::string scratch_, text_, joined_, link_, param_, query_, value_, href_;
  bool no_index_ = false, no_follow_ = false;  ///< Of robots tags.
  SeenSet seen_keys_, seen_links_;
  std::size_t link_bytes_ = 0;
};

}  // namespace thresh
