// Which clients are named, and which are not: the rules alone, on simulated clients.
#include <cstdlib>
#include <optional>

#include "client_signs.hpp"
#include "simulated_clients.hpp"
#include "support/catch.hpp"

namespace gateway {

namespace {

constexpr int seeds = 20;

struct Seen {
    double at = 0;
    Sign sign{};
};

/// Whether a route of ours knows more of an address.
bool is_item(const std::string& path) {
    return path.starts_with("/v1/news/sports/") && path.find("history") == path.npos;
}

/// The first sign, and when.
std::optional<Seen> watch(const Behaviour& behaviour, std::uint64_t seed, double seconds) {
    std::mt19937_64 random(seed);
    ClientSigns signs;
    const SignLimits limits;
    const auto begin = ClientSigns::Time(std::chrono::hours(100));
    for (const auto& one : behaviour(random, seconds)) {
        Heard heard;
        heard.asked =
            AskedAddress::read(one.path, {}, is_item(one.path), one.path.ends_with("/20"));
        heard.status = one.status;
        heard.voice = one.voice * 0x9e3779b97f4a7c15ULL;
        auto span = std::chrono::duration<double>(one.at);
        auto at = begin + std::chrono::duration_cast<std::chrono::nanoseconds>(span);
        if (auto found = signs.note(heard, at, limits)) return Seen{one.at, found->sign};
    }
    return std::nullopt;
}

void named_within(const Behaviour& behaviour, Sign sign, double seconds) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        auto seen = watch(behaviour, seed, 2 * seconds);
        REQUIRE(seen);
        CHECK(name_of(seen->sign) == name_of(sign));
        CHECK(seen->at <= seconds);
    }
}

void never_named(const Behaviour& behaviour, double hours) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        auto seen = watch(behaviour, seed, hours * 3600);
        CHECK((seen ? std::string(name_of(seen->sign)) : "nobody") == "nobody");
    }
}

/// Of simulated time: as many in a short run as there is time for.
double hours(double few) {
    return std::getenv("PORTAL_TEST_LONG") ? 10 * few : few;
}

}  // namespace

TEST_CASE("a metronome is named in seconds, and a poller is not") {
    named_within(metronome(0.1), Sign::regularity, 6);
    named_within(metronome(0.5), Sign::regularity, 11);
    named_within(metronome(1), Sign::regularity, 25);
    never_named(poller(60), hours(3));
    never_named(poller(5), hours(1));
    never_named(poller(2), hours(0.5));
}

TEST_CASE("who walks over numbers is named in seconds, in whichever direction") {
    named_within(number_walker(1, 1, 10), Sign::walk, 6);
    named_within(number_walker(-1, 1, 10), Sign::walk, 6);
    named_within(number_walker(2, 1, 2), Sign::walk, 25);
    named_within(number_walker(1, 4, 20), Sign::walk, 10);
}

TEST_CASE("who guesses what there is, or takes all of it, is named in seconds") {
    named_within(guesser(false, 5), Sign::walk, 12);
    named_within(guesser(true, 5), Sign::walk, 12);
    named_within(slug_collector(20), Sign::walk, 12);
}

TEST_CASE("who tries stolen passwords is named in seconds, and a flood at once") {
    named_within(password_thief(5), Sign::errors, 12);
    named_within(flood(1000, 1), Sign::rate, 2);
    named_within(flood(2000, 1000), Sign::rate, 6);
}

TEST_CASE("a crowd behind one address is not named") {
    never_named(crowd({}), hours(0.15));
    // An office where all have the same browser.
    Crowd office;
    office.voices = 1;
    never_named(crowd(office), hours(0.05));
    // At breakfast, mostly from links that somebody sent.
    Crowd breakfast;
    breakfast.people = 500;
    breakfast.page_each = 15;
    breakfast.from_list = 0.01;
    breakfast.articles = 60;
    never_named(crowd(breakfast), hours(0.04));
    Crowd family;
    family.people = 4;
    family.page_each = 20;
    family.voices = 4;
    never_named(crowd(family), hours(2));
}

TEST_CASE("a crawler that follows links, an editor and one reader are not named") {
    never_named(crawler(1), hours(0.5));
    never_named(crawler(5), hours(1.5));
    never_named(editor(), hours(2));
    Crowd reader;
    reader.people = 1;
    reader.page_each = 5;
    reader.voices = 1;
    never_named(crowd(reader), hours(1));
}

TEST_CASE("an address says whether it is one of many, and which") {
    using Kind = AskedAddress::Kind;
    auto read = [](const char* path, const char* query = "") {
        return AskedAddress::read(path, query);
    };
    CHECK(read("/articles/17").number == 17);
    CHECK(read("/articles/17").form == read("/articles/18-a-title").form);
    CHECK(read("/articles/a-title-19.html").number == 19);
    CHECK(read("/articles/17000/a-title").number == 17000);
    CHECK(read("/item", "x=1&id=20").number == 20);
    CHECK(read("/item", "id=20").hash != read("/item", "id=21").hash);
    CHECK(read("/articles/a-longer-title").kind == Kind::item);
    CHECK_FALSE(read("/articles/a-longer-title").number);
    for (const char* page : {"/", "/sports", "/sports/page/3", "/2026/05", "/about-us"}) {
        CAPTURE(page);
        CHECK(read(page).kind == Kind::page);
    }
    CHECK(read("/media/17.jpg").kind == Kind::asset);
    CHECK(AskedAddress::read("/v1/news/sports/2/10", "", false, true).kind == Kind::page);
    CHECK(AskedAddress::read("/v1/news/sports/x", "", true).kind == Kind::item);
}

}  // namespace gateway
