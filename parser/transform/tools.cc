#include "parser/transform/tools.h"

#include <unicode/ucasemap.h>

namespace thresh {

PipeMemory::Tools::Tools(html::NameTable& names) : tree(names), parser(names) {
  UErrorCode error = U_ZERO_ERROR;
  case_map = ucasemap_open("", 0, &error);
  if (U_FAILURE(error)) case_map = nullptr;
}

PipeMemory::Tools::~Tools() {
  if (case_map != nullptr) ucasemap_close(case_map);
}

}  // namespace thresh
