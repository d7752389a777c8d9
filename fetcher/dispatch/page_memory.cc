#include "fetcher/dispatch/page_memory.h"

#include <algorithm>
#include <cstring>

namespace thresh {

Result<std::unique_ptr<PageMemory>> PageMemory::Create(std::size_t bytes) {
  auto places = MemoryPlaces::CreateShared(bytes);
  if (!places) return places.error();
  return std::unique_ptr<PageMemory>(new PageMemory(std::move(*places)));
}

std::shared_ptr<char> PageMemory::Take(std::size_t bytes) {
  return closed_ ? nullptr : places_->Take(bytes, places_->bytes() / 4 * 3);
}

std::optional<std::uint64_t> PageMemory::Lend(const BodyOf& of, const SharedBytes& body) {
  if (closed_) return std::nullopt;
  if (Has(body)) {
    lent_.emplace_back(of, body.owner());
    return body.View().data() - places_->begin();
  }
  std::shared_ptr<char> copy = places_->Take(body.size());
  if (!copy) return std::nullopt;
  std::memcpy(copy.get(), body.View().data(), body.size());
  const std::uint64_t place = copy.get() - places_->begin();
  lent_.emplace_back(of, std::move(copy));
  return place;
}

void PageMemory::Release(const BodyOf& of) {
  const auto found =
      std::find_if(lent_.begin(), lent_.end(), [&](const auto& each) { return each.first == of; });
  if (found != lent_.end()) lent_.erase(found);
}

bool PageMemory::Has(const SharedBytes& body) const noexcept {
  const char* const at = body.View().data();
  return at >= places_->begin() && at < places_->begin() + places_->bytes();
}

void PageMemory::Close() {
  closed_ = true;
  lent_.clear();
}

}  // namespace thresh
