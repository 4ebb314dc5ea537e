#include "host/supervision.hpp"

namespace host {

void Supervision::down(const std::string& task, std::string lost) {
    std::lock_guard lock(mutex_);
    down_[task] = std::move(lost);
}

void Supervision::up(const std::string& task) {
    std::lock_guard lock(mutex_);
    down_.erase(task);
}

std::string Supervision::warning() const {
    std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [task, lost] : down_) {
        all += (all.empty() ? "" : "; ") + task + " broke and is begun again soon: " + lost;
    }
    return all;
}

}  // namespace host
