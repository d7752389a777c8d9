// ParserDaemon: bodies that are not in their TASK.

#include <algorithm>
#include <utility>

#include "lib/base/log.h"
#include "parser/daemon.h"
#include "parser/waiting_page.h"
#include "proto/envelope.h"

namespace thresh {

// What is not where it should be, whatever became of it, is asked for.
void ParserDaemon::FindBody(Waiting* page) {
  if (page->task.has_body_at()) {
    auto memory = bodies_.Memory();
    const std::uint64_t bytes = memory ? memory->View().size() : 0;
    if (page->task.body_bytes() > bytes) return;
    if (page->task.body_at() > bytes - page->task.body_bytes()) return;
    page->memory = std::move(memory);
    return;
  }
  if (!page->task.body_passed()) return;
  const UniqueFd fd = bodies_.Take({page->task.id(), page->task.attempt()});
  if (!fd) return;
  auto mapped = MappedBody::Map(fd, page->task.body_bytes());
  if (mapped) page->file = std::move(*mapped);
}

// The oldest page's only, one part at a time: what is in memory is one body.
void ParserDaemon::AskForPart(const Waiting& page) {
  wire::Envelope envelope = MakeEnvelope(self_, fetcher_);
  wire::BodyWanted& wanted = *envelope.mutable_body_wanted();
  wanted.set_id(page.task.id());
  wanted.set_attempt(page.task.attempt());
  wanted.set_offset(page.parts.size());
  Frames frames;
  frames.push_back(EncodeEnvelope(envelope));
  (void)to_fetcher_->Send(frames).ok();  // Asked again in half a second.
}

// A part that was asked for twice comes twice. A page that was taken from us, and is not whole, is
// dropped.
void ParserDaemon::TakePart(const wire::BodyPart& part, std::string_view bytes) {
  if (waiting_.empty() || (bytes.empty() && !part.gone())) return;
  Waiting& page = waiting_.front();
  if (page.task.id() != part.id() || page.task.attempt() != part.attempt()) return;
  if (part.gone() && !page.HasBody()) {
    DropPage(part.id(), part.attempt());
    return;
  }
  if (page.HasBody() || page.parts.size() != part.offset()) return;
  if (bytes.size() > page.task.body_bytes() - page.parts.size()) return;  // Not what was promised.
  page.parts.append(bytes);
  if (!page.HasBody()) AskForPart(page);
}

}  // namespace thresh
