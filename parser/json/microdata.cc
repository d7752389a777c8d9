#include "parser/json/microdata.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "lib/text/json.h"
#include "parser/html/ascii.h"
#include "parser/html/inert.h"
#include "parser/json/type_name.h"

namespace thresh::json {
namespace {

using html::kDocumentNode;
using html::kNoNode;
using html::Known;
using html::Node;
using html::NodeId;

// Leaves nothing of the budget.
void Exhaust(select::WorkBudget& work) {
  if (!work.exhausted()) work.Spend(std::int64_t{1} << 60);
}

// Appends the words of `text`, parted by single spaces, to what stands in `out`.
void AppendCollapsed(std::string_view text, bool* space, std::string* out) {
  for (const char c : text) {
    if (html::IsSpace(c)) {
      *space = true;
      continue;
    }
    if (*space && !out->empty()) out->push_back(' ');
    *space = false;
    out->push_back(c);
  }
}

}  // namespace

Microdata::Microdata(html::NameTable& names)
    : names_{.audio = names.Intern("audio"),
             .content = names.Intern("content"),
             .data = names.Intern("data"),
             .datetime = names.Intern("datetime"),
             .embed = names.Intern("embed"),
             .itemid = names.Intern("itemid"),
             .itemprop = names.Intern("itemprop"),
             .itemref = names.Intern("itemref"),
             .itemscope = names.Intern("itemscope"),
             .itemtype = names.Intern("itemtype"),
             .meter = names.Intern("meter"),
             .object = names.Intern("object"),
             .src = names.Intern("src"),
             .time = names.Intern("time"),
             .value = names.Intern("value"),
             .video = names.Intern("video")} {}

void Microdata::AppendItems(const html::Tree& tree, const Url& base, std::string_view type,
                            select::WorkBudget& work, std::string* out) {
  tree_ = &tree;
  base_ = &base;
  work_ = &work;
  out_ = out;
  ids_.clear();
  has_ids_ = false;
  seen_.assign(tree.size(), 0);
  crawl_ = 0;
  const std::size_t begin = out->size();
  for (NodeId id = 0; id < tree.size() && work.Spend(1); ++id) {
    if (html::IsInert(tree, id)) {
      id = tree.End(id) - 1;
      continue;
    }
    if (!IsHtml(id) || !Find(id, names_.itemscope)) continue;
    const bool wanted = type.empty() ? !Find(id, names_.itemprop) : HasType(id, type);
    if (!wanted) continue;
    out->push_back(out->size() == begin ? '[' : ',');
    AppendItem(id);
    if (out->size() - begin > kMaxBytes) Exhaust(work);
  }
  out->append(out->size() == begin ? "[]" : "]");
}

bool Microdata::IsHtml(NodeId node) const {
  return tree_->IsElement(node) && tree_->node(node).ns == html::Namespace::kHtml;
}

bool Microdata::HasType(NodeId item, std::string_view type) const {
  const auto types = Find(item, names_.itemtype);
  return types && html::AnyToken(*types, [&](auto have) { return IsSameType(have, type); });
}

// The first element of each id.
void Microdata::IndexIds() {
  if (has_ids_) return;
  has_ids_ = true;
  for (NodeId id = 0; id < tree_->size(); ++id) {
    if (!tree_->IsElement(id)) continue;
    if (const auto name = Find(id, Known("id"))) ids_.emplace(*name, id);
  }
}

// The elements with properties of `item`, into crawled_, in document order (WHATWG HTML,
// 5.2.5). Also a crawl through an ancestor, by itemref, comes to each element once.
void Microdata::Crawl(NodeId item) {
  crawled_.clear();
  ++crawl_;
  seen_[item] = crawl_;
  CrawlRange(item + 1, tree_->End(item));
  const auto references = Find(item, names_.itemref);
  if (!references) return;
  IndexIds();
  html::AnyToken(*references, [&](std::string_view name) {
    if (const auto found = ids_.find(name); found != ids_.end()) {
      CrawlRange(found->second, tree_->End(found->second));
    }
    return !work_->Spend(1);
  });
  std::sort(crawled_.begin(), crawled_.end());
}

void Microdata::CrawlRange(NodeId begin, NodeId end) {
  for (NodeId id = begin; id < end && work_->Spend(1);) {
    const bool element = tree_->IsElement(id);
    const bool again = element && seen_[id] == crawl_;
    if (element && !again) {
      seen_[id] = crawl_;
      if (IsHtml(id) && Find(id, names_.itemprop)) crawled_.push_back(id);
    }
    const bool closed =
        again || html::IsInert(*tree_, id) || (IsHtml(id) && Find(id, names_.itemscope));
    id = closed ? tree_->End(id) : id + 1;
  }
}

void Microdata::AddProperties(NodeId node, std::vector<Property>* properties) const {
  html::AnyToken(*Find(node, names_.itemprop), [&](std::string_view name) {
    if (name != "@type" && name != "@id") properties->push_back({name, node, 0});
    return !work_->Spend(1);
  });
}

// In the order in which they are written: all of a name together, at its first place.
void Microdata::FindProperties(NodeId item, std::vector<Property>* found) {
  Crawl(item);
  std::vector<Property>& properties = *found;
  properties.clear();
  for (const NodeId node : crawled_) AddProperties(node, &properties);
  for (std::uint32_t i = 0; i < properties.size(); ++i) properties[i].group = i;
  std::sort(properties.begin(), properties.end(), [](const Property& a, const Property& b) {
    return std::tie(a.name, a.group) < std::tie(b.name, b.group);
  });
  const auto same = [](const Property& a, const Property& b) {
    return a.name == b.name && a.node == b.node;
  };
  properties.erase(std::unique(properties.begin(), properties.end(), same), properties.end());
  for (std::size_t i = 1; i < properties.size(); ++i) {
    if (properties[i].name == properties[i - 1].name) properties[i].group = properties[i - 1].group;
  }
  std::sort(properties.begin(), properties.end(), [](const Property& a, const Property& b) {
    return std::tie(a.group, a.node) < std::tie(b.group, b.node);
  });
}

bool Microdata::IsOpen(NodeId item) const {
  return std::find(open_.begin(), open_.end(), item) != open_.end();
}

void Microdata::AppendItem(NodeId item) {
  open_.push_back(item);
  out_->push_back('{');
  AppendTypes(item);
  if (const auto id = Find(item, names_.itemid)) {
    BeginMember("@id");
    AppendUrl(*id);
  }
  if (properties_.size() < open_.size()) properties_.emplace_back();
  std::vector<Property>& properties = properties_[open_.size() - 1];
  FindProperties(item, &properties);
  std::erase_if(properties, [&](const Property& property) {
    const bool nested = Find(property.node, names_.itemscope).has_value();
    return nested && (open_.size() >= kMaxDepth || IsOpen(property.node));
  });
  AppendProperties(properties);
  out_->push_back('}');
  open_.pop_back();
}

void Microdata::BeginMember(std::string_view name) {
  if (out_->back() != '{') out_->push_back(',');
  AppendJsonString(name, out_);
  out_->push_back(':');
}

void Microdata::AppendTypes(NodeId item) {
  const auto types = Find(item, names_.itemtype);
  if (!types) return;
  std::size_t count = 0;
  html::AnyToken(*types, [&](std::string_view) { return ++count > 1; });
  if (count == 0) return;
  BeginMember("@type");
  if (count > 1) out_->push_back('[');
  html::AnyToken(*types, [&](std::string_view type) {
    AppendJsonString(WithoutSchemaOrg(type), out_);
    out_->push_back(',');
    return false;
  });
  out_->pop_back();
  if (count > 1) out_->push_back(']');
}

void Microdata::AppendProperties(const std::vector<Property>& properties) {
  for (std::size_t i = 0; i < properties.size() && !work_->exhausted();) {
    std::size_t end = i + 1;
    while (end < properties.size() && properties[end].group == properties[i].group) ++end;
    BeginMember(properties[i].name);
    const bool several = end - i > 1;
    if (several) out_->push_back('[');
    for (const std::size_t first = i; i < end; ++i) {
      if (i > first) out_->push_back(',');
      AppendValue(properties[i].node);
    }
    if (several) out_->push_back(']');
    if (out_->size() > kMaxBytes) Exhaust(*work_);
  }
}

void Microdata::AppendValue(NodeId node) {
  if (Find(node, names_.itemscope)) {
    AppendItem(node);
    return;
  }
  const html::Atom name = tree_->node(node).name;
  const auto attribute = [&](html::Atom of) { return Find(node, of).value_or(""); };
  if (name == Known("meta")) {
    AppendJsonString(attribute(names_.content), out_);
  } else if (name == Known("a") || name == Known("area") || name == Known("link")) {
    AppendUrl(attribute(Known("href")));
  } else if (name == names_.audio || name == names_.embed || name == Known("iframe") ||
             name == Known("img") || name == Known("source") || name == Known("track") ||
             name == names_.video) {
    AppendUrl(attribute(names_.src));
  } else if (name == names_.object) {
    AppendUrl(attribute(names_.data));
  } else if (name == names_.data || name == names_.meter) {
    AppendJsonString(attribute(names_.value), out_);
  } else if (const auto time = Find(node, names_.datetime); time && name == names_.time) {
    AppendJsonString(*time, out_);
  } else if (const auto content = Find(node, names_.content)) {
    AppendJsonString(*content, out_);
  } else {
    AppendText(node);
  }
}

void Microdata::AppendUrl(std::string_view text) {
  work_->Spend(static_cast<std::int64_t>(text.size()));
  std::string_view href;
  if (!text.empty()) {
    if (const auto url = url_.Parse(text, base_)) href = (*url)->href();
  }
  AppendJsonString(href, out_);
}

void Microdata::AppendText(NodeId node) {
  text_.clear();
  bool space = false;
  const NodeId end = tree_->End(node);
  for (NodeId id = node; id < end;) {
    const Node& here = tree_->node(id);
    if (here.type == html::NodeType::kText) AppendCollapsed(here.text, &space, &text_);
    const bool skip = here.name == Known("script") || here.name == Known("style");
    id = skip && tree_->IsElement(id) ? tree_->End(id) : id + 1;
  }
  work_->Spend(static_cast<std::int64_t>(end - node) + static_cast<std::int64_t>(text_.size() / 4));
  AppendJsonString(text_, out_);
}

}  // namespace thresh::json
