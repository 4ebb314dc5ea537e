#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/timer.hpp"
#include "bus/topic.hpp"
#include "editing/desk.hpp"
#include "hub_service.hpp"
#include "news/types.hpp"
#include "teller.hpp"

namespace live {

/// What the newsroom is told: every step with every article, with the article as the newsroom lists
/// it when it is told. Whose it is says who hears of it. Thread-safe.
class NewsroomService final : public Teller {
public:
    /// `names`: the types, in order. What it is given outlives it.
    NewsroomService(std::vector<std::string> names, news::Types types);

    base::Task<Part> tell(std::size_t log, std::vector<bus::Event> events) override;
    /// Who has an article open; nothing: nobody is to hear of it.
    base::Task<std::optional<Entry>> tell_presence(editing::PresenceChanged changed);

private:
    const std::vector<std::string> names_;
    const news::Types types_;
};

/// Brings it to those who listen who comes to articles and goes.
class PresenceFeed {
public:
    using Ring = bus::Ring<editing::PresenceChanged>;

    /// What it is given outlives it.
    PresenceFeed(bus::Topic<editing::PresenceChanged>& changes, NewsroomService& teller, Hub& hub,
                 const host::Environment& environment);

    base::Task<void> hear();
    void stop();

private:
    NewsroomService& teller_;
    Hub& hub_;
    const base::Clock& clock_;
    const std::shared_ptr<Ring> ring_;
    base::Timer timer_;
    std::atomic<bool> stopping_{false};
};

}  // namespace live
