// Which upstream is asked.
#include <map>

#include "support/catch.hpp"
#include "upstream_choice.hpp"

namespace {

using legacy::choose_upstreams;
using Numbers = std::vector<std::size_t>;

}  // namespace

TEST_CASE("the longest prefix says who is asked", "[legacy]") {
    const std::vector<legacy::Place> places = {{"/", 1}, {"/shop", 1}, {"/shop/cart", 1}};
    const std::vector<std::pair<std::string, std::size_t>> cases = {
        {"/", 0},         {"/news/1", 0},        {"/shop", 1},      {"/shop/", 1},
        {"/shopping", 0}, {"/shop/carts", 1},    {"/shop/cart", 2}, {"/shop/cart/7/", 2},
        {"/SHOP", 0},     {"/news/shop/cart", 0}};
    for (const auto& [path, number] : cases) {
        INFO(path);
        CHECK(choose_upstreams(places, path, 0) == Numbers{number});
    }
    CHECK(choose_upstreams({{"/shop", 1}}, "/news", 0).empty());
    CHECK(choose_upstreams({}, "/news", 0).empty());
}

TEST_CASE("those of one prefix share by weight, and each stands in for the others", "[legacy]") {
    const std::vector<legacy::Place> places = {{"/", 3}, {"/", 1}, {"/", 0}, {"/x", 5}};
    std::map<std::size_t, int> first;
    for (std::uint64_t ticket = 0; ticket < 400; ++ticket) {
        auto chosen = choose_upstreams(places, "/a", ticket);
        REQUIRE(chosen.size() == 2);
        CHECK(chosen[0] != chosen[1]);
        ++first[chosen[0]];
    }
    CHECK(first == std::map<std::size_t, int>{{0, 300}, {1, 100}});
    // A prefix of which nobody has a weight is as if it were not there.
    CHECK(choose_upstreams({{"/", 1}, {"/x", 0}}, "/x/1", 0) == Numbers{0});
}
