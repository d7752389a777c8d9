#pragma once

// Tasks for the frontier's tests.

#include <cstdint>
#include <memory>
#include <string>

#include "fetcher/job/task.h"

namespace thresh::test {

inline std::shared_ptr<const Root> MakeRoot(const std::string& url, const std::string& meta = "") {
  return std::make_shared<const Root>(Root{.url = url, .n = 1, .meta = meta, .created_at_ms = 5});
}

/// `a/1` is the URL http://a/1 of host a, fed.
inline TaskSeed Seed(const std::string& name, std::int64_t priority = 0) {
  const std::string url = "http://" + name;
  return {.url = url,
          .host = name.substr(0, name.find('/')),
          .recipe = "r",
          .root = MakeRoot(url),
          .priority = priority};
}

}  // namespace thresh::test
