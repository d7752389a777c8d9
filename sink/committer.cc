#include "sink/committer.h"

#include <utility>

#include "lib/base/log.h"
#include "lib/base/time.h"
#include "lib/io/file.h"
#include "sink/output/recover_file.h"

namespace thresh {
namespace {

FileState ToJournal(const OutputState& file) {
  return {.number = file.number,
          .name = file.name,
          .device = file.identity.device,
          .inode = file.identity.inode,
          .born_ns = file.identity.born_ns,
          .length = file.length};
}

OutputState FromJournal(const FileState& file) {
  return {.number = file.number,
          .name = file.name,
          .identity = {file.device, file.inode, file.born_ns},
          .length = file.length};
}

}  // namespace

JournalCommitter::JournalCommitter(CommitOptions options, std::unique_ptr<Journal> journal)
    : options_(std::move(options)),
      journal_(std::move(journal)),
      outputs_(options_.output),
      bodies_(options_.state_dir + "/dead", options_.output.sync) {}

Result<Committed> JournalCommitter::Run(const Batch& batch) {
  if (Result<> r = Recover(); !r) return r.error();
  if (Result<> r = Begin(batch); !r) return r.error();
  if (Result<> r = AddAll(batch); !r) return r.error();
  if (Result<> r = ReadAcks(batch); !r) return r.error();
  begun_ = false;
  Report();
  return std::exchange(done_, {});
}

void JournalCommitter::Close() {
  if (!recovered_ || !Drain().ok()) return;
  (void)Switch(0).ok();  // What cannot be said now is found out at the next start.
  journal_->RemoveSpare();
}

// ---- Recovery: what the last segment has and the outputs lack -----------------------------

Result<> JournalCommitter::Recover() {
  if (recovered_) return Ok{};
  if (!redo_) {
    Result<Redo> redo = journal_->TakeRedo();
    if (!redo) return redo.error();
    redo_ = std::move(*redo);
  }
  if (!adopted_) {
    if (Result<> r = AdoptFiles(*redo_); !r) return r;
    if (Result<> r = AdoptBodies(*redo_); !r) return r;
    adopted_ = true;
  }
  if (Result<> r = Drain(); !r) return r;
  if (Result<> r = outputs_.Sync(); !r) return r;
  for (const OutputState& file : outputs_.States()) journal_->CorrectFile(ToJournal(file));
  if (Result<> r = Switch(0); !r) return r;
  outputs_.DropLeaving();
  redo_ = Redo{};
  recovered_ = true;
  return Ok{};
}

Result<> JournalCommitter::AdoptFiles(const Redo& redo) {
  if (Result<> made = MakeFolder(options_.output.folder); !made) return made;
  const std::map<std::uint32_t, FileState> known = journal_->state().files;
  for (const auto& [number, state] : known) {
    std::vector<HeldBytes> held;
    for (const Redo::OutputPart& part : redo.parts) {
      if (part.file != number) continue;
      held.push_back({part.offset, part.bytes.size_bytes, part.last_batch,
                      [&redo, bytes = part.bytes] { return redo.Read(bytes); }});
    }
    Result<RecoveredFile> file =
        RecoverFile(options_.output, options_.old_dir, FromJournal(state), held);
    if (!file) return file.error();
    if (!file->missing.empty()) {
      log::Info("output.completed",
                {{"path", file->state.name}, {"missing_bytes", file->missing.size()}});
    }
    if (file->leaving || !file->fd) journal_->RetireFile(number);
    if (!file->fd) continue;
    outputs_.Adopt(std::move(file->state), std::move(file->fd), file->missing, file->leaving);
  }
  return Ok{};
}

Result<> JournalCommitter::AdoptBodies(const Redo& redo) {
  for (const Redo::WholeFile& file : redo.whole_files) {
    Result<std::string> bytes = redo.Read(file.bytes);
    if (!bytes) return bytes.error();
    bodies_.Add(file.name, *bytes);
  }
  return Ok{};
}

// ---- One batch -----------------------------------------------------------------------------

Result<> JournalCommitter::Begin(const Batch& batch) {
  if (begun_) return Ok{};
  for (const Closing& closing : batch.closings) {
    journal_->Close(closing.source, closing.low, closing.ids);
  }
  for (const Hash128& source : batch.forgotten) journal_->Forget(source);
  next_effect_ = 0;
  begun_ = true;
  if (batch.rotate_at) outputs_.RotateAt(batch.rotate_at->first, batch.rotate_at->second);
  if (!batch.reopen) return Ok{};
  Result<std::vector<std::string>> moved = outputs_.CloseMoved();
  if (!moved) return moved.error();
  to_announce_ = std::move(*moved);
  return Ok{};
}

Result<> JournalCommitter::AddAll(const Batch& batch) {
  if (Result<> r = AnnounceAll(); !r) return r;
  while (next_effect_ < batch.effects.size()) {
    Result<bool> added = AddEffect(batch.effects[next_effect_]);
    if (!added) return added.error();
    if (*added) {
      ++next_effect_;
    } else if (Result<> r = MakeRoom(); !r) {
      return r;
    }
  }
  if (Result<> r = Drain(); !r) return r;
  Result<std::vector<std::string>> aside = outputs_.RotateDue(WallClockMs());
  if (!aside) return aside.error();
  to_announce_.insert(to_announce_.end(), aside->begin(), aside->end());
  done_.put_aside = done_.put_aside || !aside->empty();
  if (Result<> r = AnnounceAll(); !r) return r;
  // Each start begins a segment: many of them soon would have many, if only a full one freed
  // others.
  const bool tidy = !batch.forgotten.empty() || journal_->has_closed_segments();
  return tidy ? Switch(0) : Result<>(Ok{});
}

Result<> JournalCommitter::AnnounceAll() {
  while (!to_announce_.empty()) {
    Result<bool> announced = Announce(to_announce_.back());
    if (!announced) return announced.error();
    if (*announced) {
      to_announce_.pop_back();
    } else if (Result<> r = MakeRoom(); !r) {
      return r;
    }
  }
  return Drain();
}

Result<bool> JournalCommitter::Announce(const std::string& file_name) {
  Result<std::optional<OutputState>> told =
      outputs_.Prepare(file_name, journal_->state().next_file);
  if (!told) return told.error();
  if (!*told) return true;
  const FileState file = ToJournal(**told);
  if (!journal_->Add(file)) {
    needed_bytes_ = RecordBytes(Encode(file).size());
    return false;
  }
  outputs_.Announced(file_name);
  return true;
}

Result<bool> JournalCommitter::AddEffect(const Effect& effect) {
  Commit commit{.source = effect.source,
                .id = effect.id,
                .records = effect.records,
                .first_of_batch = flushed_,
                .ack = effect.ack};
  for (const auto& [name, lines] : effect.lines) {
    Result<bool> announced = Announce(name);
    if (!announced || !*announced) return announced;
    const auto [number, offset] = outputs_.NextPlace(name);
    commit.parts.push_back({number, offset, lines});
  }
  if (effect.body) commit.whole_file = *effect.body;
  const std::optional<Location> place = journal_->Add(commit);
  if (!place) {
    needed_bytes_ = RecordBytes(EncodedBytes(commit));
    return false;
  }
  for (const auto& [name, lines] : effect.lines) outputs_.Add(name, lines);
  if (effect.body) bodies_.Add(effect.body->first, effect.body->second);
  done_.places.push_back(*place);
  flushed_ = false;
  return true;
}

Result<> JournalCommitter::MakeRoom() {
  if (Result<> r = Drain(); !r) return r;
  return Switch(needed_bytes_);
}

// Durable first, then visible.
Result<> JournalCommitter::Drain() {
  if (Result<> r = journal_->Flush(); !r) return r;
  if (Result<> r = bodies_.Write(); !r) return r;
  if (Result<> r = outputs_.Append(); !r) return r;
  flushed_ = true;
  return Ok{};
}

Result<> JournalCommitter::Switch(std::size_t record_bytes) {
  if (Result<> r = outputs_.Sync(); !r) return r;
  if (Result<> r = bodies_.Sync(); !r) return r;
  return journal_->Switch(record_bytes);
}

Result<> JournalCommitter::ReadAcks(const Batch& batch) {
  done_.acks.clear();
  for (const Location at : batch.wanted_acks) {
    Result<std::string> ack = journal_->ReadAck(at);
    if (!ack) return ack.error();
    done_.acks.emplace_back(at, std::move(*ack));
  }
  return Ok{};
}

void JournalCommitter::Report() {
  done_.report.journal_segments = journal_->segment_count();
  done_.report.journal_bytes = journal_->bytes();
  for (const OutputState& file : outputs_.States()) {
    done_.report.files.emplace_back(options_.output.folder + "/" + file.name, file.length);
  }
}

// ---- Standard output --------------------------------------------------------------------------

Result<Committed> StdoutCommitter::Run(const Batch& batch) {
  if (!begun_) {
    for (const Effect& effect : batch.effects) {
      for (const auto& [name, lines] : effect.lines) lines_.Add(name, lines);
    }
    begun_ = true;
  }
  if (Result<> appended = lines_.Append(stop_); !appended) return appended.error();
  begun_ = false;
  return Committed{.places = std::vector<Location>(batch.effects.size())};
}

}  // namespace thresh
