// The bytes of the journal's worked example in docs/formats.md are what the text around them says.

#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "sink/journal/records.h"
#include "sink/journal/segment.h"
#include "tests/support/hex.h"
#include "tests/support/temp_folder.h"

using namespace thresh;

namespace {

const Hash128 kOwner = HashFromBytes(std::string(16, '\x33')).value();
const Hash128 kFetcher = HashFromBytes(std::string(16, '\x22')).value();
const SegmentHeader kHeader{
    .owner = kOwner, .number = 7, .salt = 0x1122334455667788, .first_seq = 40};
const Commit kCommit{.source = kFetcher,
                     .id = 7,
                     .records = 1,
                     .first_of_batch = true,
                     .ack = "ack",
                     .parts = {{1, 4, "{}\n"}}};

// The bytes of the code block behind the first line that begins with `heading`.
std::string Block(const std::string& heading) {
  std::ifstream in(THRESH_SOURCE_DIR "/docs/formats.md");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const std::size_t at = text.find("\n" + heading);
  REQUIRE_MESSAGE(at != std::string::npos, heading);
  const std::size_t begin = text.find("```\n", at) + 4;
  std::string hex = text.substr(begin, text.find("```", begin) - begin);
  for (char& c : hex) c = c == '\n' ? ' ' : c;
  return test::Bytes(hex);
}

}  // namespace

TEST_SUITE("the journal's format") {
  TEST_CASE("the worked example's header") {
    const std::string bytes = Block("The header of segment 7");
    CHECK(bytes.size() == kSegmentHeaderBytes);
    CHECK(EncodeHeader(kHeader) == bytes);
    Result<SegmentHeader> header = DecodeHeader(bytes);
    REQUIRE(header.ok());
    CHECK(header->number == 7);
    CHECK(header->owner == kOwner);
  }

  TEST_CASE("the worked example's COMMIT") {
    const std::string bytes = Block("A COMMIT in it");
    std::string record;
    AppendRecord(kHeader, 41, RecordType::kCommit, Encode(kCommit), &record);
    CHECK(record == bytes);
  }

  TEST_CASE("a record made of pieces is the one that is made of its whole payload") {
    std::string expected, text(70'000, 'x');
    Pieces pieces;
    for (std::size_t size = 0; size < text.size(); size = size < 1500 ? size + 7 : size * 3) {
      Commit commit = kCommit;
      commit.parts.push_back({2, size, std::string_view(text).substr(0, size)});
      commit.parts.push_back({3, size, std::string_view(text).substr(0, size / 2)});
      commit.whole_file = {"7.body", std::string_view(text).substr(size)};
      const Pieces::Mark begin = BeginRecord(&pieces);
      AppendTo(commit, &pieces);
      EndRecord(kHeader, size, RecordType::kCommit, begin, &pieces);
      AppendRecord(kHeader, size, RecordType::kCommit, Encode(commit), &expected);
      REQUIRE(pieces.size() == expected.size());
    }
    CHECK(pieces.ToString() == expected);
  }

  TEST_CASE("the worked example is read as a segment") {
    const test::TempFolder folder;
    SegmentHeader header = kHeader;
    header.first_seq = 41;
    const std::string path =
        folder.Write("s", EncodeHeader(header) + Block("A COMMIT in it") + std::string(100, '\0'));
    Result<SegmentReader> reader = SegmentReader::Open(path);
    REQUIRE(reader.ok());
    Result<std::optional<Record>> record = reader->Next();
    REQUIRE(record.ok());
    REQUIRE(record->has_value());
    const std::optional<Commit> commit = DecodeCommit((*record)->payload);
    REQUIRE(commit.has_value());
    CHECK(commit->id == 7);
    CHECK(commit->ack == "ack");
    CHECK(commit->parts.at(0).bytes == "{}\n");
    CHECK_FALSE((*reader->Next()).has_value());
  }

  TEST_CASE("each payload is read as it was written, and no byte less") {
    Commit commit = kCommit;
    commit.whole_file = {"7.body", "<html>"};
    const std::string bytes = Encode(commit);
    CHECK(EncodedBytes(commit) == bytes.size());
    CHECK(EncodedBytes(kCommit) == Encode(kCommit).size());
    REQUIRE(DecodeCommit(bytes).has_value());
    CHECK(DecodeCommit(bytes)->whole_file == commit.whole_file);
    Checkpoint checkpoint{.records = 3, .files = {{.number = 1, .name = "a"}}};
    checkpoint.sources.push_back({kFetcher, {}, 90});
    checkpoint.sources[0].closed.CloseBelow(5);
    checkpoint.sources[0].closed.Close(80);
    checkpoint.segments.push_back({6, 4096});
    const std::string checkpoint_bytes = Encode(checkpoint);
    const std::optional<Checkpoint> again = DecodeCheckpoint(checkpoint_bytes);
    REQUIRE(again.has_value());
    CHECK(again->files == checkpoint.files);
    CHECK(again->sources.at(0).closed.Contains(80));
    CHECK_FALSE(again->sources.at(0).closed.Contains(79));
    CHECK(again->segments.at(0).end == 4096);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(DecodeCommit(bytes.substr(0, size)).has_value());
    }
    for (std::size_t size = 0; size < checkpoint_bytes.size(); ++size) {
      CHECK_FALSE(DecodeCheckpoint(checkpoint_bytes.substr(0, size)).has_value());
    }
  }
}
