#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace gateway {

/// One request of a simulated client.
struct Simulated {
    double at = 0;  ///< seconds
    std::string path{};
    int status = 200;
    std::uint64_t voice = 0;
};

/// What one seed makes a client do until `seconds` have passed, in order of time.
using Behaviour = std::function<std::vector<Simulated>(std::mt19937_64&, double seconds)>;

// Who wants too much.
/// A request each `interval`, five percent sooner or later.
Behaviour metronome(double interval);
/// Numbers in order, some of them not there, over `connections` at a time.
Behaviour number_walker(std::int64_t step, int connections, double per_second);
/// Numbers or slugs at random, of which nearly none is there.
Behaviour guesser(bool slugs, double per_second);
/// Every slug of a sitemap, fast.
Behaviour slug_collector(double per_second);
/// Logs in with one stolen password after the other.
Behaviour password_thief(double per_second);
/// As fast as it can, without an order.
Behaviour flood(double per_second, std::uint64_t voices);

// Who does not.
struct Crowd {
    int people = 500;
    double page_each = 60;   ///< seconds, on average
    int voices = 60;         ///< browsers that differ
    double from_list = 0.3;  ///< share of pages that are lists
    double broken = 0.02;    ///< share of links that lead nowhere
    std::int64_t articles = 5000;
};
/// People behind one address: each reads pages with their parts, at random.
Behaviour crowd(const Crowd& of);
/// Follows links: a list, then what stands in it, newest first.
Behaviour crawler(double pause);
/// Saves, looks, lists, searches, mistypes, with an interface that saves by itself.
Behaviour editor();
/// One list each minute, to the second, as feed readers and monitors do.
Behaviour poller(double interval);

}  // namespace gateway
