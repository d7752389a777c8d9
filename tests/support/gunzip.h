#pragma once

// Reads the packed pages of the corpora.

#include <zlib.h>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

namespace thresh::test {

/// What a file holds once unpacked, or as it is if it was not packed. A broken one fails the test.
inline std::string ReadUnpacked(const std::filesystem::path& path) {
  const gzFile file = ::gzopen(path.c_str(), "rb");
  REQUIRE_MESSAGE(file != nullptr, "cannot read ", path.string());
  std::string text;
  char chunk[65536];
  int size = 0;
  while ((size = ::gzread(file, chunk, sizeof chunk)) > 0) {
    text.append(chunk, static_cast<std::size_t>(size));
  }
  ::gzclose(file);
  REQUIRE_MESSAGE(size == 0, "cannot unpack ", path.string());
  return text;
}

}  // namespace thresh::test
