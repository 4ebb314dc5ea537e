#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

namespace tests {

/// The seed of this run: PORTAL_TEST_SEED, or a new one. Printed, so that a failure can be run
/// again with the same choices (moments in another process stay moments).
std::uint64_t chaos_seed();

/// Full sizes are asked for with PORTAL_TEST_LONG=1.
bool is_long_run();

/// How often something is done: `brief`, or `full` in a long run, or as often as
/// PORTAL_CHAOS_TIMES says (./dev chaos N).
int times(int brief, int full);

/// A failure's folder, to be looked at: copied into the one that PORTAL_CHAOS_KEEP names, if any.
void keep(const std::filesystem::path& folder);

/// Says on standard error now and then how far a long run is.
class Progress {
public:
    Progress(std::string what, int total) : what_(std::move(what)), total_(total) {}
    void step();

private:
    std::string what_;
    int total_;
    int done_ = 0;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point said_ = begun_;
};

/// Random choices of one thread.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    /// From `least` to `most`, both included.
    int number(int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(engine_);
    }
    bool chance(int percent) { return number(1, 100) <= percent; }
    std::uint64_t seed() { return engine_(); }
    /// Waits for a random time: the moment of a kill is what these tests are about.
    void pause(std::chrono::milliseconds least, std::chrono::milliseconds most) {
        std::this_thread::sleep_for(std::chrono::microseconds(
            number(static_cast<int>(least.count()) * 1000, static_cast<int>(most.count()) * 1000)));
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace tests
