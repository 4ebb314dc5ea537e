#include "preloaded.hpp"

#include <cstdlib>

namespace tests {

bool can_interpose() {
#ifdef __SANITIZE_THREAD__
    return false;
#else
    return true;
#endif
}

std::pair<std::string, std::string> sanitizer_options(const std::string& more) {
    const char* given = std::getenv("ASAN_OPTIONS");
    return {"ASAN_OPTIONS", given && *given ? std::string(given) + ":" + more : more};
}

std::vector<std::pair<std::string, std::string>> preloading(const std::string& library) {
    return {{"LD_PRELOAD", PORTAL_BINARY_DIR "/tests/preloaded/" + library + ".so"},
            sanitizer_options("verify_asan_link_order=0")};
}

}  // namespace tests
