#include "webhooks_service.hpp"

#include "base/problems.hpp"

namespace webhooks {

namespace {

/// A sentence, as what is said of a field in the middle of another.
std::string as_detail(std::string sentence) {
    if (sentence.starts_with("It")) sentence.front() = 'i';
    if (sentence.ends_with('.')) sentence.pop_back();
    return "cannot be used: " + sentence;
}

}  // namespace

base::Result<void> WebhooksService::check(const Settings& settings) const {
    auto problems = problems_of(settings, types_);
    auto url = guard_.read(settings.url);
    if (!url) problems.insert(problems.begin(), {"url", as_detail(url.error().message)});
    if (problems.empty()) return {};
    return base::invalid_input("invalid_webhook",
                               "The webhook cannot be taken: ", std::move(problems));
}

base::Task<WithKey> WebhooksService::create(SettingsChange settings, base::Command command) {
    auto made = changed(Settings(), std::move(settings));
    auto good = check(made);
    if (!good) co_return good.error();
    co_return co_await store_.create(std::move(made), std::move(command));
}

base::Task<Webhook> WebhooksService::change(WebhookId id, SettingsChange change,
                                            base::Command command) {
    WebhookStore::Check checked = [this](const Settings& before,
                                         const Settings& after) -> base::Result<void> {
        // Whatever has become of the rules, what is only disabled does no harm.
        auto disabled = before;
        disabled.enabled = false;
        if (after == disabled) return {};
        return check(after);
    };
    co_return co_await store_.change(id, std::move(change), std::move(checked), std::move(command));
}

}  // namespace webhooks
