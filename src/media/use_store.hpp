#pragma once

#include <span>
#include <string>

#include "bus/store_inbox.hpp"
#include "database/database.hpp"

namespace media {

/// Media hears the log of one news type: which items its articles show, and which of them readers
/// see. An article shows what stands in its content, as items_in() finds it, and its images.
class UseStore final : public bus::Subscriber {
public:
    explicit UseStore(std::string news_type) : news_type_(std::move(news_type)) {}

    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    void hear(database::Transaction& transaction, const bus::Event& event);

    const std::string news_type_;
};

}  // namespace media
