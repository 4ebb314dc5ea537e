#include "news/public_change.hpp"

#include <algorithm>
#include <variant>

namespace news {

namespace {

/// What takes an article from those who saw it.
PublicChange taken_by(const Event& event) {
    auto by_status = [](Status status) {
        if (status == Status::removed) return PublicChange::removed;
        if (status == Status::killed) return PublicChange::killed;
        return PublicChange::unpublished;
    };
    if (std::holds_alternative<ArticleRemoved>(event)) return PublicChange::removed;
    if (std::holds_alternative<ArticleKilled>(event)) return PublicChange::killed;
    if (const auto* restored = std::get_if<ArticleRestored>(&event)) {
        return by_status(restored->status);
    }
    const auto* revised = std::get_if<ArticleRevised>(&event);
    if (revised && revised->publication) return by_status(revised->publication->status);
    return PublicChange::unpublished;
}

}  // namespace

std::string_view name_of(PublicChange change) {
    static constexpr std::array<std::string_view, public_changes.size()> words = {
        "published", "updated", "unpublished", "removed", "killed", "corrected"};
    return words[static_cast<std::size_t>(change)];
}

std::optional<PublicChange> parse_public_change(std::string_view word) {
    auto is_meant = [word](PublicChange change) { return name_of(change) == word; };
    const auto* found = std::find_if(public_changes.begin(), public_changes.end(), is_meant);
    if (found == public_changes.end()) return std::nullopt;
    return *found;
}

bool is_public_after(PublicChange change) {
    return change == PublicChange::published || change == PublicChange::updated ||
           change == PublicChange::corrected;
}

std::optional<PublicChange> public_change(bool was_public, const Event& event) {
    bool is_shown = public_after(event).value_or(was_public);
    if (!was_public && !is_shown) return std::nullopt;
    if (!was_public) return PublicChange::published;
    if (!is_shown) return taken_by(event);
    bool is_corrected = std::holds_alternative<ArticleCorrected>(event);
    return is_corrected ? PublicChange::corrected : PublicChange::updated;
}

}  // namespace news
