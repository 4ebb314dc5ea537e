#include "article_count.hpp"

namespace site {

namespace {

State state_of(news::Status status, bool has_time) {
    if (status == news::Status::removed) return State::removed;
    if (status == news::Status::published) return State::published;
    return has_time ? State::scheduled : State::draft;
}

/// One function for each kind of event: a new kind does not compile until it is told here.
struct After {
    std::optional<State> operator()(const news::ArticleCreated& created) const {
        return state_of(created.status, created.published_at.has_value());
    }
    std::optional<State> operator()(const news::ArticleRevised& revised) const {
        if (!revised.publication) return std::nullopt;
        return state_of(revised.publication->status, revised.publication->published_at.has_value());
    }
    std::optional<State> operator()(const news::ArticlePublished&) const {
        return State::published;
    }
    std::optional<State> operator()(const news::ArticleScheduled&) const {
        return State::scheduled;
    }
    std::optional<State> operator()(const news::ArticleUnpublished&) const { return State::draft; }
    std::optional<State> operator()(const news::ArticleRemoved&) const { return State::removed; }
    std::optional<State> operator()(const news::ArticleRestored& restored) const {
        return state_of(restored.status, restored.published_at.has_value());
    }
};

}  // namespace

std::string_view name_of(State state) {
    switch (state) {
        case State::draft:
            return "draft";
        case State::scheduled:
            return "scheduled";
        case State::published:
            return "published";
        case State::removed:
            return "removed";
    }
    return "draft";
}

std::optional<State> parse_state(std::string_view name) {
    for (auto state : {State::draft, State::scheduled, State::published, State::removed}) {
        if (name == name_of(state)) return state;
    }
    return std::nullopt;
}

std::optional<State> state_after(const news::Event& event) {
    return std::visit(After(), event);
}

std::int64_t& count_in(StateCounts& counts, State state) {
    switch (state) {
        case State::draft:
            return counts.draft;
        case State::scheduled:
            return counts.scheduled;
        case State::published:
            return counts.published;
        case State::removed:
            return counts.removed;
    }
    return counts.draft;
}

void add(StateCounts& to, const StateCounts& counts) {
    to.draft += counts.draft;
    to.scheduled += counts.scheduled;
    to.published += counts.published;
    to.removed += counts.removed;
}

}  // namespace site
