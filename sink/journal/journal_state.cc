#include "sink/journal/journal_state.h"

#include <algorithm>

namespace thresh {

void JournalState::Apply(const Commit& commit, Location at) {
  records += commit.records;
  Source& source = sources[commit.source];
  source.highest = std::max(source.highest, commit.id);
  if (!source.closed.Contains(commit.id) && source.open.emplace(commit.id, at).second) {
    ++segments[at.segment].open_count;
  }
  for (const Part& part : commit.parts) {
    const auto file = files.find(part.file);
    if (file != files.end()) file->second.length = part.offset + part.bytes.size();
  }
}

void JournalState::Apply(const FileState& file) {
  std::erase_if(files, [&](const auto& entry) { return entry.second.name == file.name; });
  files[file.number] = file;
  next_file = std::max(next_file, file.number + 1);
}

void JournalState::Apply(const Checkpoint& checkpoint) {
  records = checkpoint.records;
  next_file = checkpoint.next_file;
  for (const FileState& file : checkpoint.files) files[file.number] = file;
  for (const Checkpoint::Source& source : checkpoint.sources) {
    sources[source.uuid] = {.closed = source.closed, .highest = source.highest};
  }
  for (const Checkpoint::Segment& segment : checkpoint.segments) {
    segments[segment.number].end = segment.end;
  }
}

void JournalState::ApplyOld(const Commit& commit, Location at) {
  const auto source = sources.find(commit.source);
  if (source == sources.end() || source->second.closed.Contains(commit.id)) return;
  if (source->second.open.emplace(commit.id, at).second) ++segments[at.segment].open_count;
}

void JournalState::Close(const Hash128& uuid, std::uint64_t low,
                         const std::vector<std::uint64_t>& ids) {
  Source& source = sources[uuid];
  while (!source.open.empty() && source.open.begin()->first < low) {
    CloseOpen(source, source.open.begin());
  }
  source.closed.CloseBelow(low);
  for (const std::uint64_t id : ids) {
    const auto open = source.open.find(id);
    if (open != source.open.end()) CloseOpen(source, open);
    source.closed.Close(id);
  }
  source.highest = std::max(source.highest, source.closed.highest());
}

void JournalState::CloseOpen(Source& source, std::map<std::uint64_t, Location>::iterator open) {
  --segments[open->second.segment].open_count;
  source.open.erase(open);
}

void JournalState::Forget(const Hash128& uuid) {
  const auto found = sources.find(uuid);
  if (found == sources.end()) return;
  while (!found->second.open.empty()) CloseOpen(found->second, found->second.open.begin());
  sources.erase(found);
}

Checkpoint JournalState::ToCheckpoint() const {
  Checkpoint checkpoint{.records = records, .next_file = next_file};
  for (const auto& [number, file] : files) checkpoint.files.push_back(file);
  for (const auto& [uuid, source] : sources) {
    checkpoint.sources.push_back({uuid, source.closed, source.highest});
  }
  for (const auto& [number, segment] : segments) {
    if (segment.open_count > 0) checkpoint.segments.push_back({number, segment.end});
  }
  return checkpoint;
}

}  // namespace thresh
