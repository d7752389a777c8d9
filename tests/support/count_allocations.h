#pragma once

// Counts what the program asks its heap for: glibc's functions, which all others end in. Defines
// them, so one source file of a program includes it. Sanitizers bring their own: not with them.

#include <cstddef>

namespace thresh::test {
namespace {
std::size_t allocations = 0;  // Blocks, of all threads; read it while there is one.
}
}  // namespace thresh::test

extern "C" {
void* __libc_malloc(std::size_t bytes) noexcept;
void* __libc_calloc(std::size_t count, std::size_t bytes) noexcept;
void* __libc_realloc(void* block, std::size_t bytes) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t bytes) noexcept;

void* malloc(std::size_t bytes) noexcept {
  ++thresh::test::allocations;
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) noexcept {
  ++thresh::test::allocations;
  return __libc_calloc(count, bytes);
}
void* realloc(void* block, std::size_t bytes) noexcept {
  ++thresh::test::allocations;
  return __libc_realloc(block, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  ++thresh::test::allocations;
  return __libc_memalign(alignment, bytes);
}
}
