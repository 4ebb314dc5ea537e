// Visits as events.
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_writer.hpp"
#include "news/events.hpp"

namespace news {

namespace {

constexpr const char* visit_type = "news_viewed.v1";

}  // namespace

bus::Event to_event(const NewsViewed& visit) {
    bus::Event event;
    event.type = visit_type;
    event.actor = visit.user_id;
    event.recorded_at = visit.at;
    base::JsonWriter json(event.body);
    json.open('{')
        .member("user_id", visit.user_id)
        .member("news_type", visit.news_type)
        .member("id", visit.id)
        .member("tags", visit.tags)
        .member("at", base::to_micros(visit.at))
        .close('}');
    return event;
}

NewsViewed visit_event(const bus::Event& event) {
    if (event.type != visit_type) throw std::runtime_error("an event that is no visit");
    try {
        auto body = nlohmann::json::parse(event.body);
        return {body.at("user_id").get<std::int64_t>(), body.at("news_type").get<std::string>(),
                body.at("id").get<ArticleId>(), body.at("tags").get<std::vector<std::string>>(),
                base::from_micros(body.at("at").get<std::int64_t>())};
    } catch (const nlohmann::json::exception& failure) {
        throw std::runtime_error("a visit cannot be read: " + std::string(failure.what()));
    }
}

}  // namespace news
