#pragma once

// Where `thresh extract` writes: a file an item in a folder, or stdout. Files get their names when
// all is written, so that what is there is whole.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class ExtractOutput {
 public:
  /// `out`: a folder, or `-`. `fresh`: files that are there are replaced.
  /// Errors: kInvalid for a folder that cannot be made.
  [[nodiscard]] static Result<std::unique_ptr<ExtractOutput>> Open(const std::string& out,
                                                                   bool fresh);
  /// Takes away what has not been finished.
  ~ExtractOutput();
  ExtractOutput(const ExtractOutput&) = delete;
  ExtractOutput& operator=(const ExtractOutput&) = delete;

  [[nodiscard]] bool to_stdout() const noexcept { return folder_.empty(); }

  /// Lines of `<name>.ndjson`. Errors: kInternal if they cannot be written, or the file is there.
  Result<> Write(const std::string& name, std::string_view lines);

  /// Gives all files their names, whatever happens then to the machine. Errors: kInternal.
  Result<> Finish();

 private:
  ExtractOutput(std::string folder, bool fresh) : folder_(std::move(folder)), fresh_(fresh) {}

  [[nodiscard]] std::string Partial(const std::string& name) const {
    return folder_ + "/." + name + ".ndjson.partial";
  }
  [[nodiscard]] std::string Final(const std::string& name) const {
    return folder_ + "/" + name + ".ndjson";
  }

  const std::string folder_;
  const bool fresh_;
  std::map<std::string, UniqueFile> files_;
};

}  // namespace thresh
