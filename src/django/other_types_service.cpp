// Articles of a site that were of another type at an earlier import.
#include "outcome.hpp"
#include "site_writer_service.hpp"

namespace django {

/// How the items of a group stand that were of another type at an earlier import.
base::Task<SiteWriter::Elsewhere> SiteWriter::look_elsewhere(const Group& group) {
    std::vector<std::string> source_ids;
    for (const auto& item : group.items) source_ids.push_back(*item.article->source_id);
    Elsewhere elsewhere;
    for (const auto& [type, instance] : neighbours_.types) {
        if (type == group.type) continue;
        auto& importer = instance->importer();
        std::function<base::Task<Before>()> ask = [this, &importer, &source_ids] {
            return importer.imported(source_ids, context());
        };
        auto there = co_await patiently(std::move(ask));
        if (!there) co_return there.error();
        elsewhere.emplace(type, std::move(*there));
    }
    co_return elsewhere;
}

/// What was taken back from readers does not come to them as an article of another type.
void SiteWriter::leave_out_killed(Group& group, Elsewhere& elsewhere, Outcomes& outcomes) {
    for (std::size_t i = group.items.size(); i-- > 0;) {
        const news::ImportedBefore* killed = nullptr;
        for (const auto& [type, there] : elsewhere) {
            if (there[i] && there[i]->killed) killed = &*there[i];
        }
        if (!killed) continue;
        auto& outcome = outcomes[group.places[i]];
        news::ImportOutcome conflict{news::ImportOutcome::Kind::conflict, killed->id,
                                     killed->version, "killed_here"};
        outcome = outcome_of(conflict, std::move(outcome.warnings));
        auto at = static_cast<std::ptrdiff_t>(i);
        group.items.erase(group.items.begin() + at);
        group.places.erase(group.places.begin() + at);
        for (auto& [type, there] : elsewhere) there.erase(there.begin() + at);
    }
}

/// What was of another type at an earlier import leads here from there.
base::Task<void> SiteWriter::leave_other_types(const Group& group, const Elsewhere& elsewhere,
                                               const Brought& brought) {
    for (const auto& [type, there] : elsewhere) {
        auto& importer = neighbours_.types.at(type)->importer();
        for (std::size_t i = 0; i < group.items.size(); ++i) {
            if (!there[i] || there[i]->removed) continue;
            news::MovedTo to{group.type, brought[i].id};
            const auto& source_id = *group.items[i].article->source_id;
            std::function<base::Task<news::ImportOutcome>()> move = [this, &importer, &source_id,
                                                                     to] {
                return importer.move_away(source_id, to, rules_.theirs, context());
            };
            auto moved = co_await patiently(std::move(move));
            if (!moved) co_return moved.error();
        }
    }
    co_return base::Result<void>();
}

}  // namespace django
