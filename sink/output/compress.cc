#include "sink/output/compress.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "lib/base/handles.h"
#include "lib/io/file.h"
#include "sink/output/aside_name.h"
#include "sink/output/chunk_reader.h"

namespace thresh {
namespace {

struct FreeStream {
  void operator()(ZSTD_CStream* stream) const noexcept { ZSTD_freeCStream(stream); }
};

Error Failed(const char* what, const std::string& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? Errc::kBusy : Errc::kInternal,
          std::string("cannot ") + what + " " + path + ": " + std::strerror(errno)};
}

class Compression {
 public:
  explicit Compression(std::string path)
      : path_(std::move(path)), out_(ZSTD_CStreamOutSize(), '\0') {}

  Result<> Run(ChunkReader& from, const std::atomic<bool>& stop) {
    fd_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (!fd_) return Failed("open", path_);
    for (bool ended = false; !ended;) {
      if (stop) return Error{Errc::kBusy, "stopped"};
      Result<std::string> chunk = from.Next();
      if (!chunk) return chunk.error();
      ended = chunk->empty();
      if (Result<> r = Feed(*chunk, ended ? ZSTD_e_end : ZSTD_e_continue); !r) return r;
    }
    if (::fsync(fd_.get()) != 0) return Failed("sync", path_);
    return Ok{};
  }

 private:
  Result<> Feed(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (std::size_t left = 1; in.pos < in.size || (directive == ZSTD_e_end && left != 0);) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      left = ZSTD_compressStream2(stream_.get(), &out, &in, directive);
      if (ZSTD_isError(left) != 0) {
        return Error{Errc::kInternal, std::string("zstd: ") + ZSTD_getErrorName(left)};
      }
      if (Result<> r = Write({out_.data(), out.pos}); !r) return r;
    }
    return Ok{};
  }

  Result<> Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Failed("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return Ok{};
  }

  const std::string path_;
  UniqueFd fd_;
  std::string out_;
  std::unique_ptr<ZSTD_CStream, FreeStream> stream_{ZSTD_createCStream()};
};

}  // namespace

Result<std::vector<std::string>> FilesAside(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code why;
  std::filesystem::directory_iterator files(folder, why);
  for (; !why && files != std::filesystem::directory_iterator(); files.increment(why)) {
    const std::string name = files->path().filename().string();
    if (name.ends_with(".ndjson") && NameBeforeAside(name)) paths.push_back(files->path().string());
  }
  if (why) return Error{Errc::kInvalid, "cannot list " + folder + ": " + why.message()};
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<> CompressFile(const std::string& path, const std::atomic<bool>& stop) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const std::string whole = path + ".zst", part = path + ".zst.tmp";
  if (::access(whole.c_str(), F_OK) != 0) {  // Else a crash came before the last step.
    Result<std::unique_ptr<ChunkReader>> from = ChunkReader::Open(path);
    if (!from) return from.error();
    if (Result<> done = Compression(part).Run(**from, stop); !done) {
      ::unlink(part.c_str());
      return done;
    }
    if (::rename(part.c_str(), whole.c_str()) != 0) return Failed("rename", part);
    if (Result<> synced = SyncFolder(folder); !synced) return synced;
  }
  if (::unlink(path.c_str()) != 0) return Failed("remove", path);
  return Ok{};
}

}  // namespace thresh
