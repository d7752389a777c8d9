#include "parser/json/linked_data.h"

#include "parser/html/ascii.h"
#include "parser/html/inert.h"
#include "parser/json/elements.h"
#include "parser/json/type_name.h"

namespace thresh::json {
namespace {

using html::Known;
using html::NodeId;

// Memory that stays for the next page.
constexpr std::size_t kKeepDocuments = 64;
constexpr std::size_t kKeepBytes = std::size_t{1} << 20;  // Of one document's text.

// `application/ld+json`, in any case, with parameters or without.
bool IsJsonLd(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && html::IsSpace(type.front())) type.remove_prefix(1);
  while (!type.empty() && html::IsSpace(type.back())) type.remove_suffix(1);
  return html::EqualsIgnoreCase(type, "application/ld+json");
}

bool IsType(element value, std::string_view wanted) {
  return value.is_string() && IsSameType(value.get_string().value_unsafe(), wanted);
}

bool HasType(const simdjson::dom::object& object, std::string_view wanted) {
  const auto type = FindMember(object, "@type");
  if (!type) return false;
  if (!type->is_array()) return IsType(*type, wanted);
  for (const element one : ArrayOf(*type)) {
    if (IsType(one, wanted)) return true;
  }
  return false;
}

// Recurses as deep as the value nests, which its parser has bounded.
void FindTyped(element value, std::string_view wanted, select::WorkBudget& work,
               std::vector<element>* found) {
  if (!work.Spend(1)) return;
  if (value.is_array()) {
    for (const element item : ArrayOf(value)) FindTyped(item, wanted, work, found);
  } else if (value.is_object()) {
    const simdjson::dom::object object = ObjectOf(value);
    if (HasType(object, wanted)) found->push_back(value);
    for (const auto member : object) FindTyped(member.value, wanted, work, found);
  }
}

void FindTop(element value, std::vector<element>* found) {
  if (value.is_object()) found->push_back(value);
  if (!value.is_array()) return;
  for (const element item : ArrayOf(value)) FindTop(item, found);
}

}  // namespace

LinkedData::LinkedData(html::NameTable& names)
    : script_(names.Intern("script")), microdata_(names) {}

void LinkedData::Load(const html::Tree& tree, const Url& base) {
  tree_ = &tree;
  base_ = &base;
  documents_used_ = 0;
  if (documents_.size() > kKeepDocuments) documents_.resize(kKeepDocuments);
  for (auto& document : documents_) {
    if (document.capacity() > kKeepBytes) document = simdjson::dom::document();
  }
  scripts_read_ = false;
  scripts_.clear();
  faults_.clear();
}

simdjson::dom::document* LinkedData::NextDocument() {
  if (documents_used_ == documents_.size()) documents_.emplace_back();
  return &documents_[documents_used_++];
}

void LinkedData::ReadScripts() {
  if (scripts_read_) return;
  scripts_read_ = true;
  for (NodeId id = 0; id < tree_->size(); ++id) {
    const html::Node& node = tree_->node(id);
    if (html::IsInert(*tree_, id)) {
      id = tree_->End(id) - 1;
      continue;
    }
    if (!tree_->IsElement(id) || node.name != script_) continue;
    const auto type = tree_->Find(node, Known("type"));
    if (!type || !IsJsonLd(*type)) continue;
    text_.clear();
    const NodeId end = tree_->End(id);
    for (NodeId child = id + 1; child < end; ++child) text_ += tree_->node(child).text;
    Result<element> root = parser_.ParseOfPage(text_, NextDocument());
    if (root) {
      scripts_.push_back(*root);
    } else {
      --documents_used_;
      faults_.push_back(root.error());
    }
  }
}

void LinkedData::FindJsonLd(std::string_view type, select::WorkBudget& work,
                            std::vector<element>* found) {
  ReadScripts();
  for (const element script : scripts_) {
    if (type.empty()) {
      FindTop(script, found);
    } else {
      FindTyped(script, type, work, found);
    }
  }
}

void LinkedData::FindMicrodata(std::string_view type, select::WorkBudget& work,
                               std::vector<element>* found) {
  text_.clear();
  microdata_.AppendItems(*tree_, *base_, type, work, &text_);
  if (work.exhausted()) return;
  const Result<element> items = parser_.ParseOfPage(text_, NextDocument());
  if (!items || !items->is_array()) return;  // The text is ours: it is JSON.
  for (const element item : ArrayOf(*items)) found->push_back(item);
}

}  // namespace thresh::json
