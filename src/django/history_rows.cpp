#include "history_rows.hpp"

#include <algorithm>

namespace django {

namespace {

Value field_of(const Scope& row, const char* name, const Evaluation& evaluation) {
    auto found = evaluation.follow(Path{{name}}, row, false);
    return found.empty() ? Value() : std::move(found.front().value);
}

/// What an old state kept of a row.
Value fields_of(const Scope& revision, const HistoryRule& rule, const Evaluation& evaluation) {
    if (rule.form == HistoryRule::Form::fields) return revision.row->fields;
    for (const auto& path : rule.contents) {
        if (!revision.row->fields.find(path.steps.front())) continue;
        auto found = evaluation.follow(path, revision, false);
        if (found.empty()) continue;
        // Reversion has a dump there, of one row.
        auto fields = evaluation.unfolded(found.front().value);
        if (fields.is_list() && !fields.items.empty()) fields = Value(fields.items.front());
        if (rule.form != HistoryRule::Form::serialized) return fields;
        const auto* inner = fields.find("fields");
        return inner ? Value(*inner) : Value();
    }
    return Value();
}

}  // namespace

RowPointer row_as_it_was(const Row& now, const Scope& revision, const HistoryRule& rule,
                         const Evaluation& evaluation) {
    auto fields = fields_of(revision, rule, evaluation);
    if (!fields.is_object()) return nullptr;
    auto past = std::make_shared<Row>(now);
    for (std::size_t i = 0; i < fields.names.size(); ++i) {
        past->fields.set(fields.names[i], fields.items[i]);
    }
    return past;
}

std::int64_t leave_drafts_out(std::vector<Scope>& revisions, const Scope& page,
                              const HistoryRule& rule, const Evaluation& evaluation) {
    if (!rule.has_drafts || !field_of(page, "live", evaluation).is_true()) return 0;
    auto count = std::ssize(revisions);
    auto key = field_of(page, "live_revision", evaluation);
    auto shown = std::find_if(revisions.begin(), revisions.end(), [&](const Scope& one) {
        return one.row && !key.is_null() && same(one.row->key, key);
    });
    // Of a Wagtail that does not say which of them is live, or has cleared it away.
    std::optional<base::Time> published;
    if (shown == revisions.end()) {
        published = evaluation.time(field_of(page, "last_published_at", evaluation));
    } else {
        revisions.erase(std::next(shown), revisions.end());
    }
    std::erase_if(revisions, [&](const Scope& one) {
        const auto* to_come = one.row ? one.row->fields.find("approved_go_live_at") : nullptr;
        if (to_come && !to_come->is_empty()) return true;
        auto at = published ? evaluation.time(rule.at, one) : std::nullopt;
        return at && *at > *published;
    });
    return count - std::ssize(revisions);
}

}  // namespace django
