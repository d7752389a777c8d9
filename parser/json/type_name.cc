#include "parser/json/type_name.h"

namespace thresh::json {
namespace {

struct TypeName {
  std::string_view vocabulary;  // Empty if there is none.
  std::string_view name;
};

bool Cut(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

TypeName Split(std::string_view type) {
  if (Cut("schema:", &type)) return {"schema.org", type};
  if (!Cut("https://", &type) && !Cut("http://", &type)) return {{}, type};
  Cut("www.", &type);
  if (type.ends_with('/')) type.remove_suffix(1);
  const std::size_t last = type.find_last_of("/#");
  if (last == std::string_view::npos) return {{}, type};
  return {type.substr(0, last), type.substr(last + 1)};
}

}  // namespace

bool IsSameType(std::string_view have, std::string_view wanted) noexcept {
  const TypeName a = Split(have);
  const TypeName b = Split(wanted);
  return a.name == b.name &&
         (a.vocabulary == b.vocabulary || a.vocabulary.empty() || b.vocabulary.empty());
}

std::string_view WithoutSchemaOrg(std::string_view type) noexcept {
  const TypeName split = Split(type);
  return split.vocabulary == "schema.org" ? split.name : type;
}

}  // namespace thresh::json
