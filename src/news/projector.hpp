#pragma once

#include <string>

#include "article_store.hpp"
#include "bus/store_inbox.hpp"

namespace news {

/// Log → view: puts the events' effect into a slot, with its counts. An event that the view has
/// already changes nothing; one that does not follow is a breakdown.
void project(database::Transaction& transaction, Slot slot, const std::string& news_type,
             std::span<const bus::Event> events);

/// Keeps the active slot up to date.
class Projector final : public bus::Subscriber {
public:
    explicit Projector(std::string news_type) : news_type_(std::move(news_type)) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    std::string news_type_;
};

}  // namespace news
