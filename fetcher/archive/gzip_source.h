#pragma once

// GzipSource: a file's bytes unpacked, if it is gzip: of all its members, as if they were one. Any
// other file's as they are. What is in memory is bounded, whatever the file.
//
// Threads: none. Reading blocks.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

struct z_stream_s;

namespace thresh {

class GzipSource {
 public:
  /// Errors: kNotFound if there is no such file; kInvalid if it cannot be read.
  [[nodiscard]] static Result<std::unique_ptr<GzipSource>> Open(const std::string& path);
  ~GzipSource();
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  /// The bytes that come next, at least one, unless the file ends; they stay until the next call
  /// that is not const. `Skip()` says how many of them are done with.
  /// Errors: kInvalid for damage; kTransient if the file ends inside a member: it is torn.
  [[nodiscard]] Result<std::string_view> Peek();
  void Skip(std::size_t n);

  /// Passes over what is left of the member; returns where it ends. Errors: as Peek().
  [[nodiscard]] Result<std::uint64_t> SkipMember();

  /// Goes to where a member begins, or any byte of a file that is not packed.
  void SeekTo(std::uint64_t offset);

  /// Where the member begins that the next byte is of; without packing, the next byte.
  [[nodiscard]] std::uint64_t offset() const noexcept;
  [[nodiscard]] bool packed() const noexcept { return packed_; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  explicit GzipSource(UniqueFd fd);
  Result<> Fill();
  Result<> Inflate();

  UniqueFd fd_;
  bool packed_ = false;
  std::string in_, out_;
  std::size_t in_at_ = 0, in_end_ = 0;    // What of `in_` is not unpacked.
  std::size_t out_at_ = 0, out_end_ = 0;  // What of `out_` is not skipped.
  std::uint64_t file_at_ = 0;             // Where the file is read on.
  std::uint64_t member_at_ = 0;
  std::size_t read_bytes_ = 0;  // How much is read next: little behind a SeekTo(), then more.
  bool in_member_ = false;      // Some of it is unpacked, and not all.
  std::unique_ptr<z_stream_s> stream_;
};

}  // namespace thresh
