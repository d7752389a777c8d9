#include "cli/feed/feed_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/base/handles.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;
using Texts = std::vector<std::string>;
using Status = FeedSource::Status;

namespace {

struct SourceFixture {
  void AddFile(const std::string& name, const std::string& text, const std::string& recipe = "") {
    const Result<> added = source.AddFile(folder.Write(name, text), recipe);
    REQUIRE_MESSAGE(added.ok(), added.error().detail);
  }
  Texts All() {
    Texts lines;
    std::string line;
    while (source.Next(&line) == Status::kLine) lines.push_back(line);
    CHECK(source.Next(&line) == Status::kEnd);
    return lines;
  }
  Texts AllOf(const std::string& name, const std::string& text) {
    source = FeedSource();
    AddFile(name, text);
    return All();
  }

  TempFolder folder;
  FeedSource source;
};

// Standard input as a pipe, for as long as it lives.
class PipedStdin {
 public:
  PipedStdin() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const UniqueFd reader(ends[0]);
    writer_ = UniqueFd(ends[1]);
    ::dup2(reader.get(), STDIN_FILENO);
  }
  ~PipedStdin() { ::dup2(saved_.get(), STDIN_FILENO); }
  PipedStdin(const PipedStdin&) = delete;
  PipedStdin& operator=(const PipedStdin&) = delete;

