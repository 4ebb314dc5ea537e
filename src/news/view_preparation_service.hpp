#pragma once

#include <string>

#include "base/task.hpp"
#include "database/database.hpp"

namespace news {

/// A view and the log that it follows. What it refers to outlives its use.
struct ViewToPrepare {
    database::Database& view;
    database::Database& log;
    std::string news_type;
    bool author_lists;
};

/// Gives a view what this version keeps beside the articles: counts, names, the lists by author.
/// Where it has them it writes nothing. What cannot be made now is logged, and missing until the
/// next start. Gives whether the lists by author are as they are wanted.
base::Task<bool> prepare_view(ViewToPrepare wanted);

}  // namespace news
