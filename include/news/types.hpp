#pragma once

#include <map>
#include <string>

#include "news/commands.hpp"
#include "news/headings.hpp"
#include "news/items.hpp"
#include "news/queries.hpp"

namespace news {

/// The two sides of one news type, wherever they run; items are those that are being written, too.
struct Type {
    Commands* commands = nullptr;
    const Queries* queries = nullptr;
    const Items* items = nullptr;
    const Headings* headings = nullptr;
};

/// All of them, by the word that names each.
using Types = std::map<std::string, Type>;

}  // namespace news
