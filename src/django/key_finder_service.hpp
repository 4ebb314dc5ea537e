#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "evaluation.hpp"
#include "key_finder.hpp"
#include "staging_store.hpp"

namespace django {

/// Looks at all staged rows of a model once and remembers a bounded number. What it is made of must
/// outlive it.
class KeyFinderService final : public KeyFinder {
public:
    KeyFinderService(const StagingStore& staging, const Evaluation& evaluation)
        : staging_(staging), evaluation_(evaluation) {}

    RowPointer find(const std::string& model, const std::string& name, const Expression& expression,
                    const std::string& text) override;
    const std::vector<Value>& common(const std::string& model, const std::string& field) override;

private:
    using Keys = std::unordered_map<std::string, Value>;
    const Keys& keys_of(const std::string& model, const std::string& name,
                        const Expression& expression);

    const StagingStore& staging_;
    const Evaluation& evaluation_;
    std::map<std::string, Keys> keys_;
    std::map<std::string, std::vector<Value>> common_;
};

}  // namespace django
