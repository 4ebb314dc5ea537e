#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "bus/log.hpp"
#include "bus/store_inbox.hpp"
#include "database/database.hpp"

namespace news {

/// The name of the projector's subscription in the query store.
inline constexpr const char* view_subscription = "view";

/// A view that is to be made anew. What it refers to outlives that.
struct ViewRebuild {
    database::Database& view;
    const bus::Feed& log;
    const base::Clock& clock;
    std::string news_type;
    std::int64_t batch;  ///< events in one transaction
    /// How long nothing may move, be it the projector or a store that does not come to a question.
    std::chrono::milliseconds stall_max;
    /// Called on the writer thread after the transaction that makes the new view the active one.
    std::function<void()> swapped;
};

/// Fills the slot that is not active from the whole log and makes it the active one in the very
/// transaction in which both have seen the same events. A crash leaves the old view as it was.
/// Gives the count of events. Refused with `view_stalled` when nothing has moved for `stall_max`.
base::Task<std::int64_t> rebuild_view(ViewRebuild rebuild,
                                      std::function<void(std::int64_t, std::int64_t)> progress);

/// The same for a view that is none of this log's history, while nobody keeps it up to date: when
/// all that the log has now is in, the other slot becomes the active one and the cursor goes there.
/// Refused with `view_stalled`, too.
base::Task<bus::Cursor> replace_view(ViewRebuild rebuild);

}  // namespace news
