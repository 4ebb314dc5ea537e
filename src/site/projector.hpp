#pragma once

#include <string>

#include "bus/store_inbox.hpp"

namespace site {

/// What happens to the articles of one type → their counts.
class Projector final : public bus::Subscriber {
public:
    explicit Projector(std::string news_type) : news_type_(std::move(news_type)) {}
    void apply(database::Transaction& transaction, const bus::Event& event) override;

private:
    std::string news_type_;
};

}  // namespace site
