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

}  // namespace tests
