#include "damage_service.hpp"

#include "telemetry/log.hpp"

namespace news {

base::Error news_damaged(ArticleId id, const database::Failure& failure) {
    if (failure.kind() != database::FailureKind::inconsistent) throw failure;
    telemetry::log(telemetry::Level::error, "news",
                   "an item is not served: its events are not what was recorded",
                   {{"id", id}, {"error", failure.what()}});
    return {base::Reason::unavailable, "news_damaged",
            "What is stored of this news item is not what was recorded, so it is not shown. It is "
            "logged."};
}

}  // namespace news
