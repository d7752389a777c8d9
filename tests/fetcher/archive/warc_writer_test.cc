#include "fetcher/archive/warc_writer.h"

#include <filesystem>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "fetcher/archive/http_message.h"
#include "fetcher/archive/stored_pages.h"
#include "tests/fetcher/archive/raw_pages.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::MakePage;
using thresh::test::ReadAll;
using thresh::test::TempFolder;
using thresh::test::Types;

namespace {

constexpr const char* kPageTypes = "warcinfo metadata request response";

struct Fixture {
  TempFolder folder;
  std::unique_ptr<WarcWriter> writer;

  void Open(std::uint64_t max_file_bytes = 1 << 30) {
    writer.reset();
    auto opened = WarcWriter::Open(
        {.folder = folder.path(), .software = "thresh/9", .max_file_bytes = max_file_bytes});
    REQUIRE(opened.ok());
    writer = std::move(*opened);
  }
  void Write(const std::string& url, const std::string& body) {
    REQUIRE(writer->Append(RecordsOf(MakePage(url, body))).ok());
  }
  void CutFileTo(std::uint64_t bytes) { std::filesystem::resize_file(writer->path(), bytes); }
};

// Not compressible.
std::string Noise(std::size_t bytes) {
  std::string noise(bytes, '\0');
  std::uint64_t state = 88172645463325252;
  for (char& c : noise) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = static_cast<char>(state);
  }
  return noise;
}

}  // namespace

