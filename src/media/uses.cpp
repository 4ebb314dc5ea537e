#include "uses.hpp"

#include "base/text.hpp"
#include "rules.hpp"

namespace media {

std::set<ItemId> items_in(std::string_view content) {
    constexpr std::string_view before = "/v1/media/";
    constexpr std::string_view digits = "0123456789";
    std::set<ItemId> items;
    for (auto at = content.find(before); at != content.npos && items.size() < uses_max;
         at = content.find(before, at)) {
        at += before.size();
        auto end = std::min(content.find_first_not_of(digits, at), content.size());
        auto id = base::parse_number(content.substr(at, end - at), id_max);
        if (id && *id > 0) items.insert(*id);
    }
    return items;
}

}  // namespace media
