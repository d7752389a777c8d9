#pragma once

// Words for tests of transforms: a pipe as it stands in a recipe, texts in, texts out.

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "lib/url/url.h"
#include "parser/html/names.h"
#include "parser/transform/pipe.h"
#include "tests/lib/recipe/recipe_text.h"

namespace thresh::test {

using Texts = std::vector<std::string>;

struct PipeFixture : BaseUrl {
  const Url* base() override { return &url; }

  /// `pipe` is TOML: `["trim", ["replace", ",", ""]]`.
  static std::vector<TransformSpec> Specs(const std::string& pipe) {
    return Parsed(InFields({"a = { css = \"b\", pipe = " + pipe + " }"}))
        .items.at(0)
        .fields.at(0)
        .pipe;
  }
  static Pipe Compiled(const std::string& pipe) {
    std::vector<PipeFault> faults;
    Pipe compiled = Pipe::Compile(Specs(pipe), &faults);
    CHECK_MESSAGE(faults.empty(), (faults.empty() ? "" : faults[0].detail));
    return compiled;
  }
  static std::string FaultOf(const std::string& pipe) {
    std::vector<PipeFault> faults;
    (void)Pipe::Compile(Specs(pipe), &faults);
    REQUIRE(faults.size() == 1);
    return std::to_string(faults[0].where.column) + "+" + std::to_string(faults[0].offset) + ": " +
           faults[0].detail;
  }

  Texts Run(const std::string& pipe, const Texts& input) {
    select::WorkBudget work;
    memory.Begin(*this, work);
    std::vector<std::string_view> texts(input.begin(), input.end());
    Compiled(pipe).Run(memory, &texts);
    CHECK_FALSE(work.exhausted());
    return {texts.begin(), texts.end()};
  }

  Url url = *Url::Parse("http://example.com/dir/page");
  html::NameTable names;
  PipeMemory memory{names};
};

}  // namespace thresh::test
