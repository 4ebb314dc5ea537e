#pragma once

#include <string>
#include <string_view>

#include "evaluation.hpp"

namespace django {

/// Makes HTML of what Wagtail and django CMS keep apart: rich text with keys of pages and pictures,
/// StreamFields, text plugins. One use, one thread.
class Blocks {
public:
    /// `rules` must outlive it.
    Blocks(const Evaluation& evaluation, const BlockRules& rules)
        : evaluation_(evaluation), rules_(rules) {}

    std::string rich_text(std::string_view html) const;
    std::string stream(const Value& blocks) const { return stream(blocks, 0); }
    std::string plugins(const PluginRules& rules, const Scope& scope) const;
    /// Where readers find a page of Wagtail: its `url_path` without the site's root page. Empty:
    /// there is none.
    std::string page_address(const Value& key) const;
    /// The file of a picture of Wagtail. Empty: there is none.
    std::string image_address(const Value& key) const;

private:
    std::string stream(const Value& blocks, int depth) const;
    std::string block(const BlockRule& rule, const Value& value, const std::string& type,
                      int depth) const;
    std::string members(const BlockRule& rule, const Value& value, int depth) const;
    std::string list(const BlockRule& rule, const Value& value) const;
    std::string figure(const BlockRule& rule, const Value& value) const;
    std::string quote(const BlockRule& rule, const Value& value) const;
    std::string link(const BlockRule& rule, const Value& value) const;
    std::string rows(const BlockRule& rule, const Value& value) const;
    std::string argument(const BlockRule& rule, std::size_t number, const Value& value) const;
    std::string picture(const Value& key, std::string alt, const std::string& caption) const;
    std::string file_of(const std::string& model, const Value& key) const;

    const Evaluation& evaluation_;
    const BlockRules& rules_;
};

}  // namespace django
