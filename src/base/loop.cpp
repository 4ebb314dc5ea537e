#include "base/loop.hpp"

namespace base {

void Loop::drain() noexcept {
    while (away > 0) {
        try {
            restart();
            run_one();
        } catch (...) {
            // One that throws is done with all the same, and the others still have to come back.
        }
    }
}

void Loop::settle() {
    for (;;) {
        restart();
        poll();
        if (away == listening) return;
        restart();
        run_one();
    }
}

}  // namespace base
