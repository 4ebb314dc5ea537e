#pragma once

#include <string>

#include "article_store.hpp"
#include "bus/store_inbox.hpp"

namespace news {

/// Log → view: puts one event's effect into a slot. An event that the view has already changes
/// nothing; one that does not follow is a breakdown.
void project(database::Transaction& transaction, Slot slot, const std::string& news_type,
             const bus::Event& event);

/// Keeps the active slot up to date.
class Projector final : public bus::Subscriber {
public:
    explicit Projector(std::string news_type) : news_type_(std::move(news_type)) {}
    void apply(database::Transaction& transaction, const bus::Event& event) override;

private:
    std::string news_type_;
};

}  // namespace news
