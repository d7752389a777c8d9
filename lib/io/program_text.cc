#include "lib/io/program_text.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace thresh {
namespace {

// Parts that nobody writes to: what the linker has changed in others is nowhere else.
int GiveBackTextOf(dl_phdr_info* object, std::size_t, void*) noexcept {
  const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& part = object->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = object->dlpi_addr + part.p_vaddr;
    const std::uintptr_t page = begin / page_bytes * page_bytes;
    ::madvise(reinterpret_cast<void*>(page), begin - page + part.p_memsz, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void GiveBackText() {
  ::dl_iterate_phdr(&GiveBackTextOf, nullptr);
}

}  // namespace thresh
