#include "upstream_choice.hpp"

#include <algorithm>

namespace legacy {

bool is_below(std::string_view prefix, std::string_view path) {
    if (prefix == "/") return true;
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::vector<std::size_t> choose_upstreams(const std::vector<Place>& places, std::string_view path,
                                          std::uint64_t ticket) {
    std::vector<std::size_t> chosen;
    std::string_view longest;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto& place = places[i];
        if (place.weight <= 0 || !is_below(place.prefix, path)) continue;
        if (place.prefix.size() < longest.size()) continue;
        if (place.prefix.size() > longest.size()) chosen.clear();
        longest = place.prefix;
        chosen.push_back(i);
    }
    std::uint64_t sum = 0;
    for (auto i : chosen) sum += static_cast<std::uint64_t>(places[i].weight);
    if (sum == 0) return chosen;
    auto turn = ticket % sum;
    auto whose = chosen.begin();
    while (turn >= static_cast<std::uint64_t>(places[*whose].weight)) {
        turn -= static_cast<std::uint64_t>(places[*whose].weight);
        ++whose;
    }
    std::rotate(chosen.begin(), whose, chosen.end());
    return chosen;
}

}  // namespace legacy