TEST_SUITE("WarcWriter") {
  TEST_CASE_FIXTURE(Fixture, "a page is metadata, request and response, behind warcinfo") {
    Open();
    Write("http://x.test/a?b=c", "<p>Hi</p>");
    const auto records = ReadAll(writer->path());
    REQUIRE(Types(records) == kPageTypes);
    CHECK(records[0].block.starts_with("software: thresh/9\r\nformat: WARC File Format 1.1\r\n"));
    CHECK(records[2].block ==
          "GET /a?b=c HTTP/1.1\r\nhost: x.test\r\nuser-agent: thresh/test\r\n\r\n");
    CHECK(records[3].block ==
          "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"
          "x-archive-orig-transfer-encoding: chunked\r\n\r\n<p>Hi</p>");
    const WarcHead& response = records[3].head;
    CHECK(response.version == "1.1");
    CHECK(response.Get("warc-target-uri") == "http://x.test/a?b=c");
    CHECK(response.Get("warc-date") == "2025-01-31T12:00:00.123Z");
    CHECK(response.Get("content-type") == "application/http;msgtype=response");
    // SHA-1 of the nine bytes, by another program.
    CHECK(response.Get("warc-payload-digest") == "sha1:ATQOZ6T6XGEIMQ42R6F7IMXCTVKIZL3O");
    CHECK(records[1].head.Get("warc-concurrent-to") == response.Get("warc-record-id"));
    CHECK(records[2].head.Get("warc-concurrent-to") == response.Get("warc-record-id"));
  }

  TEST_CASE_FIXTURE(Fixture, "what thresh knows of a page comes back from its metadata") {
    RawPage page = MakePage("http://x.test/a", "x");
    auto root = std::make_shared<Root>(*page.task.seed.root);
    root->meta = "{\"a\":\n\"b\"}";
    page.task.seed.root = root;
    page.task.seed.dont_filter = true;
    const auto facts = ParseFacts(RecordsOf(page).front().head);
    REQUIRE(facts.has_value());
    CHECK(facts->fingerprint == Fingerprint(page.task.seed));
    CHECK(facts->id == 7);
    CHECK(facts->attempts == 1);
    CHECK(facts->dont_filter);
    CHECK(facts->url == "http://x.test/a");
    CHECK(facts->recipe == "quotes");
    CHECK(facts->root == "http://x.test/");
    CHECK(facts->n == 3);
    CHECK(facts->fetched_at_ms == 1'738'324'800'123);
    CHECK(facts->meta == "{\"a\": \"b\"}");
    CHECK_FALSE(ParseFacts("software: x\r\n").has_value());
  }

  TEST_CASE_FIXTURE(Fixture, "a header's line end does not become a header, nor a secret a value") {
    RawPage page = MakePage("http://x.test/a", "x");
    page.headers = {{"x-evil", "a\r\nset-cookie: b"}};
    auto request = std::make_shared<Request>();
    request->method = "POST";
    request->headers = {{"authorization", "Bearer {secret.key}"}};
    request->body = "q=1";
    page.task.seed.request = request;
    const auto records = RecordsOf(page);
    CHECK(records[2].head == "HTTP/1.1 200 OK\r\nx-evil: a  set-cookie: b\r\n\r\n");
    CHECK(records[1].head ==
          "POST /a HTTP/1.1\r\nhost: x.test\r\nuser-agent: thresh/test\r\n"
          "authorization: Bearer {secret.key}\r\ncontent-length: 3\r\n\r\n");
    CHECK(records[1].body.memory.View() == "q=1");
  }

  TEST_CASE_FIXTURE(Fixture, "each start goes on with the newest file, a full one is left") {
    Open(3000);
    Write("http://x.test/a", Noise(600));
    const std::string first = writer->path();
    Open(3000);
    Write("http://x.test/b", Noise(600));
    CHECK(writer->path() == first);
    Write("http://x.test/c", "c");
    CHECK(writer->path() != first);
    CHECK(Types(ReadAll(first)) == std::string(kPageTypes) + " metadata request response");
    CHECK(Types(ReadAll(writer->path())) == kPageTypes);
    CHECK(ReadAll(first)[6].block.ends_with(Noise(600)));
  }

  TEST_CASE_FIXTURE(Fixture, "torn at any byte, it ends with the whole page before when opened") {
    Open();
    Write("http://x.test/a", Noise(300));
    const std::uint64_t first_page = writer->size();
    Write("http://x.test/b", Noise(300));
    const std::string whole =
        folder.Read(std::filesystem::path(writer->path()).filename().string());
    for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
      CAPTURE(bytes);
      CutFileTo(bytes);
      Open();
      Write("http://x.test/c", "c");
      const auto types = Types(ReadAll(writer->path()));
      const std::size_t pages = bytes == whole.size() ? 3 : bytes >= first_page ? 2 : 1;
      REQUIRE(types.size() == 8 + 26 * pages);
      folder.Write(std::filesystem::path(writer->path()).filename().string(), whole);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "after a power cut, zeros and noise at the end are cut as well") {
    for (const std::string& tail : {std::string(5000, '\0'), Noise(5000)}) {
      Open();
      Write("http://x.test/a", "a");
      const std::uint64_t size = writer->size();
      const std::string name = std::filesystem::path(writer->path()).filename().string();
      folder.Write(name, folder.Read(name) + tail);
      Open();
      CHECK(writer->size() == size);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a member whose lengths were not written yet is cut") {
    Open();
    Write("http://x.test/a", "a");
    const std::uint64_t size = writer->size();
    Write("http://x.test/b", "b");
    const std::string name = std::filesystem::path(writer->path()).filename().string();
    std::string bytes = folder.Read(name);
    const std::size_t last = bytes.rfind("sl\x08");
    bytes.replace(last + 4, 8, 8, '\0');
    folder.Write(name, bytes);
    Open();
    CHECK(writer->size() == size);
  }

  TEST_CASE_FIXTURE(Fixture,
                    "of pages saved for one task the last counts, or the one a note names") {
    Open();
    RawPage page = MakePage("http://x.test/a", "first");
    REQUIRE(writer->Append(RecordsOf(page)).ok());
    page.fetched_at_ms += 5;
    page.body = {.memory = SharedBytes("second")};
    REQUIRE(writer->Append(RecordsOf(page)).ok());
    REQUIRE(writer->Append(RecordsOf(MakePage("http://x.test/b", "other"))).ok());
    const auto counting = [&] {
      std::string bodies;
      LastPages last;
      REQUIRE(last.Add(writer->path()).ok());
      auto pages = StoredPages::Open(writer->path(), 1 << 20);
      REQUIRE(pages.ok());
      for (auto next = (*pages)->Next(); next.ok() && *next; next = (*pages)->Next()) {
        if (last.Has(**next)) bodies += (*next)->answer.body + " ";
      }
      return bodies;
    };
    CHECK(counting() == "second other ");
    const std::int64_t first_ms = page.fetched_at_ms - 5;
    REQUIRE(writer->Append({CountingNote(page.task, first_ms)}).ok());
    CHECK(counting() == "first other ");
    const std::uint64_t size = writer->size();
    Open();
    CHECK(writer->size() == size);
    CHECK(counting() == "first other ");
  }

  TEST_CASE_FIXTURE(Fixture, "a spooled body is the same in the file as one in memory") {
    Open();
    const std::string body = Noise(3'000'000);
    auto spool = SpoolFile::Create(folder.path());
    REQUIRE(spool.ok());
    REQUIRE((*spool)->Append(body).ok());
    RawPage page = MakePage("http://x.test/a", body);
    REQUIRE(writer->Append(RecordsOf(page)).ok());
    page.body = {.spooled = *spool};
    REQUIRE(writer->Append(RecordsOf(page)).ok());
    const auto records = ReadAll(writer->path());
    REQUIRE(records.size() == 7);
    CHECK((records[3].block == records[6].block));
    CHECK(records[3].block.size() > body.size());
    CHECK(records[3].head.Get("warc-block-digest") == records[6].head.Get("warc-block-digest"));
  }

  TEST_CASE("record ids are UUIDs of version 4, and differ") {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) {
      const std::string id = NewRecordId();
      CHECK(id.size() == 47);
      CHECK(id.starts_with("<urn:uuid:"));
      CHECK(id[24] == '4');
      CHECK(std::string("89ab").find(id[29]) != std::string::npos);
      ids.insert(id);
    }
    CHECK(ids.size() == 100);
  }
}
