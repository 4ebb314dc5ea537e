#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "evaluation.hpp"
#include "key_finder.hpp"
#include "staging_store.hpp"
#include "survey_service.hpp"

namespace django {

/// Looks at all staged rows of a model once for each expression, once for all of its fields, and
/// remembers a bounded number. What it is made of must outlive it.
class KeyFinderService final : public KeyFinder {
public:
    KeyFinderService(const StagingStore& staging, const Evaluation& evaluation, Passes& passes,
                     Survey& survey)
        : staging_(staging), evaluation_(evaluation), passes_(passes), survey_(survey) {}

    RowPointer find(const std::string& model, const std::string& name, const Expression& expression,
                    const std::string& text) override;
    const std::vector<Value>& common(const std::string& model, const std::string& field) override;

private:
    struct Keys {
        std::unordered_map<std::string, Value> by_text{};
        std::string after{};
        bool is_whole = false;
    };
    const Keys& keys_of(const std::string& model, const std::string& name,
                        const Expression& expression);

    const StagingStore& staging_;
    const Evaluation& evaluation_;
    Passes& passes_;
    Survey& survey_;
    std::map<std::string, Keys> keys_;
};

}  // namespace django
