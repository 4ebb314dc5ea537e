#pragma once

#include <string>
#include <vector>

#include "media/library.hpp"

namespace media {

/// An item as it is answered, with what its renditions' addresses need (empty: it is no picture).
struct ShownItem {
    const Item& item;
    std::string media_type;
    std::string hash{};
    bool for_authors = true;  ///< else without whose it is, and without how many drafts show it
};

std::string item_body(const ShownItem& shown);
/// `next`: where the list goes on; empty: nowhere.
std::string items_body(const std::vector<ShownItem>& items, const std::string& next);

}  // namespace media
