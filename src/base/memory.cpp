#include "base/memory.hpp"

#include <malloc.h>

#include <cstddef>

// jemalloc's, where it is the allocator (cmake/module.cmake): a sanitizer brings one of its own.
extern "C" int mallctl(const char* name, void* old_value, std::size_t* old_bytes, void* new_value,
                       std::size_t new_bytes) __attribute__((weak));

namespace base {

void give_memory_back() {
    if (mallctl) {
        // 4096 stands for all arenas (MALLCTL_ARENAS_ALL).
        mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
    } else {
        malloc_trim(0);
    }
}

}  // namespace base
