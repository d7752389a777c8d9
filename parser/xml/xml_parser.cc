#include "parser/xml/xml_parser.h"

#include <limits>

#define XML_DTD  // Has the header declare the guard against entities that grow.
#include <expat.h>

namespace thresh::xml {
namespace {

using html::NodeId;
using html::XmlNames;

// What entities may make of a document: expat refuses more than this many bytes
// of text a byte of document, once there is this much.
constexpr float kMaxAmplification = 20.0F;
constexpr unsigned long long kAmplificationFreeBytes = 1ULL << 20;

XmlParser* Self(void* self) noexcept {
  return static_cast<XmlParser*>(self);
}

std::string_view OrEmpty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

}  // namespace

void XmlParser::ParserFree::operator()(XML_ParserStruct* parser) const noexcept {
  XML_ParserFree(parser);
}

// ---- C callbacks ----------------------------------------------------------------

void XmlParser::OnStart(void* self, const char* name, const char** attributes) noexcept {
  Self(self)->Start(name, attributes);
}
void XmlParser::OnEnd(void* self, const char* /*name*/) noexcept {
  Self(self)->End();
}
void XmlParser::OnText(void* self, const char* text, int size) noexcept {
  Self(self)->text_.append(text, static_cast<std::size_t>(size));
}
void XmlParser::OnComment(void* self, const char* text) noexcept {
  Self(self)->Comment(text);
}
void XmlParser::OnInstruction(void* self, const char* target, const char* text) noexcept {
  Self(self)->Instruction(target, text);
}
void XmlParser::OnDoctype(void* self, const char* name, const char* system_id,
                          const char* public_id, int /*has_internal_subset*/) noexcept {
  XmlParser* const parser = Self(self);
  parser->in_doctype_ = true;
  if (!parser->CountNode()) return;
  html::Tree& tree = *parser->tree_;
  tree.AppendDoctype(name, tree.Keep(OrEmpty(public_id)), tree.Keep(OrEmpty(system_id)));
}
void XmlParser::OnDoctypeEnd(void* self) noexcept {
  Self(self)->in_doctype_ = false;
}
// NOLINTNEXTLINE(readability-function-size): expat's signature.
void XmlParser::OnEntity(void* self, const char* /*name*/, int /*is_parameter*/,
                         const char* /*value*/, int /*size*/, const char* /*base*/,
                         const char* /*system_id*/, const char* /*public_id*/,
                         const char* /*notation*/) noexcept {
  XmlParser* const parser = Self(self);
  if (++parser->entity_count_ <= parser->limits_.max_entities) return;
  const std::string limit = std::to_string(parser->limits_.max_entities);
  parser->Refuse({Errc::kTooLarge, "more than " + limit + " entities"});
}

// ---- The parse ------------------------------------------------------------------

Result<> XmlParser::Parse(std::string_view utf8, html::Tree* tree) {
  tree->Clear();
  if (utf8.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return Error{Errc::kTooLarge, "line 1, column 1: an XML document of more than 2 GB"};
  }
  Prepare(tree);
  const XML_Status status =
      XML_Parse(parser_.get(), utf8.data(), static_cast<int>(utf8.size()), XML_TRUE);
  tree_ = nullptr;
  if (!refused_ && status == XML_STATUS_OK) {
    names_->nodes.resize(tree->size());
    return Ok{};
  }
  tree->Clear();
  if (refused_) return refusal_;
  const XML_Error error = XML_GetErrorCode(parser_.get());
  const bool bomb = error == XML_ERROR_AMPLIFICATION_LIMIT_BREACH;
  return Error{bomb ? Errc::kTooLarge : Errc::kInvalid, Place() + XML_ErrorString(error)};
}

void XmlParser::Prepare(html::Tree* tree) {
  if (parser_ == nullptr) {
    parser_.reset(XML_ParserCreate("UTF-8"));
  } else {
    XML_ParserReset(parser_.get(), "UTF-8");
  }
  const XML_Parser parser = parser_.get();
  XML_SetBillionLaughsAttackProtectionMaximumAmplification(parser, kMaxAmplification);
  XML_SetBillionLaughsAttackProtectionActivationThreshold(parser, kAmplificationFreeBytes);
  XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);
  XML_SetUserData(parser, this);
  XML_SetElementHandler(parser, OnStart, OnEnd);
  XML_SetCharacterDataHandler(parser, OnText);
  XML_SetCommentHandler(parser, OnComment);
  XML_SetProcessingInstructionHandler(parser, OnInstruction);
  XML_SetDoctypeDeclHandler(parser, OnDoctype, OnDoctypeEnd);
  XML_SetEntityDeclHandler(parser, OnEntity);
  tree_ = tree;
  names_ = &tree->MakeXml();
  open_.assign(1, {html::kDocumentNode, 0, 0});
  bound_.clear();
  undo_.clear();
  text_.clear();
  node_count_ = 0;
  entity_count_ = 0;
  in_doctype_ = false;
  refused_ = false;
}

