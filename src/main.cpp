#include "portal/program.hpp"

/// Read by jemalloc, where it is the allocator. Few arenas, and what is free goes back after a
/// second: else what one thread makes and another frees leaves a long job at several times of what
/// it uses.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:4,dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true";

int main(int argc, char** argv) {
    return portal::run(argc, argv);
}