  void Write(const std::string& text) const {
    CHECK(::write(writer_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void Close() { writer_ = UniqueFd(); }

 private:
  UniqueFd saved_{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)};
  UniqueFd writer_;
};

}  // namespace

TEST_SUITE("FeedSource") {
  TEST_CASE_FIXTURE(SourceFixture, "a source of nothing is at its end") {
    CHECK(All().empty());
    CHECK(AllOf("empty", "").empty());
  }

  TEST_CASE_FIXTURE(SourceFixture, "a URL is a line, a range a line for each number") {
    source.AddUrl("http://x/", "");
    source.AddUrl("http://x/?p=[08-10]", "");
    CHECK(All() == Texts{"http://x/", "http://x/?p=08", "http://x/?p=09", "http://x/?p=10"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "with a recipe a URL becomes a JSON line that names it") {
    source.AddUrl("http://x/?q=\"a\"", "my \"r\"");
    CHECK(All() == Texts{R"({"url":"http://x/?q=\"a\"","recipe":"my \"r\""})"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "a list is its lines, less blanks, comments and CRs") {
    CHECK(AllOf("list", "http://a/\r\n\n  # no\n#no\n \t \n  http://b/  \nlast") ==
          Texts{"http://a/", "http://b/", "last"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "JSON lines pass as they are, others get the file's recipe") {
    AddFile("list", "{\"url\":\"http://a/\"}\nhttp://b/\n", "r");
    CHECK(All() == Texts{R"({"url":"http://a/"})", R"({"url":"http://b/","recipe":"r"})"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "a list without URLs at its top has no heading to drop") {
    CHECK(AllOf("list", "url\nhttp://a/\n") == Texts{"url", "http://a/"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "sources follow one another") {
    AddFile("one", "http://a/\n");
    source.AddUrl("http://b/[1-2]", "");
    AddFile("two", "http://c/");
    CHECK(All() == Texts{"http://a/", "http://b/1", "http://b/2", "http://c/"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "a list longer than any buffer is read whole") {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "http://x/" + std::to_string(i) + "\n";
    const Texts lines = AllOf("list", text);
    REQUIRE(lines.size() == 50'000);
    CHECK(lines[49'999] == "http://x/49999");
    CHECK(AllOf("long", "http://x/" + std::string(300'000, 'y')).at(0).size() == 300'009);
  }

  TEST_CASE_FIXTURE(SourceFixture, "a file that is not there, or no file, is told") {
    const Result<> missing = source.AddFile(folder.File("none"), "");
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().code == Errc::kNotFound);
    CHECK(missing.error().detail ==
          "cannot read " + folder.File("none") + ": No such file or directory");
  }

  TEST_CASE_FIXTURE(SourceFixture, "a folder is no list of URLs") {
    const Result<> added = source.AddFile(folder.path(), "");
    REQUIRE_FALSE(added.ok());
    CHECK(added.error().code == Errc::kInvalid);
  }

  TEST_CASE_FIXTURE(SourceFixture, "standard input is waited for, line by line, to its end") {
    std::string line;
    PipedStdin in;
    REQUIRE(source.AddFile("-", "").ok());
    CHECK(source.Next(&line) == Status::kWait);
    in.Write("http://a/\nhttp:");
    CHECK(source.Next(&line) == Status::kLine);
    CHECK(line == "http://a/");
    CHECK(source.Next(&line) == Status::kWait);
    in.Write("//b/");
    CHECK(source.Next(&line) == Status::kWait);
    in.Close();
    CHECK(source.Next(&line) == Status::kLine);
    CHECK(line == "http://b/");
    CHECK(source.Next(&line) == Status::kEnd);
  }
}

TEST_SUITE("FeedSource: CSV") {
  TEST_CASE_FIXTURE(SourceFixture, "the first column counts, less its heading") {
    CHECK(AllOf("a.csv", "url,name\nhttp://a/,one\n http://b/ ,\"two, too\"\nhttp://c/\n") ==
          Texts{"http://a/", "http://b/", "http://c/"});
    CHECK(AllOf("A.CSV", "Link\r\nhttp://a/\r\n") == Texts{"http://a/"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "a first line with a URL is no heading") {
    CHECK(AllOf("a.csv", "http://a/,x\nhttp://b/,y\n") == Texts{"http://a/", "http://b/"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "only the first line may be a heading") {
    CHECK(AllOf("a.csv", "url\nnot-a-url\nhttp://b/\n") == Texts{"not-a-url", "http://b/"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "a heading may stand behind comments and blank lines") {
    CHECK(AllOf("a.csv", "# exported today\n\nurl,name\nhttp://a/,x\n") == Texts{"http://a/"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "quoted fields are read as RFC 4180 writes them") {
    CHECK(AllOf("a.csv", "\"http://a/?q=1,2\",x\n\"http://b/?q=\"\"c\"\"\"\n\"\",x\n") ==
          Texts{"http://a/?q=1,2", "http://b/?q=\"c\""});
  }

  TEST_CASE_FIXTURE(SourceFixture, "line ends within quotes are a part of the row") {
    CHECK(AllOf("a.csv", "url,note\nhttp://a/,\"see\nhttp://evil/\"\r\nhttp://b/,x\n") ==
          Texts{"http://a/", "http://b/"});
    CHECK(AllOf("a.csv", "\"http://a/\n\",\"say \"\"\n\"\"\"\nhttp://b/") ==
          Texts{"http://a/", "http://b/"});
    CHECK(AllOf("a.csv", "http://a/,5\" disk\nhttp://b/,x\n") == Texts{"http://a/", "http://b/"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "a quote that is never closed is told, with its row") {
    CHECK(AllOf("a.csv", "http://a/,x\n\nhttp://b/,\"y\nhttp://c/,z\n") == Texts{"http://a/"});
    CHECK(source.failure() == folder.File("a.csv") + ":3: expected \" at the end of a field");
  }

  TEST_CASE("the first field ends at its comma or its quote") {
    CHECK(FirstCsvField("a,b") == "a");
    CHECK(FirstCsvField("a") == "a");
    CHECK(FirstCsvField("").empty());
    CHECK(FirstCsvField(",b").empty());
    CHECK(FirstCsvField("\"a,b\",c") == "a,b");
    CHECK(FirstCsvField("\"a\"\"b\"\"\",c") == "a\"b\"");
    CHECK(FirstCsvField("\"\",c").empty());
    CHECK(FirstCsvField("\"never ended, c") == "never ended, c");
    CHECK(FirstCsvField("a\"b\",c") == "a\"b\"");
  }
}
