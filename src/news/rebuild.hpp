#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "bus/log.hpp"
#include "bus/store_inbox.hpp"
#include "database/database.hpp"

namespace news {

/// The name of the projector's subscription in the query store.
inline constexpr const char* view_subscription = "view";

/// Fills the slot that is not active from the whole log and makes it the active one in the very
/// transaction in which both have seen the same events. A crash leaves the old view as it was.
/// `swapped` is called on the writer thread after that transaction. Gives the count of events.
/// Refused with `view_stalled` when the projector has not moved for `stall_max` and there is
/// nothing left to do but to wait for it.
base::Task<std::int64_t> rebuild_view(database::Database& view, const bus::Feed& log,
                                      std::string news_type, std::int64_t batch,
                                      std::chrono::milliseconds stall_max,
                                      std::function<void(std::int64_t, std::int64_t)> progress,
                                      std::function<void()> swapped);

/// The same for a view that is none of this log's history, while nobody keeps it up to date: when
/// all that the log has is in, the other slot becomes the active one and the cursor goes there.
base::Task<bus::Cursor> replace_view(database::Database& view, const bus::Feed& log,
                                     std::string news_type, std::int64_t batch,
                                     std::function<void()> swapped);

}  // namespace news
