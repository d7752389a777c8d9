// How the sink's stages are made and put together.

#include <filesystem>
#include <utility>

#include "lib/base/log.h"
#include "lib/io/file.h"
#include "lib/io/socket_path.h"
#include "sink/daemon.h"

namespace thresh {
namespace {

SinkOptions WithOut(SinkOptions options) {
  if (options.out.empty()) options.out = options.state_dir + "/out";
  return options;
}

// From the folder of `dead.ndjson` to that of the bodies.
std::string BodyFolder(const SinkOptions& options) {
  if (options.out == "-") return {};
  const std::filesystem::path bodies = AbsolutePath(options.state_dir + "/dead");
  return bodies.lexically_relative(AbsolutePath(options.out)).string();
}

std::optional<RootList> RootsOf(const SinkOptions& options) {
  if (options.list_roots == "no") return std::nullopt;
  const bool csv = options.list_roots == "csv";
  return RootList(csv ? RootList::Form::kCsv : RootList::Form::kLines);
}

}  // namespace

Result<std::unique_ptr<SinkDaemon>> SinkDaemon::Create(uv_loop_t& loop, SinkOptions options,
                                                       Rereader<SinkOptions> reread) {
  std::unique_ptr<SinkDaemon> daemon(new SinkDaemon(loop, std::move(options), std::move(reread)));
  if (Result<> opened = daemon->Open(); !opened) return opened.error();
  daemon->Start();
  return daemon;
}

SinkDaemon::SinkDaemon(uv_loop_t& loop, SinkOptions options, Rereader<SinkOptions> reread)
    : loop_(loop),
      told_(std::move(options)),
      options_(WithOut(told_)),
      reread_(std::move(reread)),
      roots_(RootsOf(options_)),
      effects_(to_stdout(), BodyFolder(options_), roots_ ? &*roots_ : nullptr),
      fetchers_(options_.ack_memory_bytes, options_.accept_new_fetcher),
      turn_(loop, [this] { Turn(); }),
      commit_(loop, kCommitEveryMs, [this] { CommitIfIdle(); }),
      wake_(loop, [this] { socket_->Wake(); }),
      retry_(loop, [this] { RunCommit(); }),
      second_(loop, 1000,
              [this] {
                batch_.look = batch_.look || options_.rotate_seconds != 0;
                seen_.Second();
                turn_.Request();
              }),
      signals_(loop, {SIGTERM, SIGINT, SIGHUP},
               [this](int signal) { signal == SIGHUP ? HangUp() : Stop(); }),
      service_(loop, [this] { return StatusLine(); }),
      patience_(std::make_unique<Patience>(loop, "reading the journal")),
      worker_(loop) {}

// A log rotator has moved the files, or the settings have changed: nobody says which.
void SinkDaemon::HangUp() {
  Reopen();
  if (reread_) Reload();
}

void SinkDaemon::Reload() {
  Reread<SinkOptions> read = reread_(told_);
  if (!read.faults.empty()) {
    LogRefused(read.faults);
    return;
  }
  LogChanges(read.changes);
  told_ = std::move(read.options);
  options_ = WithOut(told_);
  SetLog(options_.log);
  batch_.rotate_at = {{options_.rotate_bytes, options_.rotate_seconds}};
  log::Info("config.loaded", {{"file", read.file.path}});
}

// The worker, which goes first, waits for its end.
SinkDaemon::~SinkDaemon() {
  stopping_ = true;
}

Result<> SinkDaemon::Open() {
  for (const std::string& folder : {options_.state_dir, options_.run_dir}) {
    if (Result<> made = MakeFolder(folder); !made) return made.error();
  }
  auto locks = StateLock::TakeAll(
      {options_.state_dir + "/sink.lock", options_.run_dir + "/sink.run.lock"}, "a sink");
  if (!locks) return locks.error();
  locks_ = std::move(*locks);
  if (to_stdout()) {
    self_ = NewPeerId();
    committer_ = std::make_unique<StdoutCommitter>(options_.state_dir, stopping_);
  } else if (Result<> opened = OpenJournal(); !opened) {
    return opened.error();
  }
  return OpenSockets();
}

Result<> SinkDaemon::OpenJournal() {
  if (Result<> made = MakeFolder(options_.out); !made) return made.error();
  const bool sync = options_.durability == "power";
  Result<std::unique_ptr<Journal>> journal =
      Journal::Open({.folder = options_.state_dir + "/journal",
                     .segment_bytes = options_.segment_bytes,
                     .sync = sync});
  if (!journal) return journal.error();
  self_ = NewLife((*journal)->owner());
  records_count_ = (*journal)->state().records;
  fetchers_.Restore((*journal)->state());
  committer_ = std::make_unique<JournalCommitter>(
      CommitOptions{.state_dir = options_.state_dir,
                    .old_dir = options_.old_dir,
                    .output = {.folder = options_.out,
                               .sync = sync,
                               .rotate_bytes = options_.rotate_bytes,
                               .rotate_seconds = options_.rotate_seconds}},
      std::move(*journal));
  if (options_.rotate_zstd) compressor_ = std::make_unique<Compressor>(loop_, options_.out);
  return Ok{};
}

Result<> SinkDaemon::OpenSockets() {
  auto socket = BusSocket::Create(loop_, context_, BusSocket::Kind::kRouter, "",
                                  [this](Frames& frames) { Receive(frames); });
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  if (Result<> bound = socket_->Bind("ipc://" + SocketPath(options_.run_dir, "sink.ipc")); !bound) {
    return bound.error();
  }
  auto door = TcpDoor::Open(loop_, context_, *socket_, options_.tcp);
  if (!door) return door.error();
  door_ = std::move(*door);
  auto control = SinkControl::Create(loop_, SocketPath(options_.run_dir, "sink.sock"),
                                     to_stdout() ? options_.state_dir : options_.out,
                                     options_.state_dir + "/dead",
                                     {.status = [this] { return Status(); },
                                      .rotate = [this] { Reopen(); },
                                      .metrics = [this] { return Metrics(); },
                                      .tap = &seen_.tap()});
  if (!control) return control.error();
  control_ = std::move(*control);
  return Ok{};
}

// The first commit is empty: it completes what a crash has left.
void SinkDaemon::Start() {
  log::Info("sink.started", {{"out", options_.out}});
  StartCommit();
}

}  // namespace thresh
