#pragma once

#include <chrono>
#include <span>
#include <string>

#include "bus/store_inbox.hpp"

namespace editing {

/// Hears what happens to the articles of one type: what a user saves is no unsaved work of theirs
/// any more, an article that is removed has neither unsaved work nor links, and one that is killed
/// has no links.
class SavedArticles final : public bus::Subscriber {
public:
    SavedArticles(std::string news_type, std::chrono::hours links_life)
        : news_type_(std::move(news_type)), links_life_(links_life) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    const std::string news_type_;
    const std::chrono::hours links_life_;
};

/// Hears who is removed: nothing of theirs stays.
class RemovedUsers final : public bus::Subscriber {
public:
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;
};

}  // namespace editing
