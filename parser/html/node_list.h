#pragma once

// NodeList: the nodes of a Tree. As a vector, but a node that fits is made in place, with nothing
// called: a page makes one for every 40 bytes. Each is a line of the processor's cache.
//
// Node is Tree's; NodeList is its own header for tree.h's sake.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace thresh::html {

template <typename Node>
class NodeList {
 public:
  NodeList() = default;
  NodeList(const NodeList&) = delete;
  NodeList& operator=(const NodeList&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] Node& operator[](std::size_t i) noexcept { return nodes_[i]; }
  [[nodiscard]] const Node& operator[](std::size_t i) const noexcept { return nodes_[i]; }
  /// REQUIRES: not empty.
  [[nodiscard]] Node& back() noexcept { return nodes_[size_ - 1]; }
  [[nodiscard]] Node* begin() noexcept { return nodes_; }
  [[nodiscard]] Node* end() noexcept { return nodes_ + size_; }

  [[gnu::always_inline]] Node& Append() {
    if (size_ == capacity_) [[unlikely]]
      Grow();
    return *new (nodes_ + size_++) Node;
  }
  /// Keeps the memory.
  void Clear() noexcept { size_ = 0; }
  void Free() noexcept {
    rooms_.reset();
    nodes_ = nullptr;
    size_ = capacity_ = 0;
  }
  void Swap(NodeList& other) noexcept {
    std::swap(rooms_, other.rooms_);
    std::swap(nodes_, other.nodes_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  struct Room {
    alignas(64) std::byte bytes[sizeof(Node)];
  };

  [[gnu::noinline]] void Grow() {
    static_assert(sizeof(Room) == sizeof(Node) && std::is_trivially_copyable_v<Node> &&
                  std::is_trivially_destructible_v<Node>);
    const std::size_t capacity = std::max<std::size_t>(16, 2 * capacity_);
    auto rooms = std::make_unique_for_overwrite<Room[]>(capacity);
    if (size_ > 0) std::memcpy(rooms.get(), rooms_.get(), size_ * sizeof(Room));
    rooms_ = std::move(rooms);
    nodes_ = reinterpret_cast<Node*>(rooms_.get());
    capacity_ = capacity;
  }

  std::unique_ptr<Room[]> rooms_;
  Node* nodes_ = nullptr;  ///< The same.
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace thresh::html
