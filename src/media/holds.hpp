#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "files.hpp"

namespace media {

/// Which bytes are held, and which are being removed: never both. Thread-safe; holds may outlive
/// it.
class Holds {
public:
    /// Null: they are being removed just now.
    Hold hold(const std::string& sha256) {
        std::lock_guard lock(state_->mutex);
        if (state_->removed.contains(sha256)) return nullptr;
        ++state_->count[sha256];
        auto release = [state = state_, sha256](const std::string* value) {
            {
                std::lock_guard unlock(state->mutex);
                if (--state->count[sha256] == 0) state->count.erase(sha256);
            }
            delete value;
        };
        return std::shared_ptr<const std::string>(new std::string(sha256), release);
    }

    /// As long as it is there nobody can hold the bytes. Null: somebody does, or removes them, too.
    std::shared_ptr<const void> removal(const std::string& sha256) {
        std::lock_guard lock(state_->mutex);
        if (state_->count.contains(sha256)) return nullptr;
        if (!state_->removed.insert(sha256).second) return nullptr;
        auto release = [state = state_, sha256](const std::string* value) {
            {
                std::lock_guard unlock(state->mutex);
                state->removed.erase(sha256);
            }
            delete value;
        };
        return std::shared_ptr<const std::string>(new std::string(sha256), release);
    }

private:
    struct State {
        std::mutex mutex;
        std::map<std::string, int> count;
        std::set<std::string> removed;
    };

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace media
