#include "receiver_service.hpp"

namespace django {

namespace {

using base::Result;

constexpr std::size_t vanished_named_max = 20;

void name(const std::string& one, const std::string& model, Receiver::Vanished& vanished) {
    ++vanished.count;
    ++vanished.models[model];
    if (vanished.examples.size() < vanished_named_max) vanished.examples.push_back(one);
}
void tally(const Taken& taken, Receiver::Vanished& vanished) {
    if (taken.kind == Taken::Kind::updated) ++vanished.unpublished;
    if (taken.kind == Taken::Kind::conflict) ++vanished.kept;
}

}  // namespace

Result<Receiver::Taking> WritingReceiver::prepare(const std::vector<Person>& people) {
    return Taking([this, &people] { return base::run(writer_.write_people(people)); });
}

Result<Receiver::Taking> WritingReceiver::prepare(const std::vector<Item>& items) {
    auto prepared = base::run(writer_.prepare_items(items));
    if (!prepared) return prepared.error();
    return Taking([this, prepared = std::move(*prepared)] {
        return base::run(writer_.write_items(prepared));
    });
}

Result<Receiver::Taking> WritingReceiver::prepare(const std::vector<Redirect>& redirects) {
    return Taking([this, &redirects] { return base::run(writer_.write_redirects(redirects)); });
}

Result<Receiver::Vanished> WritingReceiver::vanished(const std::vector<std::string>& models,
                                                     const Seen& seen) {
    Vanished vanished;
    for (const auto& [type, instance] : types_) {
        for (const auto& model : models) {
            auto done = look_for_vanished(type, model, seen, vanished);
            if (!done) return done.error();
        }
    }
    return vanished;
}

Result<void> WritingReceiver::look_for_vanished(const std::string& type, const std::string& model,
                                                const Seen& seen, Vanished& vanished) {
    std::string after;
    for (;;) {
        auto known = base::run(writer_.imported(type, model, after));
        if (!known) return known.error();
        if (known->empty()) return {};
        std::vector<std::string> ids;
        for (const auto& item : *known) ids.push_back(item.source_id);
        auto are_seen = seen(ids);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            // What was made here may not be there yet.
            if (are_seen[i] || (*known)[i].only_given) continue;
            name(ids[i], model, vanished);
            if (!unpublish_vanished_ || !(*known)[i].is_public) continue;
            auto done = base::run(writer_.withdraw(type, ids[i]));
            if (!done) return done.error();
            tally(*done, vanished);
        }
        after = ids.back();
    }
}

Result<Receiver::Vanished> WritingReceiver::vanished_people(const std::vector<std::string>& models,
                                                            const Seen& seen) {
    Vanished vanished;
    for (const auto& model : models) {
        std::string after;
        for (;;) {
            auto ids = base::run(writer_.imported_people(model, after));
            if (!ids) return ids.error();
            if (ids->empty()) break;
            auto are_seen = seen(*ids);
            for (std::size_t i = 0; i < ids->size(); ++i) {
                if (are_seen[i]) continue;
                name((*ids)[i], model, vanished);
                if (!unpublish_vanished_) continue;
                auto done = base::run(writer_.withdraw_person((*ids)[i]));
                if (!done) return done.error();
                tally(*done, vanished);
            }
            after = ids->back();
        }
    }
    return vanished;
}

Result<Receiver::Vanished> WritingReceiver::vanished_redirects(
    const std::vector<std::string>& models, const Seen& seen) {
    Vanished vanished;
    for (const auto& model : models) {
        std::string after;
        for (;;) {
            auto known = base::run(writer_.imported_redirects(model, after));
            if (!known) return known.error();
            if (known->empty()) break;
            std::vector<std::string> ids, gone;
            for (const auto& redirect : *known) ids.push_back(redirect.source);
            auto are_seen = seen(ids);
            for (std::size_t i = 0; i < ids.size(); ++i) {
                if (are_seen[i]) continue;
                name(ids[i] + " " + (*known)[i].from, model, vanished);
                gone.push_back((*known)[i].from);
            }
            after = known->back().from;
            if (!unpublish_vanished_ || gone.empty()) continue;
            auto removed = base::run(writer_.forget_redirects(std::move(gone)));
            if (!removed) return removed.error();
            vanished.unpublished += *removed;
        }
    }
    return vanished;
}

}  // namespace django
