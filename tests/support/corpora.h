#pragma once

// Where the test corpora lie, and how to read them. They are no part of this
// project: THRESH_SHARED names their folder, by default `../shared` beside the
// checkout. Without it the test is reported as skipped, or fails when CI=true.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

namespace thresh::test {

/// The corpora folder, or an empty path after saying why the caller is to return.
inline std::filesystem::path Corpora() {
  const char* named = std::getenv("THRESH_SHARED");
  const auto shared = std::filesystem::path(named ? named : THRESH_SOURCE_DIR "/../shared");
  if (std::filesystem::is_directory(shared / "corpora")) return shared / "corpora";
  const char* ci = std::getenv("CI");
  if (ci != nullptr && std::string(ci) == "true") {
    FAIL("no corpora in ", shared.string(), ": set THRESH_SHARED");
  }
  std::cout << "SKIPPED: no corpora in " << shared.string() << "; set THRESH_SHARED\n";
  return {};
}

/// The whole file. A missing file fails the test.
inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), "cannot read ", path.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace thresh::test
