#include "parser/recipe/recipe_test.h"

#include <algorithm>

#include "parser/recipe/record_text.h"

namespace thresh {
namespace {

constexpr std::size_t kMostDifferences = 20;  // Shown of a page.

std::string PathOf(const Recipe& recipe, const std::string& name) {
  const std::size_t slash = recipe.file.rfind('/');
  if (name.starts_with('/') || slash == std::string::npos) return name;
  return recipe.file.substr(0, slash + 1) + name;
}

std::vector<FoundRecord> RecordsOf(const Extraction& extraction) {
  std::vector<FoundRecord> records;
  std::size_t at = 0;
  for (const ItemRows& item : extraction.rows) {
    for (std::size_t i = 0; i < item.rows.size(); ++i) {
      FoundRecord& record = records.emplace_back();
      record.item = item.item;
      at = AppendPackedAsJson(extraction.records, at, &record.json);
    }
  }
  return records;
}

class TestRun {
 public:
  TestRun(const Recipe& recipe, const Program& program, const ReadTestFile& read)
      : recipe_(recipe), program_(program), read_(read) {}

  RecipeTestResult Run(const TestSpec& test, Extractor& extractor) {
    result_ = {.page = test.page.text};
    const Result<std::string> body = read_(PathOf(recipe_, test.page.text));
    if (!body) {
      result_.differences.push_back(body.error().detail);
      return std::move(result_);
    }
    PageInput page{.url = test.url,
                   .final_url = test.url,
                   .status = test.status,
                   .meta = test.meta,
                   .body = *body};
    for (const auto& [name, value] : test.headers) page.headers.emplace_back(name, value);
    if (test.page.text.ends_with(".gz")) page.headers.emplace_back("content-encoding", "gzip");
    const Result<const Extraction*> extracted = extractor.Extract(program_, page);
    if (!extracted) {
      CompareReason(test, ReasonOf(extracted.error()), extracted.error().detail);
    } else if (const AnswerVerdict& verdict = (*extracted)->verdict;
               verdict.kind == AnswerVerdict::Kind::kFail) {
      CompareReason(test, verdict.reason, verdict.detail);
    } else if (verdict.kind == AnswerVerdict::Kind::kRetry || test.retry) {
      if (verdict.kind == AnswerVerdict::Kind::kTake) {
        Add("expected that the page is asked for again, found that it is taken");
      } else if (!test.retry) {
        Add("expected an answer to take, found that it is asked for again: " + verdict.detail);
      }
    } else if (!test.dead.empty()) {
      Add("expected the page to fail with " + test.dead + ", found records or links");
    } else {
      Compare(test, **extracted);
    }
    return std::move(result_);
  }

 private:
  void Add(std::string difference) { result_.differences.push_back(std::move(difference)); }

  static std::string ReasonOf(const Error& error) {
    if (*error.reason != '\0') return error.reason;
    return error.code == Errc::kTooLarge ? "parse_limit" : "parse";
  }

  void CompareReason(const TestSpec& test, const std::string& reason, const std::string& detail) {
    if (reason == test.dead) return;
    Add((test.dead.empty() ? "expected records" : "expected the page to fail with " + test.dead) +
        ", found that it fails with " + reason + ": " + detail);
  }

  void Compare(const TestSpec& test, const Extraction& found) {
    const std::vector<FoundRecord> records = RecordsOf(found);
    result_.records = records.size();
    if (!test.expect.text.empty()) CompareWithFile(test, records);
    if (test.rejected && static_cast<std::size_t>(*test.rejected) != found.rejected.size()) {
      Add("expected " + std::to_string(*test.rejected) + " rejected rows, found " +
          std::to_string(found.rejected.size()));
    }
    for (const RejectedRow& row : found.rejected) {
      if (test.rejected) break;
      Add("row " + std::to_string(row.row) + " of " + std::string(row.item) +
          " is rejected: required field \"" + std::string(row.field) +
          "\" found nothing (rejected = N expects it)");
    }
    if (test.links) CompareLinks(*test.links, found);
  }

  void CompareWithFile(const TestSpec& test, const std::vector<FoundRecord>& records) {
    const Result<std::string> expected = read_(PathOf(recipe_, test.expect.text));
    if (!expected) return Add(expected.error().detail);
    std::vector<std::string> items;
    for (const ItemSpec& item : recipe_.items) items.push_back(item.name);
    for (std::string& difference : CompareRecords(*expected, records, items)) {
      Add(std::move(difference));
    }
  }

  void CompareLinks(const std::vector<std::string>& expected, const Extraction& found) {
    const auto has = [&](const std::string& url) {
      return std::any_of(found.links.begin(), found.links.end(),
                         [&](const FollowedLink& link) { return LinkText(link) == url; });
    };
    for (const std::string& url : expected) {
      if (!has(url)) Add("expected a link to " + url + ", found none");
    }
    for (const FollowedLink& link : found.links) {
      const std::string text = LinkText(link);
      if (std::find(expected.begin(), expected.end(), text) == expected.end()) {
        Add("expected no link to " + text);
      }
    }
  }

  const Recipe& recipe_;
  const Program& program_;
  const ReadTestFile& read_;
  RecipeTestResult result_;
};

}  // namespace

std::vector<RecipeTestResult> RunRecipeTests(const Recipe& recipe, const Program& program,
                                             Extractor& extractor, const ReadTestFile& read) {
  std::vector<RecipeTestResult> results;
  for (const TestSpec& test : recipe.tests) {
    results.push_back(TestRun(recipe, program, read).Run(test, extractor));
    std::vector<std::string>& differences = results.back().differences;
    if (differences.size() <= kMostDifferences) continue;
    const std::size_t more = differences.size() - kMostDifferences;
    differences.resize(kMostDifferences);
    differences.push_back("… and " + std::to_string(more) + " more differences");
  }
  return results;
}

}  // namespace thresh
