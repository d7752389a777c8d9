#pragma once

// PageMemory: memory that is shared with one parser on this machine. Pages arrive there, or are
// put there, and are read where they lie, so that no body goes through a socket.
//
//   Take() ─▶ a body arrives ─▶ Lend() ─▶ TASK with the place ─▶ CREDIT says it is read ─▶
//   Release()
//
// A place stays as it is while it has an owner: the page, for as long as it may have to be sent
// again, and the parser, until it says that it needs it no more. One that is slow, or was given up,
// still reads what it was promised. It can write nothing, and sees what arrives in this part only.
//
// Threads: none; but places may be let go of on any.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/shared_bytes.h"
#include "lib/io/body_packets.h"
#include "lib/io/memory_places.h"

namespace thresh {

class PageMemory {
 public:
  /// Errors: kInternal if the system gives none.
  [[nodiscard]] static Result<std::unique_ptr<PageMemory>> Create(std::size_t bytes);
  PageMemory(const PageMemory&) = delete;
  PageMemory& operator=(const PageMemory&) = delete;

  /// Room for a body that is to arrive here; null: there is none. A quarter of the memory is left
  /// to bodies that came elsewhere and have to be copied.
  [[nodiscard]] std::shared_ptr<char> Take(std::size_t bytes);
  /// The parser may read this body: where it lies, in bytes from the start. It is copied if that is
  /// elsewhere. nullopt: there is no room.
  [[nodiscard]] std::optional<std::uint64_t> Lend(const BodyOf& of, const SharedBytes& body);
  /// The parser has read it. Nothing happens if it was not lent.
  void Release(const BodyOf& of);
  void ReleaseAll() { lent_.clear(); }

  [[nodiscard]] bool Has(const SharedBytes& body) const noexcept;
  /// All of it goes back to the system, if nothing is in use.
  void GiveBackUnused() { places_->GiveBackUnused(); }

  [[nodiscard]] int fd() const noexcept { return places_->fd(); }

  /// Its parser has hung up: what it had is free, and it looks at nothing here any more.
  void Close();
  [[nodiscard]] bool closed() const noexcept { return closed_; }

 private:
  explicit PageMemory(std::shared_ptr<MemoryPlaces> places) : places_(std::move(places)) {}

  const std::shared_ptr<MemoryPlaces> places_;
  std::vector<std::pair<BodyOf, std::shared_ptr<const void>>> lent_;  // In the order they were.
  bool closed_ = false;
};

}  // namespace thresh
