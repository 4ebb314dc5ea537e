#include "random_moments.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

namespace tests {

std::uint64_t chaos_seed() {
    static const std::uint64_t seed = [] {
        const char* given = std::getenv("PORTAL_TEST_SEED");
        std::random_device device;
        std::uint64_t chosen = given && *given ? std::stoull(given) : device();
        std::cout << "seed: PORTAL_TEST_SEED=" << chosen << std::endl;
        return chosen;
    }();
    return seed;
}

bool is_long_run() {
    const char* given = std::getenv("PORTAL_TEST_LONG");
    return given && std::string(given) == "1";
}

int times(int brief, int full) {
    const char* given = std::getenv("PORTAL_CHAOS_TIMES");
    if (given && *given) return std::stoi(given);
    return is_long_run() ? full : brief;
}

void keep(const std::filesystem::path& folder) {
    const char* given = std::getenv("PORTAL_CHAOS_KEEP");
    if (!given || !*given) return;
    auto to = std::filesystem::path(given) / folder.filename();
    std::filesystem::copy(folder, to, std::filesystem::copy_options::recursive);
    std::cerr << "kept: " << to.string() << std::endl;
}

void Progress::step() {
    ++done_;
    auto now = std::chrono::steady_clock::now();
    if (now - said_ < std::chrono::seconds(15)) return;
    said_ = now;
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begun_).count();
    std::cerr << what_ << ": " << done_ << " of " << total_ << " after " << seconds << " s"
              << std::endl;
}

}  // namespace tests
