#pragma once

// What single transforms need of libraries, kept for its memory. Private to the room.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/url/url_place.h"
#include "parser/html/html_parser.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/json/document.h"
#include "parser/transform/pipe.h"

struct UCaseMap;

namespace thresh {

struct PipeMemory::Tools {
  explicit Tools(html::NameTable& names);
  ~Tools();
  Tools(const Tools&) = delete;
  Tools& operator=(const Tools&) = delete;

  html::Tree tree;
  html::HtmlParser parser;
  UCaseMap* case_map = nullptr;  ///< Of no language; null if ICU lacks its data.
  json::Document json;
  UrlPlace url;
  std::vector<std::uint32_t> order;
};

}  // namespace thresh
