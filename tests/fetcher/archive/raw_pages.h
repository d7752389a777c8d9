#pragma once

// Pages to be archived, and what is in a WARC file, for tests.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "fetcher/archive/page_records.h"
#include "fetcher/archive/warc_reader.h"
#include "fetcher/archive/warc_writer.h"

namespace thresh::test {

inline RawPage MakePage(const std::string& url, const std::string& body) {
  auto root = std::make_shared<Root>();
  root->url = "http://x.test/";
  root->n = 3;
  RawPage page{.agent = "thresh/test",
               .final_url = url,
               .status = 200,
               .headers = {{"content-type", "text/html"}, {"transfer-encoding", "chunked"}},
               .fetched_at_ms = 1'738'324'800'123,
               .body = {.memory = SharedBytes(body)}};
  page.task.id = 7;
  page.task.attempts = 1;
  page.task.seed.url = url;
  page.task.seed.host = "x.test";
  page.task.seed.recipe = "quotes";
  page.task.seed.root = std::move(root);
  return page;
}

struct ReadRecord {
  WarcHead head;
  std::string block;
};

/// All records; the file has to be whole.
inline std::vector<ReadRecord> ReadAll(const std::string& path) {
  std::vector<ReadRecord> records;
  auto reader = WarcReader::Open(path);
  REQUIRE(reader.ok());
  while (true) {
    auto head = (*reader)->Next();
    REQUIRE_MESSAGE(head.ok(), (head.ok() ? "" : head.error().detail));
    if (!*head) return records;
    auto block = (*reader)->ReadBlock(std::size_t{64} << 20);
    REQUIRE_MESSAGE(block.ok(), (block.ok() ? "" : block.error().detail));
    records.push_back({std::move(**head), std::move(*block)});
  }
}

/// The records' types, in order: `warcinfo metadata request response`.
inline std::string Types(const std::vector<ReadRecord>& records) {
  std::string types;
  for (const ReadRecord& record : records) {
    if (!types.empty()) types.push_back(' ');
    types.append(record.head.Get("warc-type"));
  }
  return types;
}

}  // namespace thresh::test