void XmlParser::Start(std::string_view name, const char** attributes) {
  FlushText();
  if (open_.size() > limits_.max_depth) {
    const std::string limit = std::to_string(limits_.max_depth);
    Refuse({Errc::kTooLarge, "elements more than " + limit + " deep"});
  }
  if (refused_ || !CountNode()) return;
  const NodeId element =
      tree_->AppendElement(open_.back().node, tree_->NameFromPage(name), html::Namespace::kXml);
  open_.push_back({element, open_.back().scope, undo_.size()});
  AddAttributes(attributes, element);
  names_->nodes.resize(element + std::size_t{1});
  names_->nodes[element] = {open_.back().scope, BindingOf(name)};
}

void XmlParser::AddAttributes(const char** attributes, NodeId element) {
  const int id_index = XML_GetIdAttributeIndex(parser_.get());
  std::uint32_t count = 0;
  for (int i = 0; attributes[i] != nullptr; i += 2) {
    const std::string_view name = attributes[i];
    if (++count > limits_.max_attributes) {
      const std::string limit = std::to_string(limits_.max_attributes);
      return Refuse({Errc::kTooLarge, "a tag with more than " + limit + " attributes"});
    }
    if (!CountNode()) return;
    const std::string_view value = tree_->Keep(attributes[i + 1]);
    tree_->AddAttribute(tree_->NameFromPage(name), value);
    if (name == "xmlns") {
      Declare("", value, &open_.back().scope);
    } else if (name.starts_with("xmlns:")) {
      Declare(tree_->Keep(name.substr(6)), value, &open_.back().scope);
    } else if (i == id_index || name == "xml:id") {
      names_->ids.push_back({value, element});
    }
  }
}

void XmlParser::Declare(std::string_view prefix, std::string_view uri, std::uint32_t* scope) {
  const auto binding = static_cast<std::uint32_t>(names_->bindings.size());
  names_->bindings.push_back({prefix, uri, *scope});
  *scope = binding;
  const auto [bound, is_new] = bound_.try_emplace(prefix, XmlNames::kNoBinding);
  undo_.emplace_back(prefix, bound->second);
  bound->second = binding;
}

std::uint32_t XmlParser::BindingOf(std::string_view name) const {
  const std::size_t colon = name.find(':');
  const std::string_view prefix =
      colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
  if (prefix == "xml") return 0;
  const auto bound = bound_.find(prefix);
  if (bound == bound_.end() || bound->second == XmlNames::kNoBinding) return XmlNames::kNoBinding;
  return names_->bindings[bound->second].uri.empty() ? XmlNames::kNoBinding : bound->second;
}

void XmlParser::End() {
  FlushText();
  if (refused_) return;
  for (; undo_.size() > open_.back().undo_size; undo_.pop_back()) {
    bound_[undo_.back().first] = undo_.back().second;
  }
  open_.pop_back();
}

void XmlParser::Comment(std::string_view text) {
  FlushText();
  if (refused_ || in_doctype_ || !CountNode()) return;
  tree_->AppendComment(open_.back().node, tree_->Keep(text));
}

void XmlParser::Instruction(std::string_view target, std::string_view text) {
  FlushText();
  if (refused_ || in_doctype_ || !CountNode()) return;
  tree_->AppendProcessingInstruction(open_.back().node, tree_->NameFromPage(target),
                                     tree_->Keep(text));
}

void XmlParser::FlushText() {
  if (text_.empty()) return;
  if (!refused_ && CountNode()) tree_->AppendText(open_.back().node, tree_->Keep(text_));
  text_.clear();
}

bool XmlParser::CountNode() {
  if (refused_) return false;
  if (node_count_++ < limits_.max_nodes) return true;
  Refuse({Errc::kTooLarge, "more than " + std::to_string(limits_.max_nodes) + " nodes"});
  return false;
}

// Handlers may still be called after this, so they look at refused_.
void XmlParser::Refuse(const Error& error) {
  if (refused_) return;
  refused_ = true;
  refusal_ = {error.code, Place() + error.detail};
  XML_StopParser(parser_.get(), XML_FALSE);
}

std::string XmlParser::Place() const {
  return "line " + std::to_string(XML_GetCurrentLineNumber(parser_.get())) + ", column " +
         std::to_string(XML_GetCurrentColumnNumber(parser_.get()) + 1) + ": ";
}

}  // namespace thresh::xml
