#include "simulated_clients.hpp"

#include <algorithm>
#include <cmath>

namespace gateway {

namespace {

using Random = std::mt19937_64;

double uniform(Random& random, double from, double to) {
    return std::uniform_real_distribution<double>(from, to)(random);
}

double exponential(Random& random, double mean) {
    return std::exponential_distribution<double>(1 / mean)(random);
}

std::int64_t one_of(Random& random, std::int64_t count) {
    return std::uniform_int_distribution<std::int64_t>(0, count - 1)(random);
}

/// The newest are read most, about as their rank says (Zipf).
std::int64_t popular(Random& random, std::int64_t count) {
    auto rank = std::exp(uniform(random, 0, std::log(static_cast<double>(count))));
    return std::min<std::int64_t>(static_cast<std::int64_t>(rank) - 1, count - 1);
}

std::string article(std::int64_t number) {
    return "/v1/news/sports/" + std::to_string(number);
}

std::string slug(std::int64_t number) {
    return "/articles/what-happened-on-day-" + std::string(1 + number % 7, 'x') + '-' +
           std::to_string(number * 7919 % 1000003) + "-in-town";
}

std::vector<Simulated> sorted(std::vector<Simulated> all) {
    std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.at < b.at; });
    return all;
}

/// One after the other, with that mean of requests a second, at random.
template <class Next>
std::vector<Simulated> at_random(Random& random, double seconds, double per_second, Next next) {
    std::vector<Simulated> all;
    for (double at = 0; at < seconds; at += exponential(random, 1 / per_second)) {
        auto one = next();
        one.at = at;
        all.push_back(std::move(one));
    }
    return all;
}

constexpr std::int64_t newest = 90000;

}  // namespace

Behaviour metronome(double interval) {
    return [=](Random& random, double seconds) {
        std::vector<Simulated> all;
        for (double at = 0; at < seconds; at += interval * uniform(random, 0.95, 1.05)) {
            all.push_back({at, "/v1/news/all", 200, 1});
        }
        return all;
    };
}

Behaviour number_walker(std::int64_t step, int connections, double per_second) {
    return [=](Random& random, double seconds) {
        auto number = one_of(random, newest) + 1000000;
        std::vector<Simulated> all;
        // Each connection takes the next number, and how long it takes differs.
        for (double at = 0; at < seconds; at += exponential(random, 1 / per_second)) {
            double late = connections > 1 ? uniform(random, 0, connections / per_second) : 0;
            all.push_back({at + late, article(number), uniform(random, 0, 1) < 0.2 ? 404 : 200, 1});
            number += step;
        }
        return sorted(std::move(all));
    };
}

Behaviour guesser(bool slugs, double per_second) {
    return [=](Random& random, double seconds) {
        return at_random(random, seconds, per_second, [&] {
            auto number = one_of(random, 1000000000);
            int status = uniform(random, 0, 1) < 0.95 ? 404 : 200;
            return Simulated{0, slugs ? slug(number) : article(number), status, 1};
        });
    };
}

Behaviour slug_collector(double per_second) {
    return [=](Random& random, double seconds) {
        std::int64_t number = 0;
        return at_random(random, seconds, per_second, [&] {
            return Simulated{0, slug(++number * 31), 200, 1};
        });
    };
}

Behaviour password_thief(double per_second) {
    return [=](Random& random, double seconds) {
        return at_random(random, seconds, per_second, [&] {
            auto luck = uniform(random, 0, 1);
            return Simulated{0, "/v1/auth/token", luck < 0.02 ? 200 : luck < 0.5 ? 401 : 429, 1};
        });
    };
}

Behaviour flood(double per_second, std::uint64_t voices) {
    return [=](Random& random, double seconds) {
        return at_random(random, seconds, per_second, [&] {
            return Simulated{
                0, "/v1/news/all", 200,
                static_cast<std::uint64_t>(one_of(random, static_cast<std::int64_t>(voices)))};
        });
    };
}

Behaviour crowd(const Crowd& of) {
    return [of](Random& random, double seconds) {
        std::vector<Simulated> all;
        for (int person = 0; person < of.people; ++person) {
            auto voice = static_cast<std::uint64_t>(one_of(random, of.voices));
            auto at = exponential(random, of.page_each);
            for (; at < seconds; at += exponential(random, of.page_each)) {
                bool list = uniform(random, 0, 1) < of.from_list;
                bool broken = uniform(random, 0, 1) < of.broken;
                auto number = newest - popular(random, of.articles);
                all.push_back(
                    {at, list ? "/v1/news/all/1/20" : article(number), broken ? 404 : 200, voice});
                // What the page is made of: some of it from here, in one burst.
                auto parts = one_of(random, 4);
                auto when = at;
                for (std::int64_t part = 0; part < parts; ++part) {
                    when += exponential(random, 0.05);
                    all.push_back({when, "/media/picture-of-the-day.webp", 200, voice});
                }
                if (uniform(random, 0, 1) < 0.3) {
                    all.push_back({when + 0.1, "/v1/auth/me",
                                   uniform(random, 0, 1) < 0.5 ? 401 : 200, voice});
                }
            }
        }
        return sorted(std::move(all));
    };
}

Behaviour crawler(double pause) {
    return [=](Random& random, double seconds) {
        std::vector<Simulated> all;
        std::int64_t number = newest;
        int page = 1;
        auto wait = [&] { return pause * uniform(random, 0.5, 1.5); };
        for (double at = 0; at < seconds; ++page) {
            all.push_back({at, "/sports/page/" + std::to_string(page), 200, 1});
            at += wait();
            for (int i = 0; i < 20; ++i, at += wait()) {
                all.push_back({at, article(number--), uniform(random, 0, 1) < 0.02 ? 404 : 200, 1});
            }
        }
        return all;
    };
}

Behaviour editor() {
    return [](Random& random, double seconds) {
        std::vector<Simulated> all;
        double at = 0;
        while (at < seconds) {
            all.push_back({at, "/v1/news/all/1/20", 200, 1});
            auto number = newest - popular(random, 200);
            for (int look = 0; look < 4; ++look) {
                at += exponential(random, 6);
                all.push_back({at, article(number), 200, 1});
                all.push_back({at + 0.1, article(number) + "/history", 200, 1});
            }
            // Saved by itself each ten seconds while somebody writes.
            auto saves = 5 + one_of(random, 60);
            for (std::int64_t save = 0; save < saves; ++save) {
                at += 10;
                all.push_back({at, "/v1/news/sports", uniform(random, 0, 1) < 0.1 ? 409 : 201, 1});
            }
            at += exponential(random, 20);
        }
        return all;
    };
}

Behaviour poller(double interval) {
    return [=](Random&, double seconds) {
        std::vector<Simulated> all;
        for (double at = 0; at < seconds; at += interval) {
            all.push_back({at, "/feeds/sports.xml", 304, 1});
        }
        return all;
    };
}

}  // namespace gateway
