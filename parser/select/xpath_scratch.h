#pragma once

// XPathScratch: node lists and strings that evaluations use and give back, so that a
// page after the first costs no allocation.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "parser/select/xpath_node.h"

namespace thresh::select::xpath {

template <typename T>
class Pool {
 public:
  Pool() = default;
  Pool(const Pool& /*other*/) {}  // A copy has spare things of its own.
  Pool& operator=(const Pool& /*other*/) { return *this; }
  Pool(Pool&&) noexcept = default;
  Pool& operator=(Pool&&) noexcept = default;
  ~Pool() = default;

  std::unique_ptr<T> Take() {
    if (spare_.empty()) return std::make_unique<T>();
    std::unique_ptr<T> taken = std::move(spare_.back());
    spare_.pop_back();
    return taken;
  }
  void Give(std::unique_ptr<T> back) {
    if (back->capacity() > kMaxKept) return;
    back->clear();
    spare_.push_back(std::move(back));
  }

 private:
  static constexpr std::size_t kMaxKept = std::size_t{1} << 20;

  std::vector<std::unique_ptr<T>> spare_;
};

/// A thing from a pool, for one scope.
template <typename T>
class Borrowed {
 public:
  explicit Borrowed(Pool<T>& pool) : pool_(pool), thing_(pool.Take()) {}
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() { pool_.Give(std::move(thing_)); }

  T* get() noexcept { return thing_.get(); }
  T& operator*() noexcept { return *thing_; }
  T* operator->() noexcept { return thing_.get(); }

 private:
  Pool<T>& pool_;
  std::unique_ptr<T> thing_;
};

struct XPathScratch {
  Pool<std::vector<XPathNode>> nodes;
  Pool<std::string> strings;
};

}  // namespace thresh::select::xpath
